import { expect, test } from "vitest";
import { coloured } from "./paint";

test("a grey pixel is opaque and has no colour", () => {
  const pixels = new Uint32Array(3);

  coloured(new Uint8Array([0, 127, 255]), pixels);

  expect([...pixels]).toEqual([0xff000000, 0xff7f7f7f, 0xffffffff]);
});
