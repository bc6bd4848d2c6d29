// Owns every key of a till window: parts scans from typing before any control sees a key.
//
// A person's keys go on in order, at most a moment late. A scan goes on as one text, and what little of it was passed
// on as presses before it showed itself is taken back. Nothing of a scan stays in a field, in the page or here.

import { BurstDetector, type KeyFact, type Outcome, type Pace } from "./burst";
import { HIDDEN } from "./run";
import { type Field, fieldOf, insert, restore, snapshot, type Snapshot } from "./field";

/** A key a person pressed. */
export interface Press {
  code: string;
  key: string;
  ctrl: boolean;
  /** Whether a text field has the focus. */
  inField: boolean;
}

export interface Listener {
  /** Answers whether the key went to the till as a press, which a scan would have to take back. */
  key(press: Press): boolean;
  /** An empty text is a scan that broke off. */
  scan(text: string, undo: number, pace: Pace): void;
}

/** Wakes after some milliseconds; answers with a way to call it off. */
export type Alarm = (afterMs: number, wake: (now: number) => void) => () => void;

export type KeyDown = Pick<
  KeyboardEvent,
  | "code"
  | "key"
  | "keyCode"
  | "timeStamp"
  | "repeat"
  | "shiftKey"
  | "ctrlKey"
  | "metaKey"
  | "altKey"
  | "isComposing"
  | "target"
  | "preventDefault"
  | "stopPropagation"
>;

const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "Fn"]);
const EDITING = new Set(["Backspace", "Delete", "ArrowLeft", "ArrowRight", "Home", "End"]);
const EDITING_WITH_CTRL = new Set(["KeyA", "KeyC", "KeyV", "KeyX", "KeyZ", "KeyY", ...EDITING]);

/** What a key is called that has no place, or none that is told. */
const PLACELESS = new Set(["", "Unidentified"]);
/** Control characters as scanners press them: LF and CR end a scan; SOH, STX, ETX, EOT and GS frame or part one. */
const ENDING_WITH_CTRL = new Set(["KeyJ", "KeyM"]);
const FRAMING_WITH_CTRL = new Set(["KeyA", "KeyB", "KeyC", "KeyD", "BracketRight"]);

/** Where a key was headed when it came. */
interface Origin {
  field: Field | null;
  /** The input method has the key already; it can't be held back, only undone. */
  native: boolean;
}

/** A key that came up. */
export type KeyUp = Pick<KeyboardEvent, "code" | "key" | "timeStamp" | "shiftKey">;

export class Capture {
  readonly #detector: BurstDetector;
  readonly #origins = new Map<KeyFact, Origin>();
  /** Facts of the run so far that were passed on as presses or put into a field. */
  readonly #passed = new Set<KeyFact>();
  readonly #inserted = new Map<KeyFact, Field>();
  /** Keys that are down, and those of which only that is known, because an input method took them. */
  readonly #down = new Set<string>();
  #hidden: KeyFact[] = [];
  #kept: Snapshot | null = null;
  #callOff: () => void = () => {};

  constructor(
    private readonly listener: Listener,
    gapMsMax: () => number,
    private readonly alarm: Alarm,
  ) {
    this.#detector = new BurstDetector(gapMsMax);
  }

  keydown(event: KeyDown): void {
    if (MODIFIERS.has(event.key)) return;
    this.#down.add(event.code);
    const field = fieldOf(event.target);
    if (event.ctrlKey && this.#isOfBurst(event)) return this.#control(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return this.#shortcut(event, field);

    const fact = factOf(event);
    const composing = event.isComposing || event.key === "Process" || event.keyCode === 229;
    if (composing && PLACELESS.has(event.code)) fact.code = HIDDEN;
    const native = field !== null && (composing || EDITING.has(event.code));
    this.#follow(this.#detector.expire(event.timeStamp));
    if (this.#detector.isEmpty) this.#begin(field);
    this.#origins.set(fact, { field, native });
    if (fact.code === HIDDEN) this.#hidden.push(fact);

    const outcomes = this.#detector.key(fact);
    const moves = event.code === "Tab" && outcomes.some((outcome) => outcome.kind === "typed" && outcome.facts.includes(fact));
    if (!native && !moves) event.preventDefault();
    event.stopPropagation();
    this.#follow(outcomes);
  }

  /** The release of a key that was not seen going down tells which one an input method took. */
  keyup(event: KeyUp): void {
    if (MODIFIERS.has(event.key) || this.#down.delete(event.code)) return;
    const fact = this.#hidden.shift();
    if (fact !== undefined) {
      this.#follow(this.#detector.reveal(fact, { code: event.code, shift: event.shiftKey, timeStamp: event.timeStamp }));
    }
  }

  /** Whether a control key comes in the middle of a burst, where no hand presses one. */
  #isOfBurst(event: KeyDown): boolean {
    const known = ENDING_WITH_CTRL.has(event.code) || FRAMING_WITH_CTRL.has(event.code);
    return known && !event.metaKey && !event.altKey && this.#detector.isInBurst(event.timeStamp);
  }

  #control(event: KeyDown): void {
    event.preventDefault();
    event.stopPropagation();
    if (!ENDING_WITH_CTRL.has(event.code)) return;
    const end = { ...factOf(event), code: "Enter", key: "Enter" };
    this.#origins.set(end, { field: null, native: false });
    this.#follow(this.#detector.key(end));
  }

  #shortcut(event: KeyDown, field: Field | null): void {
    this.#follow(this.#detector.interrupt());
    event.stopPropagation();
    if (field !== null && EDITING_WITH_CTRL.has(event.code)) return;
    event.preventDefault();
    if (!event.repeat) this.listener.key({ code: event.code, key: event.key, ctrl: event.ctrlKey, inField: field !== null });
  }

