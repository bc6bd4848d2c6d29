// The least a page can do: say that it is painted, pass on a key, paint one number.

const { invoke, transformCallback } = window.__TAURI_INTERNALS__;
const ticks = document.getElementById("ticks");

/** Microseconds since 1970 of a moment on the page's own clock. */
const wall = (moment) => Math.round((performance.timeOrigin + moment) * 1000);

/** The second frame from here has what was changed on the glass: the till's own yardstick. */
const painted = (done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));

addEventListener("keydown", (event) => {
  if (event.key === "Enter") void invoke("heard_key", { at: wall(event.timeStamp) });
});

const tick = (event) => {
  ticks.textContent = Number(ticks.textContent) + 1;
  painted((moment) => void invoke("painted", { sent: event.payload, at: wall(moment) }));
};

await invoke("plugin:event|listen", { event: "tick", target: { kind: "Any" }, handler: transformCallback(tick) });
painted(() => void invoke("ready"));
