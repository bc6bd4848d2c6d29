// The made-up till's records: a morning in a small shop.

import type {
  DetailView,
  HealthView,
  HistoryFilter,
  HistoryView,
  MessageView,
  MethodView,
  ReportView,
  SaleRow,
  SaleStateView,
  SaleView,
  SettingsView,
  WalletView,
} from "./backend";

const TODAY = "2026-11-21";

export function said(code: string, zh: string, en: string): MessageView {
  return { code, zh, en };
}

const METHODS: MethodView[] = ["wechatPay", "wechatPay", "alipay", "cash", "wechatPay", "unionPay", "alipay"];
const AMOUNTS = ["128.50", "6.00", "35.80", "12.50", "268.00", "3.50", "19.90", "88.00", "45.60", "1280.00"];

const ROWS: SaleRow[] = Array.from({ length: 42 }, (_, index) => {
  const back = 41 - index;
  const method = METHODS[index % METHODS.length]!;
  const state: SaleStateView = index === 4 || index === 13 ? "inDoubt" : index === 9 ? "voided" : "completed";
  const hour = String(8 + Math.floor(back / 6)).padStart(2, "0");
  const minute = String((back * 7) % 60).padStart(2, "0");
  return {
    sale: `S${back}`,
    receiptNo: state === "completed" ? `01-${String(back + 1).padStart(4, "0")}` : null,
    businessDate: TODAY,
    time: `${hour}:${minute}:${String((back * 13) % 60).padStart(2, "0")}`,
    amount: AMOUNTS[index % AMOUNTS.length]!,
    method,
    state,
    lastDigits: method === "cash" ? null : String(1000 + ((index * 3779) % 9000)),
  };
});

export function fakeHistory(filter: HistoryFilter, empty: boolean): HistoryView {
  const rows = ROWS.filter(
    (row) =>
      !empty &&
      (filter.method === null || row.method === filter.method) &&
      (filter.state === null || row.state === filter.state) &&
      (filter.amount === null || row.amount.startsWith(filter.amount)) &&
      (filter.lastDigits === null || [row.lastDigits, row.receiptNo].some((digits) => digits?.endsWith(filter.lastDigits!))),
  );
  return { from: filter.from ?? TODAY, to: filter.to ?? TODAY, rows, page: filter.page, count: rows.length, total: empty ? "0.00" : "3276.40" };
}

function detail(name: string, value: string, words: MessageView | null = null): DetailView {
  return { name, value, said: words };
}

export function fakeSale(id: string): SaleView {
  const row = ROWS.find((each) => each.sale === id) ?? ROWS[0]!;
  const at = (ms: string) => `${row.businessDate} ${row.time}.${ms}`;
  return {
    row,
    providerRef: row.state === "completed" && row.method !== "cash" ? "4200002419202611218457120391" : null,
    timeline: [
      { seq: 211, time: at("041"), title: said("", "开单", "Sale opened"), details: [detail("due", row.amount)], hash: "9f31c2" },
      {
        seq: 212,
        time: at("688"),
        title: said("", "发出收款请求", "Payment sent"),
        details: [
          detail("payment", "G1A01000212"),
          detail("code", `***${row.lastDigits ?? ""}`),
          detail("device", "serial:Zebra DS2208", said("device.serial", "串口扫码枪 Zebra DS2208", "serial scanner Zebra DS2208")),
        ],
        hash: "02be7d",
      },
      {
        seq: 213,
        time: at("903"),
        title: row.state === "inDoubt" ? said("", "没有回答，结果未确认", "No answer, not confirmed") : said("", "收款成功", "Captured"),
        details: [detail("answer", row.state === "inDoubt" ? "timeout" : "SUCCESS")],
        hash: "c77a10",
      },
    ],
    slip: row.state === "completed" ? slipOf(row) : [],
    reprints: 1,
  };
}

function slipOf(row: SaleRow): string[] {
  const spread = (left: string, right: string) => {
    const width = (text: string) => [...text].reduce((sum, char) => sum + (char > "\u2e80" ? 2 : 1), 0);
    return left + " ".repeat(Math.max(1, 32 - width(left) - width(right))) + right;
  };
  return [
    "        晨光便利店",
    "        ** 培训 **",
    "--------------------------------",
    spread("单号", row.receiptNo ?? ""),
    spread("收银台", "1号台"),
    spread("时间", `${row.businessDate} ${row.time}`),
    "--------------------------------",
    spread("应收", row.amount),
    spread("微信支付", row.amount),
    spread("付款码尾号", row.lastDigits ?? ""),
    "--------------------------------",
    "            谢谢惠顾",
    "        ** 培训 **",
  ];
}

