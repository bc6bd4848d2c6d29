import { expect, test } from "vitest";
import type { CounterView, MessageView } from "../backend";
import { STATES } from "../backend/fakeStates";
import { lookOf } from "./looks";

const NO_NETWORK: MessageView = { code: "O-03", zh: "", en: "" };
const look = (counter: CounterView, noCodes: MessageView | null = null) => lookOf({ counter, noCodes });
const state = (name: string): CounterView => STATES[name]!;

test("where no code can be charged, no picture asks for one", () => {
  expect(look(state("armed")).icon).toBe("code");
  for (const counter of Object.values(STATES)) expect(look(counter, NO_NETWORK).icon).not.toBe("code");
});

test("a payment without a result looks the same with and without a network", () => {
  expect(look(state("doubtOffline"), NO_NETWORK)).toEqual(look(state("inDoubt")));
});

test("late money and the question whether to take back do not look like waiting for a result", () => {
  const looks = ["inDoubt", "paidLate", "confirmReverse"].map((name) => JSON.stringify(look(state(name))));

  expect(new Set(looks).size).toBe(3);
});
