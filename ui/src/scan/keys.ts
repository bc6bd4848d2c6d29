// Keys for tests: what a keyboard reports for a text, at a given pace.

import type { KeyFact } from "./burst";

const PUNCTUATION: Record<string, [code: string, shift: boolean]> = {
  ":": ["Semicolon", true],
  "/": ["Slash", false],
  ".": ["Period", false],
  "?": ["Slash", true],
  "=": ["Equal", false],
  "&": ["Digit7", true],
  "-": ["Minus", false],
  _: ["Minus", true],
};

export function keyFor(char: string, timeStamp: number): KeyFact {
  if (char === "\n") return { code: "Enter", key: "Enter", shift: false, repeat: false, timeStamp };
  if (char === "\t") return { code: "Tab", key: "Tab", shift: false, repeat: false, timeStamp };
  if (/[0-9]/.test(char)) return { code: `Digit${char}`, key: char, shift: false, repeat: false, timeStamp };
  if (/[a-z]/i.test(char)) {
    const shift = char !== char.toLowerCase();
    return { code: `Key${char.toUpperCase()}`, key: char, shift, repeat: false, timeStamp };
  }
  const [code, shift] = PUNCTUATION[char] ?? ["", false];
  return { code, key: char, shift, repeat: false, timeStamp };
}

/** One key after the other; `gaps` are used in turn and the last one stays. The first gap comes before the first key. */
export function keysFor(text: string, gaps: number[], from = 0): KeyFact[] {
  let now = from;
  return [...text].map((char, index) => {
    now += gaps[Math.min(index, gaps.length - 1)]!;
    return keyFor(char, now);
  });
}
