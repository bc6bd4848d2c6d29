// What the strip says in each state of the counter: what is so, what to do, and how long it still takes.

import type { CounterView, Doing, TillView } from "../../backend";
import { i18n } from "../../i18n/index.svelte";
import { till } from "../../till/till.svelte";

export interface Said {
  title: string;
  more: string;
  timer?: string | undefined;
}

type InDoubt = Extract<CounterView, { state: "inDoubt" }>;

export function stripOf(view: TillView): Said {
  const { counter, noCodes } = view;
  const words = i18n.words;
  const said = (more: string): Said => ({ title: words.state[counter.state], more });
  switch (counter.state) {
    case "idle":
    case "entering":
      return said(noCodes === null ? words.cashier.leadMore : words.cashier.leadCash);
    case "confirming":
      return said(words.cashier.confirmMore);
    case "armed":
      return noCodes === null ? said(words.cashier.armedMore) : { title: words.cashier.cashOnly, more: words.cashier.cashOnlyMore };
    case "cash":
      return said(counter.given === "" ? words.cashier.exact : counter.change === null ? words.cashier.stillMissing : words.cashier.enough);
    case "charging": {
      // A payment that takes no time to speak of needs no clock.
      const gone = till.secondsGone(counter.elapsedMs);
      return { ...said(words.cashier.chargingMore), timer: gone >= 2 ? words.seconds(gone) : undefined };
    }
    case "awaitingPayer":
      return { ...said(words.cashier.awaitingMore), timer: words.seconds(till.secondsLeft(counter.remainingMs)) };
    case "captured":
      return said(`${words.method[counter.method]}　${words.cashier.receipt(counter.receiptNo)}`);
    case "declined":
      return said(words.cashier.declinedMore);
    case "inDoubt":
      return doubtOf(counter);
    case "reversed":
      return said(words.cashier.reversedMore);
  }
}

function doubtOf(counter: InDoubt): Said {
  const words = i18n.words;
  if (counter.confirming) return { title: words.doubt.confirm, more: words.doubt.confirmMore };
  const what = `${words.money(counter.due)} ${words.method[counter.method]}`;
  if (counter.doing === "paidLate") return { title: words.doubt.titles.paidLate, more: `${what}　${words.doubt.paidLateMore}` };
  const left = counter.windowLeftMs === null ? null : till.secondsLeft(counter.windowLeftMs);
  const atMost = left === null ? "" : words.doing.atMost(left);
  return {
    title: words.doubt.titles[counter.doing],
    more: `${what}　${doingWords(counter.doing, till.secondsLeft(counter.nextInMs))}${atMost}`,
    timer: words.seconds(till.secondsGone(counter.elapsedMs)),
  };
}

/** What is being done, and when next: `next` in seconds, 0 while it is being done, none where nothing is planned. */
export function doingWords(doing: Doing, next: number | null): string {
  const words = i18n.words.doing;
  switch (doing) {
    case "querying":
      return next === null || next === 0 ? words.querying : words.nextQuery(next);
    case "reversing":
      return next === null || next === 0 ? words.reversing : words.nextReverse(next);
    case "awaitingPayer":
    case "waitingForLine":
    case "unresolved":
    case "paidLate":
    case "contradicted":
      return words[doing];
  }
}
