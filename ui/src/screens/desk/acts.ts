// The acts of the desk: the key of each, and which want more than a press.

import type { DeskAct } from "../../backend";

/** Letters and no digits: a digit may be the first of a scan. */
export const KEYS: Record<DeskAct, string> = {
  askNow: "Q",
  takeBack: "T",
  takeUp: "U",
  book: "B",
  giveBack: "G",
  refunded: "R",
  settlePaid: "P",
  settleUnpaid: "N",
  review: "V",
};

/** Money goes back and cannot be called back: asked for once more, and never on Enter. */
export type Dangerous = Extract<DeskAct, "takeBack" | "giveBack">;

/** Only a manager may, with a reason. */
export type Managers = Extract<DeskAct, "refunded" | "settlePaid" | "settleUnpaid" | "review">;

export function isDangerous(act: DeskAct): act is Dangerous {
  return act === "takeBack" || act === "giveBack";
}

export function isManagers(act: DeskAct): act is Managers {
  return act === "refunded" || act === "settlePaid" || act === "settleUnpaid" || act === "review";
}
