// Chooses the host once, at start: the program when there is one around the page, else a till made up in the browser.

import type { Backend } from "./backend";

export * from "./backend";

export const backend: Backend =
  "__TAURI_INTERNALS__" in window ? (await import("./tauri")).tauri : (await import("./fake")).fakeTill(location.search);
