// The figures by which a scanner is told from a person.

/** A pace no person reaches and every scanner does, while the shop has not set another. */
export const GAP_MS_MAX = 35;
/** Keys are stamped a little late, in steps of 1 ms and more: a scanner at the very limit still counts. */
export const STAMP_MS = 5;
/** Fewer characters are a person's, however fast. */
export const SCAN_CHARACTERS_MIN = 6;
/** From here on a fast run without its end is a scan that broke off, not a hand that slipped. */
export const BROKEN_CHARACTERS_MIN = 8;
/** The longest single gap inside a burst: what a busy machine has been seen to take, and some more. */
export const SPIKE_MS_MAX = 250;
/** The same once the pace is plainly a scanner's: better late than half a code. */
export const SPIKE_MS_MAX_FAST = 900;
/** A fast run without its end is given up after this time, and taken up again if a key comes that was in time. */
export const GIVE_UP_MS = 500;
/** The mean gap may be this many times the median's limit: some keys may be late, not the whole run. */
export const MEAN_GAPS_MAX = 1.35;
/** What follows a broken scan within this time may be the rest of it. */
export const REST_MS_MAX = 1100;
/** What ends a scan a second time within this time (CR LF) is a part of it. */
export const SECOND_END_MS_MAX = 100;
/** No hand reaches this pace over three keys, so three keys are held until more is known. */
export const LOOKS_FAST_FROM = 3;
/** A person's gap, when looking for keys typed right before a burst. */
export const TYPED_GAP_MS_MIN = 50;
/** No key is this late, and nothing of a scan stays in memory longer. */
export const FORGET_MS = 10_000;
