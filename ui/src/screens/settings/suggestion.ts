// Which limit suits a scanner that was just seen.

/** Half as much again as the scanner needs leaves room for a busy machine; a person starts at about 60 ms. */
export function suggestedGapMs(medianMs: number): number {
  const roomy = Math.ceil(Math.max(medianMs * 1.5, medianMs + 8));
  return Math.min(Math.max(roomy, 20), 50);
}
