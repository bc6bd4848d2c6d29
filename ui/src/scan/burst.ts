// Tells a scanner from a person by the pace of the keys. Pure: it is told every key and the time, and says what they
// were and when it wants to be woken.
//
// A *burst* is a run of characters at a scanner's pace, ended by Enter or Tab. Keys carry the time they were *pressed*,
// and only those times decide: a busy machine delivers keys late, and an alarm may ring before keys that were pressed
// long ago are heard. So silence *releases* characters as a person's, but a run is over only when a key says so by its
// time, or after so long that none is on its way any more. What a scan means is not decided here.

import * as limits from "./limits";
import { factsOf, held, type Held, isFast, isHand, isPaymentCode, isUnknown, paceOf, release, split, textOf } from "./run";

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
  /** The last key of a scan that broke off. */
  #brokenAt: number | null = null;
  /** The run, if it came so soon after a scan broke off that it may be the rest of it, which is nobody's. */
  #rest: Held[] | null = null;
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
    if (this.#goesOn(partOfScan)) this.#brokenAt = null;
    const soon = this.#isSoonAfterBroken(fact) && partOfScan;
    if (soon && ends !== null) {
      this.#scannedAt = fact.timeStamp;
      return outcomes;
    }
    if (this.#endsAgain(fact, ends)) return outcomes;
    if (fact.repeat) return [...outcomes, ...this.interrupt(), ...(ends === "Enter" ? [] : typed([fact]))];
    if (character !== null) {
      if (soon) this.#rest = this.#run;
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
    if (this.#looksFast() || this.#isUndecided() || now < this.#last() + this.#holdMs()) return [];
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
    const waiting = this.#run.some((one) => !one.released) && !this.#looksFast() && !this.#isUndecided();
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
    const [before, burst] = split(run, this.#limitMs());
    if (burst.length < limits.BROKEN_CHARACTERS_MIN || !isFast(burst, this.#limitMs())) return this.#tooFew(run);
    this.#brokenAt = burst.at(-1)!.fact.timeStamp;
    const outcomes = typed(release(before));
    // Whatever comes of them, they are not a person's any more.
    release(burst);
    return [...outcomes, { kind: "broken", facts: factsOf(burst), pace: paceOf(burst, null, this.#brokenAt) }];
  }

  /** Some fast characters are the rest of the scan that broke off, as its cashier was told; others are a person's. */
  #tooFew(run: Held[]): Outcome[] {
    if (run !== this.#rest || run.length < 2 || !isFast(run, this.#limitMs())) return typed(release(run));
    this.#brokenAt = run.at(-1)!.fact.timeStamp;
    return [];
  }

  #end(fact: KeyFact, terminator: "Enter" | "Tab"): Outcome[] {
    const run = this.#run;
    this.#run = [];
    this.#givenUp = false;
    const [before, burst] = split(run, this.#limitMs());
    const isRest = run === this.#rest && !isPaymentCode(burst) && !isHand(run, fact.timeStamp, this.#limitMs());
    if (isRest) return this.#takeBack(run, fact, terminator);
    if (burst.length < limits.SCAN_CHARACTERS_MIN || !isFast(burst, this.#limitMs())) return typed([...release(run), fact]);
    this.#scannedAt = fact.timeStamp;
    const pace = paceOf(burst, terminator, fact.timeStamp);
    if (isUnknown(burst)) return [...typed(release(before)), { kind: "broken", facts: factsOf(burst), pace }];
    return [...typed(release(before)), { kind: "scan", text: textOf(burst), facts: factsOf(burst), pace }];
  }

  /** A key that was pressed in time goes on with a run that had been given up. */
  #goesOn(partOfScan: boolean): boolean {
    const goesOn = this.#givenUp && partOfScan;
    if (goesOn) this.#givenUp = false;
    return goesOn;
  }

  #isSoonAfterBroken(fact: KeyFact): boolean {
    const since = this.#brokenAt === null ? Infinity : fact.timeStamp - this.#brokenAt;
    this.#brokenAt = null;
    return since <= limits.REST_MS_MAX;
  }

  /** The rest of a broken scan is no one's; told again only if some of it was passed on as a person's. */
  #takeBack(run: Held[], fact: KeyFact, terminator: "Enter" | "Tab"): Outcome[] {
    this.#scannedAt = fact.timeStamp;
    if (!run.some((one) => one.released)) return [];
    return [{ kind: "broken", facts: factsOf(run), pace: paceOf(run, terminator, fact.timeStamp) }];
  }

  /** Too little of what came after a broken scan is known to tell its rest from a person. */
  #isUndecided(): boolean {
    return this.#run === this.#rest && this.#run.length < limits.LOOKS_FAST_FROM;
  }

  /** Scanners may send two ends: CR and LF, or Tab and Enter. The second is nobody's Enter. */
  #endsAgain(fact: KeyFact, ends: Pace["terminator"]): boolean {
    const since = this.#scannedAt === null ? Infinity : fact.timeStamp - this.#scannedAt;
    this.#scannedAt = null;
    return ends !== null && this.#run.length === 0 && since <= limits.SECOND_END_MS_MAX;
  }

  #looksFast(): boolean {
    const [, burst] = split(this.#run, this.#limitMs());
    return burst.length >= limits.LOOKS_FAST_FROM && isFast(burst, this.#limitMs());
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

export function terminatorOf(fact: KeyFact): "Enter" | "Tab" | null {
  if (fact.code === "Enter" || fact.code === "NumpadEnter") return "Enter";
  return fact.code === "Tab" ? "Tab" : null;
}

function typed(facts: KeyFact[]): Outcome[] {
  return facts.length === 0 ? [] : [{ kind: "typed", facts }];
}
