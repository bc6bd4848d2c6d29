// Marks on the page's own time line: when a scan ended, when a state was on the glass. Always on, and bounded.

const KEPT = 1000;

function mark(name: string, startTime?: number): void {
  performance.mark(name, startTime === undefined ? {} : { startTime });
  const marks = performance.getEntriesByName(name, "mark");
  if (marks.length <= 2 * KEPT) return;
  const kept = marks.slice(-KEPT).map((entry) => entry.startTime);
  performance.clearMarks(name);
  for (const time of kept) performance.mark(name, { startTime: time });
}

/** The last key of a scan went down at `at`, on the clock of the keys' time stamps. */
export function markScanEnd(at: number): void {
  mark("scan-end", at);
}

/** To be called when the state was handed to the page: the second frame after that has it on the glass. */
export function markPainted(state: string): void {
  requestAnimationFrame(() => requestAnimationFrame(() => mark(`painted:${state}`)));
}
