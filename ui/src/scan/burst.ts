// Tells a scanner from a person by the pace of the keys. Pure: it is told every key and the time, and says what they
// were and when it wants to be woken.
//
// A *burst* is a run of characters at a scanner's pace, ended by Enter or Tab. Keys carry the time they were *pressed*,
// and only those times decide: a busy machine delivers keys late, and an alarm may ring before keys that were pressed
// long ago are heard. So silence *releases* characters as a person's, but a run is over only when a key says so by its
// time, or after so long that none is on its way any more. What a scan means is not decided here.

import { factsOf, gapsOf, held, type Held, isPaymentCode, mean, median, paceOf, release, textOf } from "./run";

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
  /** A scan that broke off: none of it may be used, unless the rest of it is heard after all. */
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
/** The mean gap may be this many times the median's limit: some keys may be late, not the whole run. */
const MEAN_GAPS_MAX = 1.5;
/** What follows a broken scan within this time is the rest of it. */
const TAIL_MS_MAX = 700;
/** What ends a scan a second time within this time (CR LF) is a part of it. */
const SECOND_END_MS_MAX = 100;
/** No hand reaches this pace over three keys, so three keys are held until more is known. */
const LOOKS_FAST_FROM = 3;
/** A person's gap, when looking for keys typed right before a burst. */
const TYPED_GAP_MS_MIN = 50;
/** No key is this late, and nothing of a scan stays in memory longer. */
const FORGET_MS = 10_000;

export class BurstDetector {
  #run: Held[] = [];
  /** The run was given up because time passed; its next keys may still be waiting to be delivered. */
  #givenUp = false;
  #tailFrom: number | null = null;
  #scannedAt: number | null = null;

  /** `gapMsMax` is the largest median gap that counts as a scanner; it is a setting and may change at any time. */
  constructor(private readonly gapMsMax: () => number) {}

  /** Whether the next character starts a new run. */
  get isEmpty(): boolean {
    return this.#run.length === 0;
  }

  /** Whether a key pressed at `time` is in the middle of what can only be a burst. */
  isInBurst(time: number): boolean {
    return this.#run.length > 0 && this.#looksFast() && !this.#isStale(time);
  }

