// A text field, as far as keys concern it: put in what a person typed, put back what a scan disturbed.

export interface Field {
  value: string;
  selectionStart: number | null;
  selectionEnd: number | null;
  setRangeText(text: string, start: number, end: number, mode: "end"): void;
  setSelectionRange(start: number, end: number): void;
  dispatchEvent(event: Event): boolean;
  blur(): void;
  focus(): void;
}

export interface Snapshot {
  field: Field;
  value: string;
  start: number;
  end: number;
}

/** The field an event goes to, if it goes to one. */
export function fieldOf(target: unknown): Field | null {
  const element = target as { tagName?: string; type?: string; readOnly?: boolean } | null;
  if (element === null || element.readOnly === true) return null;
  if (element.tagName === "TEXTAREA") return element as unknown as Field;
  const takesText = element.tagName === "INPUT" && ["text", "password", "search"].includes(element.type ?? "text");
  return takesText ? (element as unknown as Field) : null;
}

export function insert(field: Field, text: string): void {
  const start = field.selectionStart ?? field.value.length;
  field.setRangeText(text, start, field.selectionEnd ?? start, "end");
  tell(field);
}

export function snapshot(field: Field): Snapshot {
  const start = field.selectionStart ?? field.value.length;
  return { field, value: field.value, start, end: field.selectionEnd ?? start };
}

export function restore(kept: Snapshot): void {
  kept.field.value = kept.value;
  kept.field.setSelectionRange(kept.start, kept.end);
  tell(kept.field);
}

function tell(field: Field): void {
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
