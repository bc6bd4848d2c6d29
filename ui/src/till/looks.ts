// How each counter state looks: its tone and its mark. Shape and words tell the states apart without colour.

import type { CounterView, TillView } from "../backend";
import type { IconName } from "../components/icons";

export type Tone = "plain" | "primary" | "waiting" | "success" | "failure" | "unknown" | "reversed" | "offline";

export interface Look {
  tone: Tone;
  icon: IconName;
}

export const looks: Record<CounterView["state"], Look> = {
  idle: { tone: "plain", icon: "keypad" },
  entering: { tone: "plain", icon: "keypad" },
  confirming: { tone: "waiting", icon: "attention" },
  armed: { tone: "primary", icon: "code" },
  cash: { tone: "primary", icon: "cash" },
  charging: { tone: "primary", icon: "sending" },
  awaitingPayer: { tone: "waiting", icon: "phone" },
  captured: { tone: "success", icon: "tick" },
  declined: { tone: "failure", icon: "cross" },
  inDoubt: { tone: "unknown", icon: "question" },
  reversed: { tone: "reversed", icon: "returned" },
};

/** Where no code can be charged, nobody may be asked to show one. */
export const CASH_ONLY: Look = { tone: "offline", icon: "cash" };

export function lookOf({ counter, noCodes }: Pick<TillView, "counter" | "noCodes">): Look {
  if (counter.state === "armed" && noCodes !== null) return CASH_ONLY;
  if (counter.state !== "inDoubt") return looks[counter.state];
  if (counter.confirming) return { tone: "waiting", icon: "returned" };
  return counter.doing === "paidLate" ? { tone: "waiting", icon: "attention" } : looks.inDoubt;
}
