// Which sound belongs to a change of what the till shows.

import type { TillView } from "../backend";

export type Cue = "tick" | "refusal" | "success" | "password" | "failed" | "unknown" | "note";

/** The most important sound first; a result is never drowned by a tick. */
export function cueOf(before: TillView | null, after: TillView): Cue | null {
  const changed = before !== null && before.counter.state !== after.counter.state;
  if (changed) {
    const cue = cueOfState(after);
    if (cue !== null) return cue;
  }
  if (before !== null && before.online && !after.online) return "note";
  if (after.notice !== null && before !== null && after.notice.serial !== before.notice?.serial) {
    return after.notice.refusal ? "refusal" : "tick";
  }
  return null;
}

function cueOfState(view: TillView): Cue | null {
  switch (view.counter.state) {
    case "captured":
      return "success";
    case "awaitingPayer":
      return "password";
    case "declined":
      return "failed";
    case "inDoubt":
      return "unknown";
    case "reversed":
      return "note";
    case "armed":
    case "confirming":
    case "charging":
      return "tick";
    case "idle":
    case "entering":
    case "cash":
      return null;
  }
}
