import { expect, test } from "vitest";
import { confirms, tillKey } from "./keys";

test.each([
  ["Digit0", "digit0"],
  ["Numpad9", "digit9"],
  ["Period", "point"],
  ["NumpadDecimal", "point"],
  ["NumpadEnter", "enter"],
  ["NumpadAdd", "enter"],
  ["Escape", "escape"],
  ["F7", "cash"],
  ["KeyA", null],
  ["F12", null],
  ["", null],
])("%s is %s", (code, key) => {
  expect(tillKey(code)).toBe(key);
});

test("plus on the number pad confirms", () => {
  expect(["Enter", "NumpadEnter", "NumpadAdd", "Space"].filter(confirms)).toEqual(["Enter", "NumpadEnter", "NumpadAdd"]);
});
