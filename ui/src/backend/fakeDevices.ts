// Devices made up for the browser: `?devices=none`, `?devices=trouble`.

import type { DeviceRow, DevicesView } from "./backend";
import { said } from "./fakeRecords";

const ROWS: DeviceRow[] = [
  {
    id: "serial:0403:6001:A50285BI",
    kind: "serial",
    name: "Zebra DS2208",
    level: "good",
    message: said("H-10", "串口扫码枪 Zebra DS2208，已就绪", "The serial scanner Zebra DS2208 is ready"),
  },
  {
    id: "hid:0c2e:0b61:usb-1.3",
    kind: "hid",
    name: "Honeywell 1900",
    level: "warning",
    message: said(
      "H-11",
      "HID 扫码枪 Honeywell 1900 已断开。请插好数据线，插上后自动恢复",
      "The HID scanner Honeywell 1900 is gone. Plug it in again; it is taken up by itself",
    ),
  },
];

export function fakeDevices(query: URLSearchParams): DevicesView {
  const asked = query.get("devices");
  const rows = asked === "none" ? [] : asked === "trouble" ? ROWS : ROWS.slice(0, 1);
  return { testing: false, rows, tested: null, read: null };
}
