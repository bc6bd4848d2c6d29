import { expect, test } from "vitest";
import { unpacked } from "./sight";

const packed = (...bytes: number[]) => new Uint8Array(bytes).buffer;

test("a picture is read as the program packs it", () => {
  // The same bytes stand in src-tauri/src/sight.rs.
  const bytes = packed(4, 3, 2, 1, 1, 2, 1, 0, 2, 0, 1, 0, 0, 0, 2, 0, 44, 1, 2, 0, 3, 0, 252, 255, 5, 0, 6, 0, 7, 200);

  expect(unpacked(bytes)).toEqual({
    serial: 0x01020304,
    state: "live",
    width: 2,
    height: 1,
    hint: "glare",
    corners: [[0, 2], [300, 2], [3, -4], [5, 6]],
    grey: new Uint8Array([7, 200]),
  });
});

test("a closed camera and a missing picture are told apart", () => {
  expect(unpacked(packed(9, 0, 0, 0, 0, 0, 0, 0))).toEqual({ serial: 9, state: "closed" });
  expect(unpacked(packed(9, 0, 0, 0, 2, 5, 0, 0))).toEqual({ serial: 9, state: "nothing", why: "lost" });
});

test("a picture that is cut short is not shown as live", () => {
  const cut = packed(1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);

  expect(unpacked(cut)).toEqual({ serial: 1, state: "nothing", why: "silent" });
  expect(unpacked(packed(1, 0, 0, 0, 1, 0, 0, 0))).toEqual({ serial: 1, state: "nothing", why: "silent" });
});
