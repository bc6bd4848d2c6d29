// A camera made up in the browser: a counter, and after a while a phone on it.

import type { Sight, SightHint, SightWhy } from "./sight";

const [WIDTH, HEIGHT] = [640, 360];
const PICTURE_MS = 66;

/** `?camera=lost` and its like show what is said in the place of a picture; `?camera=dark` a hint; `?camera=stuck` stops. */
export function fakeSight(query: URLSearchParams): (after: number) => Promise<Sight> {
  const asked = query.get("camera") ?? "";
  let serial = 0;
  return (after) =>
    new Promise((resolve) => {
      if (asked === "stuck" && after > 20) return;
      window.setTimeout(() => resolve(sightOf((serial += 1), asked)), PICTURE_MS);
    });
}

const HINTS = ["dark", "glare", "same"];
const WHYS = ["noCamera", "inUse", "notAllowed", "noMode", "lost", "silent"];

function sightOf(serial: number, asked: string): Sight {
  if (WHYS.includes(asked)) return { serial, state: "nothing", why: asked as SightWhy };
  const hint = HINTS.includes(asked) ? (asked as SightHint) : null;
  const found = serial % 90 > 60;
  const left = 200 + Math.round(40 * Math.sin(serial / 9));
  const grey = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const onPhone = x > left && x < left + 190 && y > 30 && y < 340;
      const onCode = onPhone && x > left + 25 && x < left + 165 && y > 120 && y < 260;
      const dark = onCode && (((x - left) >> 3) * 7 + ((y >> 3) * 13) + ((x * y) >> 9)) % 3 === 0;
      grey[y * WIDTH + x] = dark ? 25 : onPhone ? 228 : 90 + ((x * 17 + y * 31 + serial * 7) % 24);
    }
  }
  const corners = found ? ([[left + 25, 120], [left + 165, 120], [left + 165, 260], [left + 25, 260]] as const) : null;
  return { serial, state: "live", width: WIDTH, height: HEIGHT, hint, corners: corners === null ? null : [...corners], grey };
}
