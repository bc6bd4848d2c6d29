import { expect, test } from "vitest";
import { suggestedGapMs } from "./suggestion";

test.each([
  [0, 20],
  [2, 20],
  [10, 20],
  [20, 30],
  [30, 45],
  [48, 50],
])("a scanner at %i ms wants a limit of %i ms", (median, suggested) => {
  expect(suggestedGapMs(median)).toBe(suggested);
});
