// Which key of the till a key of the keyboard is.

import type { Key } from "../backend";

const KEYS: Record<string, Key> = {
  Period: "point",
  NumpadDecimal: "point",
  Backspace: "backspace",
  Delete: "clear",
  Enter: "enter",
  NumpadEnter: "enter",
  NumpadAdd: "enter",
  Escape: "escape",
  F7: "cash",
};

/** The till's key, or null for a key the till does not know. */
export function tillKey(code: string): Key | null {
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1];
  return digit === undefined ? (KEYS[code] ?? null) : (`digit${digit}` as Key);
}

/** Whether a person means "yes, go on": Enter, or `+` by the habit of the number pad. */
export function confirms(code: string): boolean {
  return tillKey(code) === "enter";
}
