// Tells a scanner from a person by the pace of the keys. Pure: it is told every key and the time, and says what they
// were and when it wants to be woken.
//
// A *burst* is a run of characters at a scanner's pace, ended by Enter or Tab. The median gap decides, because a busy
// machine delivers single keys late; a single gap says nothing. Characters are *held* until they are known to be a
// person's, and *released* after that. What a scan means is not decided here.

import { character } from "./characters";

/** What is known about a key going down. */
export interface KeyFact {
  code: string;
  key: string;
  shift: boolean;
  repeat: boolean;
  timeStamp: number;
}

/** How fast the keys of a burst came; nothing about which keys they were. */
export interface Pace {
  count: number;
  digitsOnly: boolean;
  medianMs: number;
  longestMs: number;
  terminator: "Enter" | "Tab" | null;
  endedAt: number;
}

export type Outcome =
  /** A person's keys, in order. */
  | { kind: "typed"; facts: KeyFact[] }
  /** A whole scan. `facts` are its characters, some of which may have been released as a person's already. */
  | { kind: "scan"; text: string; facts: KeyFact[]; pace: Pace }
  /** A scan that broke off: none of it may be used. */
  | { kind: "broken"; facts: KeyFact[]; pace: Pace };

/** A pace no person reaches and every scanner does, while the shop has not set another. */
export const GAP_MS_MAX = 35;
/** Fewer characters are a person's, however fast. */
const SCAN_CHARACTERS_MIN = 6;
/** From here on a fast run without its end is a scan that broke off, not a hand that slipped. */
const BROKEN_CHARACTERS_MIN = 8;
/** The longest single gap inside a burst: what a busy machine has been seen to take, and some more. */
const SPIKE_MS_MAX = 150;
/** The same once the pace is plainly a scanner's: better late than half a code. */
const SPIKE_MS_MAX_FAST = 500;
/** What follows a broken scan within this time is the rest of it. */
const TAIL_MS_MAX = 700;
/** No hand reaches this pace over three keys, so three keys are held until more is known. */
const LOOKS_FAST_FROM = 3;
/** A person's gap, when looking for keys typed right before a burst. */
const TYPED_GAP_MS_MIN = 50;

interface Held {
  fact: KeyFact;
  text: string;
  released: boolean;
}

export class BurstDetector {
  #run: Held[] = [];
  #tailFrom: number | null = null;
  /** A run that was given up because time passed, while its next keys may still be waiting to be delivered. */
  #givenUp: Held[] = [];

  /** `gapMsMax` is the largest median gap that counts as a scanner; it is a setting and may change at any time. */
  constructor(private readonly gapMsMax: () => number) {}

  /** Whether the next character starts a new run. */
  get isEmpty(): boolean {
    return this.#run.length === 0;
  }