export function fakeReport(date: string | null, empty: boolean): ReportView {
  const heights = [0, 0, 0, 0, 310, 720, 540, 380, 1000, 860, 420, 300, 390, 610, 930, 700, 340, 120, 40, 0, 0, 0, 0, 0];
  const none = "0.00";
  return {
    businessDate: date ?? TODAY,
    cutoff: "04:00",
    salesCount: empty ? 0 : 186,
    salesTotal: empty ? none : "8432.60",
    refundsCount: empty ? 0 : 2,
    refundsTotal: empty ? none : "64.00",
    netTotal: empty ? none : "8368.60",
    average: empty ? none : "44.99",
    inDoubtCount: empty ? 0 : 1,
    inDoubtTotal: empty ? none : "268.00",
    late: {
      bookedCount: empty ? 0 : 1,
      bookedTotal: empty ? none : "35.80",
      returnedCount: empty ? 0 : 1,
      returnedTotal: empty ? none : "64.00",
      undecidedCount: empty ? 0 : 1,
      undecidedTotal: empty ? none : "128.50",
    },
    settledCount: empty ? 0 : 1,
    settledTotal: empty ? none : "12.00",
    byMethod: empty
      ? [{ method: "cash", count: 0, total: none, sharePermille: 0 }]
      : [
          { method: "cash", count: 21, total: "702.30", sharePermille: 83 },
          { method: "wechatPay", count: 112, total: "5218.40", sharePermille: 619 },
          { method: "alipay", count: 47, total: "2304.90", sharePermille: 273 },
          { method: "unionPay", count: 6, total: "207.00", sharePermille: 25 },
        ],
    byHour: heights.map((height, index) => ({
      hour: (index + 4) % 24,
      count: empty ? 0 : Math.floor(height / 40),
      total: empty ? none : `${Math.floor(height * 1.1)}.50`,
      heightPermille: empty ? 0 : height,
    })),
    chainHead: "c77a10f2e4b9",
  };
}

export function fakeSettings(): SettingsView {
  return {
    language: "zh-CN",
    shopName: "晨光便利店",
    tillName: "1号台",
    confirmAbove: "1000.00",
    scannerGapMs: 35,
    cameraOn: false,
    camera: "auto",
    zone: "Asia/Shanghai",
    cutoff: "04:00",
    provider: { kind: "wechat-pay-v3", merchant: "1900****09", app: "wx88****f2", secretsIn: "system keyring" },
    training: true,
    tillId: "01",
    version: "0.1.0",
    dataFolder: "/home/shop/.local/share/guitai",
  };
}

export function fakeHealth(): HealthView {
  return {
    checks: [
      { name: "network", level: "good", message: said("H-01", "网络正常", "The network is up") },
      { name: "provider", level: "good", message: said("H-02", "支付已设置（wechat_pay_v3）", "Set up: wechat_pay_v3") },
      { name: "clock", level: "warning", message: said("H-03", "本机时钟比平台快 72.4 秒，超过 300 秒将无法收款。请在系统设置里打开自动对时", "The clock is 72.4 s ahead of the provider's; above 300 s no payment works. Turn on automatic time in the system's settings") },
      { name: "disk", level: "bad", message: said("D-41", "磁盘空间不足 500 MB，为保证记账已停止扫码收款。可收现金（F7），请马上清理磁盘", "Less than 500 MB of disk space left: codes are not charged, so that all stays recorded. Take cash (F7) and free space") },
      { name: "database", level: "good", message: said("H-04", "数据文件完好", "The database is sound") },
      { name: "journal", level: "good", message: said("H-05", "账本 213 条，链完整", "The journal's chain is whole: 213 entries") },
      { name: "backup", level: "warning", message: said("H-08", "上次核对过的备份在 3 天前，其后有 184 条记录；下一次马上就做。请让柜台开着，它会自己备份", "The last proven backup is 3 days old and lacks 184 entries; the next is about to be made. Leave the till running: it makes one by itself") },
      { name: "witness", level: "good", message: said("H-09", "防篡改记录与账本相符，到第 213 条", "The tamper record agrees with the journal up to entry 213") },
      { name: "inDoubt", level: "warning", message: said("H-06", "1 笔付款未确认，正在自动查询（F9）", "1 payments are in doubt and being asked about (F9)") },
      { name: "version", level: "good", message: said("H-00", "柜台 0.1.0", "Guitai 0.1.0") },
    ],
  };
}

export function fakeWallet(): WalletView {
  return {
    qrSvg: squares(25, 25, 10),
    code128Svg: squares(90, 1, 40),
    digits: "1345 6789 0123 4567 89",
    secondsLeft: 43,
    balance: "500.00",
    passwordFrom: "200.00",
    behaviour: "pays",
    trouble: "none",
    asking: null,
    lastPayments: [
      { amount: "12.50", state: "paid" },
      { amount: "268.00", state: "returned" },
      { amount: "6.00", state: "refused" },
    ],
    phoneUrl: null,
    phoneQrSvg: null,
  };
}

/** A picture that looks like a code and says nothing. */
function squares(columns: number, rows: number, height: number): string {
  let marks = "";
  for (let index = 0; index < columns * rows; index += 1) {
    if ((index * 7919 + (index >> 3) * 104729) % 13 < 6) {
      marks += `<rect x="${index % columns}" y="${Math.floor(index / columns) * height}" width="1" height="${rows === 1 ? height : 1}"/>`;
    }
  }
  const tall = rows === 1 ? height : rows;
  if (rows > 1) marks = marks.replaceAll(/y="(\d+)"/g, (_, y: string) => `y="${Number(y) / height}"`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 ${columns + 2} ${tall + 2}" preserveAspectRatio="none"><rect x="-1" y="-1" width="100%" height="100%" fill="#fff"/>${marks}</svg>`;
}