  #follow(outcomes: Outcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.kind === "typed") outcome.facts.forEach((fact) => this.#pass(fact));
      else this.#scanned(outcome);
    }
    this.#callOff();
    const wakeAt = this.#detector.wakeAt();
    if (wakeAt === null) this.#forget();
    else this.#sleep(wakeAt);
  }

  #sleep(wakeAt: number): void {
    const last = [...this.#origins.keys()].at(-1)?.timeStamp ?? wakeAt;
    this.#callOff = this.alarm(wakeAt - last, (now) => this.#follow(this.#detector.silence(Math.max(now, wakeAt))));
  }

  #pass(fact: KeyFact): void {
    const origin = this.#origins.get(fact);
    if (origin === undefined || origin.native) return;
    if (origin.field !== null && fact.key.length === 1) {
      insert(origin.field, fact.key);
      this.#inserted.set(fact, origin.field);
      return;
    }
    const press = { code: fact.code, key: fact.key, ctrl: false, inField: origin.field !== null };
    if (this.listener.key(press)) this.#passed.add(fact);
  }

  #scanned(outcome: Extract<Outcome, { kind: "scan" | "broken" }>): void {
    const undo = outcome.facts.filter((fact) => this.#passed.has(fact)).length;
    this.#clean(outcome.facts);
    // What is taken back is taken back once, though more of this scan may be heard.
    for (const fact of outcome.facts) this.#passed.delete(fact), this.#inserted.delete(fact);
    this.listener.scan(outcome.kind === "scan" ? outcome.text : "", undo, outcome.pace);
  }

  /** Takes out of the field whatever of the scan got into it, and leaves what the person had typed before. */
  #clean(burst: KeyFact[]): void {
    const gotThrough = burst.some((fact) => this.#inserted.has(fact) || this.#origins.get(fact)?.native);
    const kept = this.#kept;
    if (!gotThrough || kept === null) return;
    const before = [...this.#inserted.keys()].filter((fact) => !burst.includes(fact)).map((fact) => fact.key);
    const put = () => {
      restore(kept);
      if (before.length > 0) insert(kept.field, before.join(""));
    };
    // An input method may hold part of the scan in a composition; leaving the field ends it.
    const composed = burst.some((fact) => this.#origins.get(fact)?.native);
    put();
    if (composed) {
      kept.field.blur();
      put();
    }
    if (composed) this.alarm(0, () => (kept.field.focus(), put()));
  }

  #begin(field: Field | null): void {
    this.#forget();
    this.#kept = field === null ? null : snapshot(field);
  }

  #forget(): void {
    this.#hidden = [];
    this.#origins.clear();
    this.#passed.clear();
    this.#inserted.clear();
    this.#kept = null;
  }
}

function factOf(event: KeyDown): KeyFact {
  return { code: event.code, key: event.key, shift: event.shiftKey, repeat: event.repeat, timeStamp: event.timeStamp };
}

/** Listens on a window until the answer is called. */
export function capture(page: Window, listener: Listener, gapMsMax: () => number): () => void {
  const keys = new Capture(listener, gapMsMax, (afterMs, wake) => alarmOf(page, afterMs, wake));
  const keydown = (event: KeyboardEvent) => keys.keydown(event);
  const keyup = (event: KeyboardEvent) => keys.keyup(event);
  page.addEventListener("keydown", keydown, { capture: true });
  page.addEventListener("keyup", keyup, { capture: true });
  return () => {
    page.removeEventListener("keydown", keydown, { capture: true });
    page.removeEventListener("keyup", keyup, { capture: true });
  };
}

/** An alarm that rings this late rang in a page that was busy, and keys are waiting that were pressed in time. */
const LATE_MS = 30;

function alarmOf(page: Window, afterMs: number, wake: (now: number) => void): () => void {
  let timer = 0;
  const arm = () => {
    const due = page.performance.now() + afterMs;
    timer = page.setTimeout(() => {
      if (page.performance.now() > due + LATE_MS) return arm();
      // Keys that are waiting to be delivered go first: on a busy machine the alarm may overtake them.
      timer = page.setTimeout(() => wake(page.performance.now()), 0);
    }, afterMs);
  };
  arm();
  return () => page.clearTimeout(timer);
}