  key(fact: KeyFact): Outcome[] {
    const text = textOf(fact);
    const ends = terminatorOf(fact);

    if (text !== null || ends !== null) this.#resume(fact);
    this.#givenUp = [];
    if (this.#swallowsTail(fact, text !== null || ends !== null)) return [];
    if (fact.repeat) return [...this.interrupt(), ...(ends === "Enter" ? [] : [typed([fact])])];

    const outcomes = this.expire(fact.timeStamp);
    if (text !== null) {
      this.#run.push({ fact, text, released: false });
      return outcomes;
    }
    if (ends !== null) return [...outcomes, ...this.#end(fact, ends)];
    return [...outcomes, ...this.interrupt(), typed([fact])];
  }

  /** Time has passed without a key. */
  silence(now: number): Outcome[] {
    if (this.#run.length === 0) return [];
    if (this.#isStale(now)) {
      const run = this.#run;
      const outcomes = this.interrupt();
      if (outcomes.some((outcome) => outcome.kind === "broken")) this.#givenUp = run;
      return outcomes;
    }
    if (this.#looksFast() || now < this.#last() + this.#holdMs()) return [];
    return release(this.#run);
  }

  /** Ends a run that is too old to go on at `now`, for when the next key overtakes the alarm. */
  expire(now: number): Outcome[] {
    return this.#isStale(now) ? this.interrupt() : [];
  }

  /** When `silence` wants to be called, in the clock of the keys' time stamps. */
  wakeAt(): number | null {
    if (this.#run.length === 0) return null;
    const waiting = this.#run.some((held) => !held.released) && !this.#looksFast();
    return this.#last() + (waiting ? this.#holdMs() : this.#patienceMs() + 1);
  }

  /** Something else happened: the run is over without its end. */
  interrupt(): Outcome[] {
    const run = this.#run;
    this.#run = [];
    const [before, burst] = this.#split(run);
    if (burst.length < BROKEN_CHARACTERS_MIN || !this.#isFast(burst)) return release(run);
    this.#tailFrom = burst.at(-1)!.fact.timeStamp;
    return [...release(before), { kind: "broken", facts: factsOf(burst), pace: paceOf(burst, null, this.#tailFrom) }];
  }

  #end(fact: KeyFact, terminator: "Enter" | "Tab"): Outcome[] {
    const run = this.#run;
    this.#run = [];
    const [before, burst] = this.#split(run);
    if (burst.length < SCAN_CHARACTERS_MIN || !this.#isFast(burst)) return [...release(run), typed([fact])];
    const text = textOfAll(burst);
    return [
      ...release(before),
      { kind: "scan", text, facts: factsOf(burst), pace: paceOf(burst, terminator, fact.timeStamp) },
    ];
  }

  /**
   * Parts what a person typed from the burst that followed at once.
   *
   * One slow gap at the front is a late first key; two in a row are a hand. But a busy machine may deliver the first
   * keys of a scan late, so a run that is a whole payment code is one scan, however it began.
   */
  #split(run: Held[]): [before: Held[], burst: Held[]] {
    const slow = Math.max(this.gapMsMax(), TYPED_GAP_MS_MIN);
    const firstFast = gapsOf(run).findIndex((gap) => gap <= slow);
    if (firstFast < 1 || isPaymentCode(textOfAll(run))) return [[], run];
    const parted: [Held[], Held[]] = [run.slice(0, firstFast), run.slice(firstFast)];
    return firstFast >= 2 || isPaymentCode(textOfAll(parted[1])) ? parted : [[], run];
  }

  /**
   * Takes a run up again whose next key was pressed in time and only delivered late.
   *
   * Keys carry the time they were pressed; a page that was busy hears them after its own alarm.
   */
  #resume(fact: KeyFact): void {
    const last = this.#givenUp.at(-1);
    if (last === undefined || fact.timeStamp - last.fact.timeStamp > SPIKE_MS_MAX_FAST) return;
    this.#run = this.#givenUp.map((held) => ({ ...held, released: true }));
    this.#tailFrom = null;
  }

  #swallowsTail(fact: KeyFact, partOfScan: boolean): boolean {
    if (this.#tailFrom === null) return false;
    const follows = partOfScan && fact.timeStamp - this.#tailFrom <= TAIL_MS_MAX;
    this.#tailFrom = follows && terminatorOf(fact) === null ? fact.timeStamp : null;
    return follows;
  }

  #looksFast(): boolean {
    const [, burst] = this.#split(this.#run);
    return burst.length >= LOOKS_FAST_FROM && this.#isFast(burst);
  }

  #isFast(burst: Held[]): boolean {
    return median(gapsOf(burst)) <= this.gapMsMax();
  }

  #isStale(now: number): boolean {
    return this.#run.length > 0 && now - this.#last() > this.#patienceMs();
  }

  #patienceMs(): number {
    return this.#looksFast() ? SPIKE_MS_MAX_FAST : SPIKE_MS_MAX;
  }

  #holdMs(): number {
    return this.gapMsMax() + 5;
  }

  #last(): number {
    return this.#run.at(-1)!.fact.timeStamp;
  }
}

/** Only to tell where a scan begins. What is charged, the till decides from its own table. */
function isPaymentCode(text: string): boolean {
  return /^(1[0-6]\d{16}|(2[5-9]|30)\d{16}|62\d{17})$/.test(text);
}

function textOfAll(run: Held[]): string {
  return run.map((held) => held.text).join("");
}

function typed(facts: KeyFact[]): Outcome {
  return { kind: "typed", facts };
}

function release(run: Held[]): Outcome[] {
  const waiting = run.filter((held) => !held.released);
  for (const held of waiting) held.released = true;
  return waiting.length === 0 ? [] : [typed(factsOf(waiting))];
}

function factsOf(run: Held[]): KeyFact[] {
  return run.map((held) => held.fact);
}

function textOf(fact: KeyFact): string | null {
  // Keys without a place on the keyboard (an on-screen keyboard's) carry only their character.
  if (fact.code === "") return fact.key.length === 1 ? fact.key : null;
  return character(fact.code, fact.shift);
}

function terminatorOf(fact: KeyFact): "Enter" | "Tab" | null {
  if (fact.code === "Enter" || fact.code === "NumpadEnter") return "Enter";
  return fact.code === "Tab" ? "Tab" : null;
}

function gapsOf(run: Held[]): number[] {
  return run.slice(1).map((held, index) => held.fact.timeStamp - run[index]!.fact.timeStamp);
}

function median(values: number[]): number {
  if (values.length === 0) return Infinity;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function paceOf(burst: Held[], terminator: Pace["terminator"], endedAt: number): Pace {
  const gaps = gapsOf(burst);
  return {
    count: burst.length,
    digitsOnly: /^[0-9]+$/.test(textOfAll(burst)),
    medianMs: median(gaps),
    longestMs: Math.max(...gaps),
    terminator,
    endedAt,
  };
}
