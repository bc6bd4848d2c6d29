// A run of characters: how fast they came, and what they say together.

import { character, placeless } from "./characters";
import type { KeyFact, Pace } from "./burst";
import * as limits from "./limits";

/** A character that was pressed. */
export interface Held {
  fact: KeyFact;
  /** By the key's place, on the layout scanners are shipped with. */
  text: string;
  /** Whether it was passed on as a person's. */
  released: boolean;
}

/** A symbology identifier (ISO/IEC 15424), which some scanners put before the text. */
const SYMBOLOGY = /^\][A-Za-z][0-9A-Za-z]/;
/** Only to tell where a scan begins. What is charged, the till decides from its own table. */
const PAYMENT_CODE = /^(1[0-6]\d{16}|(2[5-9]|30)\d{16}|62\d{17})$/;
const RECEIPT_NO = /^\d{8}-[0-9A-Z]{6}-\d{4,9}$/;
const GOODS = /^(\d{8}|\d{12,14})$/;
/** A character that an input method hides. */
const UNKNOWN = "\uFFFD";

/** The place of a key that an input method took before the page could know it. */
export const HIDDEN = "Hidden";

export function held(fact: KeyFact): Held | null {
  const text = characterOf(fact);
  return text === null ? null : { fact, text, released: false };
}

function characterOf(fact: KeyFact): string | null {
  if (fact.code === HIDDEN) return UNKNOWN;
  // Keys without a place on the keyboard (an on-screen keyboard's) carry only their character.
  return fact.code === "" ? placeless(fact.key) : character(fact.code, fact.shift, fact.key);
}

export function isUnknown(run: Held[]): boolean {
  return run.some((one) => one.text === UNKNOWN);
}

export function isPaymentCode(run: Held[]): boolean {
  return PAYMENT_CODE.test(textOf(run));
}

/** Whether nothing is missing and nothing too much: a payment code, a receipt's number, goods. */
function isWhole(run: Held[]): boolean {
  const text = textOf(run);
  return PAYMENT_CODE.test(text) || RECEIPT_NO.test(text) || (GOODS.test(text) && hasCheckDigit(text));
}

/** GS1 General Specifications, 7.9. */
function hasCheckDigit(digits: string): boolean {
  const values = [...digits].reverse().map((digit) => "0123456789".indexOf(digit));
  const sum = values.reduce((all, value, place) => all + value * (place % 2 === 1 ? 3 : 1), 0);
  return sum % 10 === 0;
}

/**
 * What a run says.
 *
 * By the keys' places; by the keyboard's layout only where that alone gives a receipt's number: a scanner that was set
 * to the layout types its letters and hyphens elsewhere.
 */
export function textOf(run: Held[]): string {
  const byPlace = digitsThough(run) ?? run.map((one) => one.text).join("");
  const byLayout = run.map((one) => one.fact.key).join("");
  return (RECEIPT_NO.test(byLayout) ? byLayout : byPlace).replace(SYMBOLOGY, "");
}

/** A number row that is shifted throughout is digits: caps lock on a layout that has them there. */
function digitsThough(run: Held[]): string | null {
  const shifted = run.every(({ fact }) => fact.shift && fact.code.startsWith("Digit"));
  return shifted ? run.map(({ fact }) => fact.code.slice("Digit".length)).join("") : null;
}

/** Passes on what was not yet; answers with what that was. */
export function release(run: Held[]): KeyFact[] {
  const waiting = run.filter((one) => !one.released);
  for (const one of waiting) one.released = true;
  return factsOf(waiting);
}

export function factsOf(run: Held[]): KeyFact[] {
  return run.map((one) => one.fact);
}

/**
 * Parts what a person typed from the burst that followed at once.
 *
 * A whole code decides where it begins, first a payment code: after the last slow gap at the front, or one before, or
 * at once. Else one slow gap is a late first key, and two in a row are a hand, if enough follows: less may be one hand
 * and a display that stalled.
 */
export function split(run: Held[], limitMs: number): [before: Held[], burst: Held[]] {
  const gaps = gapsOf(run);
  const slow = Math.max(limitMs, limits.TYPED_GAP_MS_MIN);
  const firstFast = Math.max(0, gaps.findIndex((gap) => gap <= slow));
  const at = (cut: number): [Held[], Held[]] => [run.slice(0, cut), run.slice(cut)];

  const afterSlow = gaps.slice(0, firstFast).map((_, index) => firstFast - index);
  const cuts = [...afterSlow, 0, ...(isOutOfProportion(gaps) ? [1] : [])];
  const code = cuts.find((cut) => isPaymentCode(run.slice(cut))) ?? afterSlow.find((cut) => isWhole(run.slice(cut)));
  if (code !== undefined) return at(code);
  const twoParts = firstFast >= 2 && run.length - firstFast >= limits.BROKEN_CHARACTERS_MIN && !isWhole(run);
  return at(twoParts ? firstFast : 0);
}

/** Whether the first gap is longer than a scanner's single late key explains. */
function isOutOfProportion(gaps: number[]): boolean {
  return gaps.length > 0 && gaps[0]! > Math.max(limits.TYPED_GAP_MS_MIN / 2, 2 * median(gaps));
}

/**
 * The median decides, because single keys may be late. The mean must not be a person's: a display that stalls
 * hands over some of a person's keys in one clump, and the time they took shows before or after it.
 */
export function isFast(burst: Held[], limitMs: number): boolean {
  const gaps = gapsOf(burst);
  if (median(gaps) > limitMs) return false;
  return isPaymentCode(burst) || mean(gaps) <= limitMs * limits.MEAN_GAPS_MAX;
}

/** Whether a few keys, ended at `endedAt`, are surely a person's: one slow gap may be a late key. */
export function isHand(run: Held[], endedAt: number, limitMs: number): boolean {
  const gaps = gapsBetween([...run.map((one) => one.fact.timeStamp), endedAt]);
  return gaps.filter((gap) => gap > limitMs).length >= 2 && median(gaps) > limitMs;
}

function gapsOf(run: Held[]): number[] {
  return gapsBetween(run.map((one) => one.fact.timeStamp));
}

function gapsBetween(times: number[]): number[] {
  return times.slice(1).map((time, index) => time - times[index]!);
}

/** The gap in the middle; of none, infinity. */
function median(values: number[]): number {
  if (values.length === 0) return Infinity;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function mean(values: number[]): number {
  return values.length === 0 ? Infinity : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function paceOf(burst: Held[], terminator: Pace["terminator"], endedAt: number): Pace {
  const gaps = gapsOf(burst);
  return {
    count: burst.length,
    digitsOnly: /^[0-9]+$/.test(textOf(burst)),
    medianMs: median(gaps),
    longestMs: Math.max(...gaps),
    terminator,
    endedAt,
  };
}
