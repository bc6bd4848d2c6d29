// A till is not a browser: reload, zoom, print, back, find, menus and dragging are off on every page.

const BROWSER_KEYS = new Set(["F3", "F5", "F6", "F7", "F11", "F12", "BrowserBack", "BrowserForward", "BrowserRefresh"]);
const WITH_CTRL = new Set(["KeyR", "KeyP", "KeyF", "KeyG", "KeyU", "KeyS", "KeyO", "KeyN", "KeyT", "KeyW", "KeyJ", "KeyH", "KeyD", "KeyE", "KeyL"]);
const ZOOM = new Set(["Equal", "Minus", "Digit0", "NumpadAdd", "NumpadSubtract", "Numpad0"]);

/** Whether the webview would do something of its own with this key. */
export function isBrowserShortcut(event: Pick<KeyboardEvent, "code" | "key" | "ctrlKey" | "metaKey" | "altKey">): boolean {
  if (BROWSER_KEYS.has(event.code) || BROWSER_KEYS.has(event.key)) return true;
  if (event.ctrlKey || event.metaKey) return WITH_CTRL.has(event.code) || ZOOM.has(event.code);
  return event.altKey && (event.code === "ArrowLeft" || event.code === "ArrowRight" || event.code === "Home");
}

const refuse = (event: Event) => event.preventDefault();

export function quiet(page: Window): void {
  for (const name of ["contextmenu", "dragstart", "dragover", "drop", "gesturestart", "auxclick"]) {
    page.addEventListener(name, refuse, { capture: true });
  }
  page.addEventListener("keydown", (event) => isBrowserShortcut(event) && event.preventDefault(), { capture: true });
  page.addEventListener("wheel", (event) => event.ctrlKey && event.preventDefault(), { capture: true, passive: false });
  // The side buttons of a mouse go back and forward.
  for (const name of ["mousedown", "mouseup"] as const) {
    page.addEventListener(name, (event) => event.button > 2 && event.preventDefault(), { capture: true });
  }
}
