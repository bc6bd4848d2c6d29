import { expect, test } from "vitest";
import type { CounterView, NoticeView, TillView } from "../backend";
import { cueOf, type Cue } from "./cues";

const IDLE: CounterView = { state: "idle" };
const CAPTURED: CounterView = { state: "captured", due: "1.00", method: "alipay", sale: "s", receiptNo: "1", given: null, change: null };

function till(counter: CounterView, notice: Partial<NoticeView> | null = null, online = true): TillView {
  const message = { code: "K-01", zh: "", en: "" };
  return {
    shopName: "",
    tillName: "",
    training: false,
    language: "en",
    zone: "Asia/Shanghai",
    online,
    providerReady: true,
    inDoubt: 0,
    alarms: [],
    camera: "off",
    noCodes: null,
    counter,
    notice: notice && { serial: 1, refusal: true, message, ...notice },
    devices: { testing: false, rows: [], tested: null, read: null },
  };
}

const CASES: [name: string, before: TillView | null, after: TillView, cue: Cue | null][] = [
  ["the first look at the till is silent", null, till(CAPTURED, {}), null],
  ["a paid sale", till({ state: "armed", due: "1.00" }), till(CAPTURED), "success"],
  ["the same result told twice is heard once", till(CAPTURED), till(CAPTURED), null],
  ["a declined payment", till({ state: "armed", due: "1.00" }), till({ state: "declined", due: "1.00", method: "alipay", message: { code: "", zh: "", en: "" } }), "failed"],
  ["a refused key", till(IDLE), till(IDLE, {}), "refusal"],
  ["the same refusal again", till(IDLE, { serial: 1 }), till(IDLE, { serial: 2 }), "refusal"],
  ["a refusal that was heard already", till(IDLE, { serial: 2 }), till(IDLE, { serial: 2 }), null],
  ["a word that refuses nothing", till(IDLE), till(IDLE, { refusal: false }), "tick"],
  ["a result is louder than a word", till(IDLE), till(CAPTURED, {}), "success"],
  ["the network goes", till(IDLE), till(IDLE, null, false), "note"],
  ["the network comes back", till(IDLE, null, false), till(IDLE), null],
];

test.each(CASES)("%s", (_name, before, after, cue) => {
  expect(cueOf(before, after)).toBe(cue);
});
