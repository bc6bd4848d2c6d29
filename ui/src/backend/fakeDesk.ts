// The made-up till's desk: one payment of every kind, and what becomes of each.

import { CommandError, type DeskAct, type DeskActView, type DeskRow, type DeskView, type Doing, type MessageView } from "./backend";
import { fakeSale, said } from "./fakeRecords";

const W = {
  querying: said("W-20", "结果未确认，柜台正在自动查询。顾客请勿重复付款", "Not confirmed; the till is asking the provider. The customer should not pay again"),
  awaitingPayer: said("W-21", "等待顾客输入密码，超时会自动撤销", "Waiting for the customer's password; it is taken back when the time is over"),
  reversing: said("W-22", "正在撤销，平台确认后才算结束。顾客未付款或会收到退款", "Being taken back; not over until the provider confirms. The customer has not paid or gets the money back"),
  waitingForLine: said("W-23", "网络断开，恢复后自动查询。请勿重复收款", "No network; the till asks as soon as it is back. Do not charge again"),
  unresolved: said("W-24", "平台期限内没有结果。请店长到商户平台查清后在这里处理", "No result within the provider's time. A manager should look at the provider's pages and settle it here"),
  paidLate: said("W-25", "平台已收款，但当时收银员没有等到结果。请选择入账或退回", "The provider has the money, but nobody waited for it any more. Book it or give it back"),
  contradicted: said("W-26", "平台的结果（已撤销）与本机记录不一致。请店长到商户平台查清并记录处理结果", "The provider's word (reversed) differs from the till's record. A manager should look and note what was done"),
} satisfies Record<Doing, MessageView>;

const TOO_LATE = said("W-06", "已超过平台的撤销期限，只能到商户平台退款", "The provider's time for reversals is over; only a refund on its own pages returns the money");
const PROVIDER_FIRST = said("W-07", "平台还没有答复，现在不能人工处理。柜台会继续查询", "The provider has not answered yet; the till goes on asking before anybody settles it by hand");
const OFFLINE = said("O-04", "网络不通，暂时查不到结果；恢复后自动查询", "No network: the result cannot be asked for now. The till asks by itself when it is back");

const can = (act: DeskAct, why: MessageView | null = null): DeskActView => ({ act, enabled: true, why });
const cannot = (act: DeskAct, why: MessageView): DeskActView => ({ act, enabled: false, why });

const settle = [cannot("settleUnpaid", PROVIDER_FIRST), cannot("settlePaid", PROVIDER_FIRST)];

interface Kind {
  amount: string;
  doing: Doing;
  elapsedMs: number;
  nextInMs: number | null;
  windowLeftMs: number | null;
  acts: DeskActView[];
}

const KINDS: Kind[] = [
  { amount: "128.50", doing: "paidLate", elapsedMs: 260_000, nextInMs: null, windowLeftMs: 40_000_000, acts: [can("book"), can("giveBack"), can("askNow")] },
  { amount: "35.80", doing: "querying", elapsedMs: 41_000, nextInMs: 5000, windowLeftMs: 19_000, acts: [can("askNow"), can("takeBack"), can("takeUp"), ...settle] },
  { amount: "268.00", doing: "reversing", elapsedMs: 75_000, nextInMs: 10_000, windowLeftMs: 604_000_000, acts: [can("askNow"), ...settle] },
  { amount: "1280.00", doing: "unresolved", elapsedMs: 93_000_000, nextInMs: null, windowLeftMs: null, acts: [can("settleUnpaid"), can("settlePaid"), can("askNow")] },
  { amount: "19.90", doing: "paidLate", elapsedMs: 700_000_000, nextInMs: null, windowLeftMs: 0, acts: [can("book"), can("refunded", TOO_LATE)] },
  { amount: "6.00", doing: "contradicted", elapsedMs: 5_400_000, nextInMs: null, windowLeftMs: null, acts: [can("review"), can("askNow")] },
];

const OFFLINE_KIND: Kind = {
  amount: "45.60",
  doing: "waitingForLine",
  elapsedMs: 22_000,
  nextInMs: null,
  windowLeftMs: 38_000,
  acts: [cannot("askNow", OFFLINE), can("takeBack"), can("takeUp"), ...settle],
};

export class FakeDesk {
  #rows: DeskRow[];
  #pin: string | null;

  constructor(query: URLSearchParams) {
    const kinds = query.has("offline") ? [OFFLINE_KIND, ...KINDS] : KINDS;
    this.#rows = query.get("desk") === "none" ? [] : kinds.map(rowOf);
    this.#pin = query.get("pin") === "no" ? null : "736401";
  }

  get count(): number {
    return this.#rows.length;
  }

  view(online: boolean): DeskView {
    return { rows: this.#rows, online, hasPin: this.#pin !== null };
  }

  act(payment: string, act: DeskAct): void {
    if (act === "askNow") return;
    if (act === "takeBack" || act === "giveBack") return this.#turn(payment, "reversing", [can("askNow"), ...settle]);
    this.#rows = this.#rows.filter((row) => row.payment !== payment);
  }

  settle(payment: string, reason: string, pin: string): void {
    this.check(pin);
    if ([...reason.trim()].length < 4) throw new CommandError(said("M-02", "请写明原因，4 到 200 个字", "Give a reason of 4 to 200 characters"));
    this.#rows = this.#rows.filter((row) => row.payment !== payment);
  }

  check(pin: string): void {
    if (this.#pin === null) throw new CommandError(said("M-05", "还没有设置店长密码，请先到“设置”里设置", "No manager's PIN is set; set one in Settings first"));
    if (pin !== this.#pin) throw new CommandError(said("M-03", "店长密码不对", "That is not the manager's PIN"));
  }

  setPin(old: string | null, wanted: string): void {
    if (this.#pin !== null) this.check(old ?? "");
    if (!/^\d{6,12}$/.test(wanted) || /^(\d)\1+$/.test(wanted) || "01234567890 09876543210".includes(wanted)) {
      throw new CommandError(said("M-06", "店长密码应为 6 到 12 位数字，不能是同一个数字或连号", "A manager's PIN is 6 to 12 digits, not all the same and not in a row"));
    }
    this.#pin = wanted;
  }

  #turn(payment: string, doing: Doing, acts: DeskActView[]): void {
    this.#rows = this.#rows.map((row) => (row.payment === payment ? { ...row, doing, message: W[doing], acts, nextInMs: 0 } : row));
  }
}

function rowOf(kind: Kind, index: number): DeskRow {
  const sale = fakeSale(index % 2 === 0 ? "S37" : "S28");
  return {
    payment: `G1A0100${String(212 + index * 7)}Q8ZK4`,
    sale: sale.row.sale,
    method: index % 2 === 0 ? "wechatPay" : "alipay",
    lastDigits: sale.row.lastDigits ?? "",
    time: `${sale.row.businessDate} ${sale.row.time}`,
    message: W[kind.doing],
    timeline: sale.timeline,
    ...kind,
  };
}
