// Every state of the counter that a query string can ask for.

import type { CounterView, MessageView, MethodView, StartTroubleView } from "./backend";
import { said } from "./fakeRecords";

export const DUE = "128.50";
const METHOD: MethodView = "wechatPay";

/** What the till says of a payment without a result (`crates/app/src/words/desk.rs`). */
const DOUBT = {
  querying: said("W-20", "结果未确认，柜台正在自动查询。顾客请勿重复付款", "Not confirmed; the till is asking the provider. The customer should not pay again"),
  reversing: said(
    "W-22",
    "已请平台撤销，还没有确认。平台确认前不要放货，也不要说钱已退回",
    "The provider has been asked to take it back and has not confirmed yet. Until it does, hand nothing out and do not say that the money is back",
  ),
  waitingForLine: said("W-23", "网络断开，恢复后自动查询。请勿重复收款", "No network; the till asks as soon as it is back. Do not charge again"),
  unresolved: said("W-24", "平台期限内没有结果。请店长到商户平台查清后在这里处理", "No result within the provider's time. A manager should look at the provider's pages and settle it here"),
  paidLate: said("W-25", "平台已收款，但当时收银员没有等到结果。请选择入账或退回", "The provider has the money, but nobody waited for it any more. Book it or give it back"),
};

export const STATES: Record<string, CounterView> = {
  idle: { state: "idle" },
  entering: { state: "entering", text: "128.5" },
  confirming: { state: "confirming", due: "12880.00", words: "壹万贰仟捌佰捌拾元整" },
  armed: { state: "armed", due: DUE },
  cash: { state: "cash", due: DUE, given: "", change: null },
  cashGiven: { state: "cash", due: DUE, given: "150", change: "21.50" },
  charging: { state: "charging", due: DUE, method: METHOD, elapsedMs: 2300 },
  awaitingPayer: { state: "awaitingPayer", due: DUE, method: METHOD, remainingMs: 38_000, reverseInMs: 9000 },
  captured: { state: "captured", due: DUE, method: METHOD, sale: "S24", receiptNo: "01-0042", given: null, change: null },
  capturedCash: { state: "captured", due: DUE, method: "cash", sale: "S24", receiptNo: "01-0042", given: "150.00", change: "21.50" },
  declined: {
    state: "declined",
    due: DUE,
    method: METHOD,
    message: said("W-12", "余额不足，没有收款。请顾客换一种支付方式，再扫一次", "Balance too low, nothing was charged. Ask the customer to pay another way and scan again"),
  },
  inDoubt: { state: "inDoubt", due: DUE, method: METHOD, elapsedMs: 21_000, doing: "querying", message: DOUBT.querying, nextInMs: 4000, windowLeftMs: 39_000, reverseInMs: 0, confirming: false },
  inDoubtEarly: { state: "inDoubt", due: DUE, method: METHOD, elapsedMs: 6000, doing: "querying", message: DOUBT.querying, nextInMs: 0, windowLeftMs: 54_000, reverseInMs: 9000, confirming: false },
  reversing: { state: "inDoubt", due: DUE, method: METHOD, elapsedMs: 33_000, doing: "reversing", message: DOUBT.reversing, nextInMs: 0, windowLeftMs: null, reverseInMs: 0, confirming: false },
  unresolved: { state: "inDoubt", due: DUE, method: METHOD, elapsedMs: 190_000, doing: "unresolved", message: DOUBT.unresolved, nextInMs: 0, windowLeftMs: null, reverseInMs: null, confirming: false },
  doubtOffline: { state: "inDoubt", due: DUE, method: METHOD, elapsedMs: 12_000, doing: "waitingForLine", message: DOUBT.waitingForLine, nextInMs: 0, windowLeftMs: 48_000, reverseInMs: 3000, confirming: false },
  confirmReverse: { state: "inDoubt", due: DUE, method: METHOD, elapsedMs: 21_000, doing: "querying", message: DOUBT.querying, nextInMs: 4000, windowLeftMs: 39_000, reverseInMs: 0, confirming: true },
  paidLate: { state: "inDoubt", due: DUE, method: METHOD, elapsedMs: 190_000, doing: "paidLate", message: DOUBT.paidLate, nextInMs: 0, windowLeftMs: null, reverseInMs: null, confirming: false },
  reversed: { state: "reversed", due: DUE, method: METHOD },
};

/** Why no code can be charged, where `?offline` or `?bare` says so. */
export function noCodesOf(query: URLSearchParams): MessageView | null {
  if (query.has("bare")) return said("K-89", "还没有支付设置，只能收现金（F7）", "No provider is set up: cash only (F7)");
  if (query.has("offline")) return said("O-03", "网络不通，扫码收款暂停；现金可收（F7）", "No network: no codes for now. Cash goes on (F7)");
  return null;
}

/** `?alarms=clock,disk,moved`: what is wrong with the till itself. */
export function alarmsOf(query: URLSearchParams): MessageView[] {
  return (query.get("alarms") ?? "").split(",").flatMap((name) => ALARMS[name] ?? []);
}

/** `?trouble=damaged|running|lost`: a till that does not start. */
export function startTroubleOf(query: URLSearchParams): StartTroubleView | null {
  switch (query.get("trouble")) {
    case "damaged":
      return {
        message: said("D-04", "数据文件已损坏，请停止使用并联系支持（row 17 of sale）", "The data file is damaged; stop using it and call support (row 17 of sale)"),
        offer: {
          found: said("D-60", "可以恢复 1284 条记录，到 2026-11-21 14:31:05 为止（其中 212 条从损坏的文件里找回）", "1284 entries can be restored, up to 2026-11-21 14:31:05 (212 of them from the damaged file)"),
          lacks: said("D-62", "缺 3 条记录（2026-11-21 14:31:05 到 2026-11-21 14:32:40），找不回来。恢复后请核对支付平台这段时间的账单", "3 entries are lost (2026-11-21 14:31:05 to 2026-11-21 14:32:40). Check the provider's bill for that time afterwards"),
        },
        noOffer: null,
      };
    case "lost":
      return {
        message: said("D-27", "这台收银机的数据文件不见了，没有新建。可以从备份恢复；确实要重新开始，请用 guitaictl init", "This till's data file is gone, and no new one was made. It can be restored from a backup; to begin anew on purpose, run guitaictl init"),
        offer: null,
        noOffer: said("D-34", "没有可用的备份，损坏的文件里也读不出记录。文件未改动，请联系支持", "There is no backup that is whole, and nothing can be read in the damaged file. Nothing was changed; call support"),
      };
    case "running":
      return { message: said("D-20", "柜台已经在运行，请切换到已打开的窗口", "Guitai is running already; switch to the open window"), offer: null, noOffer: null };
    default:
      return null;
  }
}

const ALARMS: Record<string, MessageView> = {
  clock: said(
    "T-01",
    "电脑时钟比柜台快了3 小时，营业日和账目按柜台自己的时间。请校准电脑时间，或由店长确认",
    "The computer's clock is 3 h ahead; the till goes by its own time. Set the clock, or let a manager confirm it",
  ),
  disk: said(
    "D-41",
    "磁盘空间不足 500 MB，为保证记账已停止扫码收款。可收现金（F7），请马上清理磁盘",
    "Less than 500 MB of disk space left: codes are not charged, so that all stays recorded. Take cash (F7) and free space",
  ),
  moved: said("D-22", "账本是从另一台电脑搬来的，从现在起用新的编号", "The records were moved here from another computer; numbers begin anew"),
};
