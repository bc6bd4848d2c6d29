// The till's tones, made on the spot. Whether they are muted is this window's own affair and is always visible.

import type { Cue } from "./cues";

interface Note {
  pitch: number;
  at: number;
  seconds: number;
  shape: OscillatorType;
}

const note = (pitch: number, at: number, seconds: number, shape: OscillatorType = "sine"): Note => ({ pitch, at, seconds, shape });

const TONES: Record<Cue, Note[]> = {
  tick: [note(1400, 0, 0.06)],
  refusal: [note(180, 0, 0.15, "square")],
  success: [note(660, 0, 0.12), note(990, 0.12, 0.16)],
  password: [note(520, 0, 0.2)],
  failed: [note(440, 0, 0.16), note(294, 0.18, 0.24)],
  unknown: [note(587, 0, 0.13), note(466, 0.17, 0.13), note(587, 0.34, 0.2)],
  note: [note(392, 0, 0.22)],
};

const MUTED = "guitai.muted";
const LOUDNESS = 0.22;

let muted = $state(localStorage.getItem(MUTED) === "yes");
let context: AudioContext | null = null;

export const sound = {
  get muted(): boolean {
    return muted;
  },

  turn(): void {
    muted = !muted;
    localStorage.setItem(MUTED, muted ? "yes" : "no");
  },

  /** A page may sound only after a person touched it; every key is such a touch. */
  wake(): void {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume();
  },

  play(cue: Cue): void {
    if (muted || context === null || context.state !== "running") return;
    for (const each of TONES[cue]) ring(context, each);
  },
};

function ring(on: AudioContext, { pitch, at, seconds, shape }: Note): void {
  const start = on.currentTime + at;
  const voice = on.createOscillator();
  const level = on.createGain();
  voice.type = shape;
  voice.frequency.value = pitch;
  // A tone that begins or ends at full level clicks.
  level.gain.setValueAtTime(0, start);
  level.gain.linearRampToValueAtTime(LOUDNESS, start + 0.008);
  level.gain.setValueAtTime(LOUDNESS, start + seconds * 0.6);
  level.gain.linearRampToValueAtTime(0, start + seconds);
  voice.connect(level).connect(on.destination);
  voice.start(start);
  voice.stop(start + seconds);
}