  key(fact: KeyFact): Outcome[] {
    const character = held(fact);
    const ends = terminatorOf(fact);
    const outcomes = this.expire(fact.timeStamp);
    const partOfScan = character !== null || ends !== null;
    if (this.#goesOn(partOfScan)) this.#tailFrom = null;
    if (this.#swallowsTail(fact, partOfScan) || this.#endsAgain(fact, ends)) return outcomes;
    if (fact.repeat) return [...outcomes, ...this.interrupt(), ...(ends === "Enter" ? [] : typed([fact]))];
    if (character !== null) {
      this.#run.push(character);
      return outcomes;
    }
    if (ends !== null) return [...outcomes, ...this.#end(fact, ends)];
    return [...outcomes, ...this.interrupt(), ...typed([fact])];
  }

  /** Time has passed without a key being heard. */
  silence(now: number): Outcome[] {
    if (this.#run.length === 0) return [];
    if (this.#givenUp) return now < this.#last() + FORGET_MS ? [] : this.interrupt();
    if (this.#isStale(now)) {
      this.#givenUp = true;
      return this.#withoutEnd(this.#run);
    }
    if (this.#looksFast() || now < this.#last() + this.#holdMs()) return [];
    return typed(release(this.#run));
  }

  /** Ends a run that a key pressed at `time` can't belong to. */
  expire(time: number): Outcome[] {
    return this.#run.length > 0 && this.#isStale(time) ? this.interrupt() : [];
  }

  /** When `silence` wants to be called, in the clock of the keys' time stamps. */
  wakeAt(): number | null {
    if (this.#run.length === 0) return null;
    if (this.#givenUp) return this.#last() + FORGET_MS;
    const waiting = this.#run.some((one) => !one.released) && !this.#looksFast();
    return this.#last() + (waiting ? this.#holdMs() : this.#patienceMs() + 1);
  }

  /** Something else happened: the run is over without its end. */
  interrupt(): Outcome[] {
    const run = this.#run;
    const told = this.#givenUp;
    this.#run = [];
    this.#givenUp = false;
    return told ? [] : this.#withoutEnd(run);
  }

  #withoutEnd(run: Held[]): Outcome[] {
    const [before, burst] = this.#split(run);
    if (burst.length < BROKEN_CHARACTERS_MIN || !this.#isFast(burst)) return typed(release(run));
    this.#tailFrom = burst.at(-1)!.fact.timeStamp;
    const outcomes = typed(release(before));
    // Whatever comes of them, they are not a person's any more.
    release(burst);
    return [...outcomes, { kind: "broken", facts: factsOf(burst), pace: paceOf(burst, null, this.#tailFrom) }];
  }

  #end(fact: KeyFact, terminator: "Enter" | "Tab"): Outcome[] {
    const run = this.#run;
    this.#run = [];
    const [before, burst] = this.#split(run);
    if (burst.length < SCAN_CHARACTERS_MIN || !this.#isFast(burst)) return typed([...release(run), fact]);
    this.#scannedAt = fact.timeStamp;
    const pace = paceOf(burst, terminator, fact.timeStamp);
    return [...typed(release(before)), { kind: "scan", text: textOf(burst), facts: factsOf(burst), pace }];
  }

  /**
   * Parts what a person typed from the burst that followed at once.
   *
   * One slow gap at the front is a late first key; two in a row are a hand, if enough follows: else it may be one hand
   * and a display that stalled. But a busy machine may deliver the first keys of a scan late, so a run that is a whole
   * payment code is one scan, however it began.
   */
  #split(run: Held[]): [before: Held[], burst: Held[]] {
    const slow = Math.max(this.gapMsMax(), TYPED_GAP_MS_MIN);
    const firstFast = gapsOf(run).findIndex((gap) => gap <= slow);
    if (firstFast < 1 || isPaymentCode(run)) return [[], run];
    const parted: [Held[], Held[]] = [run.slice(0, firstFast), run.slice(firstFast)];
    const twoParts = firstFast >= 2 && parted[1].length >= BROKEN_CHARACTERS_MIN;
    return twoParts || isPaymentCode(parted[1]) ? parted : [[], run];
  }

  /** A key that was pressed in time goes on with a run that had been given up. */
  #goesOn(partOfScan: boolean): boolean {
    const goesOn = this.#givenUp && partOfScan;
    if (goesOn) this.#givenUp = false;
    return goesOn;
  }

  #swallowsTail(fact: KeyFact, partOfScan: boolean): boolean {
    if (this.#tailFrom === null) return false;
    const follows = partOfScan && fact.timeStamp - this.#tailFrom <= TAIL_MS_MAX;
    this.#tailFrom = follows && terminatorOf(fact) === null ? fact.timeStamp : null;
    if (follows && terminatorOf(fact) !== null) this.#scannedAt = fact.timeStamp;
    return follows;
  }

  /** Scanners may send two ends: CR and LF, or Tab and Enter. The second is nobody's Enter. */
  #endsAgain(fact: KeyFact, ends: Pace["terminator"]): boolean {
    const since = this.#scannedAt === null ? Infinity : fact.timeStamp - this.#scannedAt;
    this.#scannedAt = null;
    return ends !== null && this.#run.length === 0 && since <= SECOND_END_MS_MAX;
  }

  #looksFast(): boolean {
    const [, burst] = this.#split(this.#run);
    return burst.length >= LOOKS_FAST_FROM && this.#isFast(burst);
  }

  /**
   * The median decides, because single keys may be late. The mean must not be a person's: a display that stalls
   * hands over some of a person's keys in one clump, and the time they took shows before or after it.
   */
  #isFast(burst: Held[]): boolean {
    const gaps = gapsOf(burst);
    if (median(gaps) > this.gapMsMax()) return false;
    return isPaymentCode(burst) || mean(gaps) <= this.gapMsMax() * MEAN_GAPS_MAX;
  }

  #isStale(time: number): boolean {
    return time - this.#last() > this.#patienceMs();
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

export function terminatorOf(fact: KeyFact): "Enter" | "Tab" | null {
  if (fact.code === "Enter" || fact.code === "NumpadEnter") return "Enter";
  return fact.code === "Tab" ? "Tab" : null;
}

function typed(facts: KeyFact[]): Outcome[] {
  return facts.length === 0 ? [] : [{ kind: "typed", facts }];
}
