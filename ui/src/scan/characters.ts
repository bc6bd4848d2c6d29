// Which character a physical key stands for, on the layout every scanner is shipped with (US).
// Read from the key's place, so that an input method, caps lock or another layout cannot change a code.

const SHIFTED: Record<string, [plain: string, shifted: string]> = {
  Digit1: ["1", "!"],
  Digit2: ["2", "@"],
  Digit3: ["3", "#"],
  Digit4: ["4", "$"],
  Digit5: ["5", "%"],
  Digit6: ["6", "^"],
  Digit7: ["7", "&"],
  Digit8: ["8", "*"],
  Digit9: ["9", "("],
  Digit0: ["0", ")"],
  Minus: ["-", "_"],
  Equal: ["=", "+"],
  BracketLeft: ["[", "{"],
  BracketRight: ["]", "}"],
  Backslash: ["\\", "|"],
  Semicolon: [";", ":"],
  Quote: ["'", '"'],
  Backquote: ["`", "~"],
  Comma: [",", "<"],
  Period: [".", ">"],
  Slash: ["/", "?"],
  Space: [" ", " "],
};

const NUMBER_PAD: Record<string, string> = {
  NumpadDecimal: ".",
  NumpadSubtract: "-",
  NumpadMultiply: "*",
  NumpadDivide: "/",
};

/**
 * The character of a key, or null for a key that types none.
 *
 * A number key that the layout says is a digit is that digit, shifted or not: a scanner set to a French keyboard holds
 * shift for them.
 */
export function character(code: string, shift: boolean, key: string): string | null {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return shift ? letter : letter.toLowerCase();
  const digit = /^Numpad([0-9])$/.exec(code)?.[1];
  if (digit !== undefined) return digit;
  if (code === `Digit${key}`) return key;
  const pair = SHIFTED[code];
  if (pair !== undefined) return pair[shift ? 1 : 0];
  return NUMBER_PAD[code] ?? null;
}

/** The character of a key without a place; full-width forms, as input methods write them, are the plain ones. */
export function placeless(key: string): string | null {
  const plain = key.normalize("NFKC");
  return plain.length === 1 ? plain : null;
}
