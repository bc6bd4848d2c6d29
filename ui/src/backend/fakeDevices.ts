// Devices made up for the browser: `?devices=none`, `?devices=trouble`.

import type { DeviceRow, DevicesView, PortView, TestedView } from "./backend";
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

export function fakePorts(query: URLSearchParams): PortView[] {
  if (query.get("devices") === "none") return [];
  return [
    { id: "serial:0403:6001:A50285BI", path: "COM3", name: "Zebra DS2208", choice: "byItself", likely: true, here: true },
    { id: "serial:COM1", path: "COM1", name: "COM1", choice: "byItself", likely: false, here: true },
  ];
}

export function fakeTested(text: string, before: TestedView | null): TestedView {
  const good = /^1[0-6]\d{16}$/.test(text);
  return {
    serial: (before?.serial ?? 0) + 1,
    device: said("device.keyboard", "扫码枪（键盘）", "scanner (keyboard)"),
    characters: text.length,
    what: good
      ? said("S-20", "微信付款码，读得完整。没有收款", "A WeChat Pay code, read whole. Nothing was charged")
      : said("S-25", "读到了，但不是付款码", "Read, but it is no payment code"),
    good,
    method: good ? "wechatPay" : null,
  };
}
