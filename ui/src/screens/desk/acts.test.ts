import { expect, test } from "vitest";
import type { DeskAct } from "../../backend";
import { isDangerous, isManagers, KEYS } from "./acts";

const ACTS = Object.keys(KEYS) as DeskAct[];

test("each act has a letter of its own, and none is one of a confirmation", () => {
  const letters = ACTS.map((act) => KEYS[act]);

  expect(new Set(letters).size).toBe(ACTS.length);
  expect(letters.join("")).toMatch(/^[A-Z]+$/);
  expect(letters).not.toContain("Y");
});

test("what sends money back is asked for twice, and what settles by hand wants a manager", () => {
  expect(ACTS.filter(isDangerous)).toEqual(["takeBack", "giveBack"]);
  expect(ACTS.filter(isManagers)).toEqual(["refunded", "settlePaid", "settleUnpaid", "review"]);
});
