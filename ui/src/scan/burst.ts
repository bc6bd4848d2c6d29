// Tells a scanner from a person by the pace of the keys. Pure: it is told every key and the time, and says what they
// were and when it wants to be woken.
//
// A *burst* is a run of characters at a scanner's pace, ended by Enter or Tab. Keys carry the time they were *pressed*,
// and only those times decide: a busy machine delivers keys late, and an alarm may ring before keys that were pressed
// long ago are heard. So silence *releases* characters as a person's, but a run is over only when a key says so by its
// time, or after so long that none is on its way any more. What a scan means is not decided here.

import * as limits from "./limits";
import {
  factsOf,
  gapsOf,
  held,
  type Held,
  isPaymentCode,
  isUnknown,
  isWhole,
  mean,
  median,
  paceOf,
  release,
  textOf,
} from "./run";

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

  /**
   * A key that an input method had hidden is known after all.
   *
   * Its release is not hidden, and tells which one it was.
   */
  reveal(fact: KeyFact, known: Pick<KeyFact, "code" | "shift" | "timeStamp">): Outcome[] {
    const at = this.#run.findIndex((one) => one.fact === fact);
    fact.code = known.code;
    fact.shift = known.shift;
    // It can't have gone down later than it went up, though it was heard later.
    fact.timeStamp = Math.min(fact.timeStamp, known.timeStamp);
    const ends = terminatorOf(fact);
    if (ends !== null && at === this.#run.length - 1 && at >= 0) {
      this.#run.pop();
      return this.#end(fact, ends);
    }
    const character = held(fact);
    if (at >= 0 && character !== null) this.#run[at]!.text = character.text;
    return [];
  }

  /** Time has passed without a key being heard. */
  silence(now: number): Outcome[] {
    if (this.#run.length === 0) return [];
    if (this.#givenUp) return now < this.#last() + limits.FORGET_MS ? [] : this.interrupt();
    if (now - this.#last() > this.#giveUpMs()) {
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
    if (this.#givenUp) return this.#last() + limits.FORGET_MS;
    const waiting = this.#run.some((one) => !one.released) && !this.#looksFast();
    return this.#last() + (waiting ? this.#holdMs() : this.#giveUpMs() + 1);
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
    if (burst.length < limits.BROKEN_CHARACTERS_MIN || !this.#isFast(burst)) return typed(release(run));
    this.#tailFrom = burst.at(-1)!.fact.timeStamp;
    const outcomes = typed(release(before));
    // Whatever comes of them, they are not a person's any more.
    release(burst);
    return [...outcomes, { kind: "broken", facts: factsOf(burst), pace: paceOf(burst, null, this.#tailFrom) }];
  }

  #end(fact: KeyFact, terminator: "Enter" | "Tab"): Outcome[] {
    const run = this.#run;
    this.#run = [];
    this.#givenUp = false;
    const [before, burst] = this.#split(run);
    if (burst.length < limits.SCAN_CHARACTERS_MIN || !this.#isFast(burst)) return typed([...release(run), fact]);
    this.#scannedAt = fact.timeStamp;
    const pace = paceOf(burst, terminator, fact.timeStamp);
    if (isUnknown(burst)) return [...typed(release(before)), { kind: "broken", facts: factsOf(burst), pace }];
    return [...typed(release(before)), { kind: "scan", text: textOf(burst), facts: factsOf(burst), pace }];
  }

  /**
   * Parts what a person typed from the burst that followed at once.
   *
   * A whole code decides where it begins, first a payment code: after the last slow gap at the front, or one before, or
   * at once. Else one slow gap is a late first key, and two in a row are a hand, if enough follows: less may be one hand
   * and a display that stalled.
   */
  #split(run: Held[]): [before: Held[], burst: Held[]] {
    const gaps = gapsOf(run);
    const slow = Math.max(this.#limitMs(), limits.TYPED_GAP_MS_MIN);
    const firstFast = Math.max(0, gaps.findIndex((gap) => gap <= slow));
    const at = (cut: number): [Held[], Held[]] => [run.slice(0, cut), run.slice(cut)];

    const afterSlow = gaps.slice(0, firstFast).map((_, index) => firstFast - index);
    const cuts = [...afterSlow, 0, ...(isOutOfProportion(gaps) ? [1] : [])];
    const code = cuts.find((cut) => isPaymentCode(run.slice(cut))) ?? afterSlow.find((cut) => isWhole(run.slice(cut)));
    if (code !== undefined) return at(code);
    const twoParts = firstFast >= 2 && run.length - firstFast >= limits.BROKEN_CHARACTERS_MIN && !isWhole(run);
    return at(twoParts ? firstFast : 0);
  }

  /** A key that was pressed in time goes on with a run that had been given up. */
  #goesOn(partOfScan: boolean): boolean {
    const goesOn = this.#givenUp && partOfScan;
    if (goesOn) this.#givenUp = false;
    return goesOn;
  }

  #swallowsTail(fact: KeyFact, partOfScan: boolean): boolean {
    if (this.#tailFrom === null) return false;
    const follows = partOfScan && fact.timeStamp - this.#tailFrom <= limits.TAIL_MS_MAX;
    this.#tailFrom = follows && terminatorOf(fact) === null ? fact.timeStamp : null;
    if (follows && terminatorOf(fact) !== null) this.#scannedAt = fact.timeStamp;
    return follows;
  }

  /** Scanners may send two ends: CR and LF, or Tab and Enter. The second is nobody's Enter. */
  #endsAgain(fact: KeyFact, ends: Pace["terminator"]): boolean {
    const since = this.#scannedAt === null ? Infinity : fact.timeStamp - this.#scannedAt;
    this.#scannedAt = null;
    return ends !== null && this.#run.length === 0 && since <= limits.SECOND_END_MS_MAX;
  }

  #looksFast(): boolean {
    const [, burst] = this.#split(this.#run);
    return burst.length >= limits.LOOKS_FAST_FROM && this.#isFast(burst);
  }

  /**
   * The median decides, because single keys may be late. The mean must not be a person's: a display that stalls
   * hands over some of a person's keys in one clump, and the time they took shows before or after it.
   */
  #isFast(burst: Held[]): boolean {
    const gaps = gapsOf(burst);
    if (median(gaps) > this.#limitMs()) return false;
    return isPaymentCode(burst) || mean(gaps) <= this.#limitMs() * limits.MEAN_GAPS_MAX;
  }

  #isStale(time: number): boolean {
    return time - this.#last() > this.#patienceMs();
  }

  /** How long a key may be pressed after the last one and still go on with the run. */
  #patienceMs(): number {
    return this.#looksFast() ? limits.SPIKE_MS_MAX_FAST : limits.SPIKE_MS_MAX;
  }

  /** How long the run waits for its next key before it is passed on or told to have broken off. */
  #giveUpMs(): number {
    return this.#looksFast() ? limits.GIVE_UP_MS : limits.SPIKE_MS_MAX;
  }

  #holdMs(): number {
    return this.#limitMs() + 5;
  }

  #limitMs(): number {
    return this.gapMsMax() + limits.STAMP_MS;
  }

  #last(): number {
    return this.#run.at(-1)!.fact.timeStamp;
  }
}

/** Whether the first gap is longer than a scanner's single late key explains. */
function isOutOfProportion(gaps: number[]): boolean {
  return gaps.length > 0 && gaps[0]! > Math.max(limits.TYPED_GAP_MS_MIN / 2, 2 * median(gaps));
}

export function terminatorOf(fact: KeyFact): "Enter" | "Tab" | null {
  if (fact.code === "Enter" || fact.code === "NumpadEnter") return "Enter";
  return fact.code === "Tab" ? "Tab" : null;
}

function typed(facts: KeyFact[]): Outcome[] {
  return facts.length === 0 ? [] : [{ kind: "typed", facts }];
}
