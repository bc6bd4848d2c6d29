// What the camera sees, out of the bytes the program packs it in (`src-tauri/src/sight.rs`).

export type SightHint = "dark" | "glare" | "same";
export type SightWhy = "noCamera" | "inUse" | "notAllowed" | "noMode" | "lost" | "silent";
export type Corner = readonly [across: number, down: number];

export type Sight = { serial: number } & (
  | { state: "closed" }
  | { state: "nothing"; why: SightWhy }
  | { state: "live"; width: number; height: number; hint: SightHint | null; corners: Corner[] | null; grey: Uint8Array }
);

const HINTS: readonly (SightHint | null)[] = [null, "dark", "glare", "same"];
const WHYS: readonly SightWhy[] = ["silent", "noCamera", "inUse", "notAllowed", "noMode", "lost", "silent"];
const HEAD = 28;

/** A picture that is not whole is no picture. */
export function unpacked(buffer: ArrayBuffer): Sight {
  const bytes = new DataView(buffer);
  const serial = bytes.getUint32(0, true);
  const [state, detail] = [bytes.getUint8(4), bytes.getUint8(5)];
  if (state === 0) return { serial, state: "closed" };
  if (state !== 1 || buffer.byteLength < HEAD) return { serial, state: "nothing", why: WHYS[detail] ?? "silent" };
  const [width, height] = [bytes.getUint16(8, true), bytes.getUint16(10, true)];
  const grey = new Uint8Array(buffer, HEAD);
  if (grey.length !== width * height) return { serial, state: "nothing", why: "silent" };
  const corner = (at: number): Corner => [bytes.getInt16(at, true), bytes.getInt16(at + 2, true)];
  const corners = bytes.getUint8(6) === 1 ? [12, 16, 20, 24].map(corner) : null;
  return { serial, state: "live", width, height, hint: HINTS[detail] ?? null, corners, grey };
}
