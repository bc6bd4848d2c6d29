import { expect, test } from "vitest";
import { addDays, datesOf, isDate } from "./dates";

test.each([
  ["2026-11-21", 1, "2026-11-22"],
  ["2026-11-30", 1, "2026-12-01"],
  ["2026-01-01", -1, "2025-12-31"],
  ["2028-02-28", 1, "2028-02-29"],
  ["2026-11-21", -29, "2026-10-23"],
])("%s and %i days is %s", (date, days, expected) => {
  expect(addDays(date, days)).toBe(expected);
});

test("today is left to the till, a week ends today", () => {
  expect(datesOf("today", "2026-11-21")).toBeNull();
  expect(datesOf("week", "2026-11-21")).toEqual({ from: "2026-11-15", to: "2026-11-21" });
});

test.each([
  ["2026-11-21", true],
  ["2026-02-30", false],
  ["2026-1-1", false],
  ["", false],
])("%s is a date: %s", (text, expected) => {
  expect(isDate(text)).toBe(expected);
});
