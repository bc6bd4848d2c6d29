// What the till last said about itself, and the line back to it.

import { backend, CommandError, type Key, type MessageView, type TillView } from "../backend";
import { i18n } from "../i18n/index.svelte";
import { inOrder } from "../shell/inOrder";
import { markPainted } from "../shell/marks";
import { Since } from "../shell/since.svelte";
import { cueOf } from "../sound/cues";
import { sound } from "../sound/tones.svelte";

/** A word to the cashier: from the till about a key, or from a screen about a command. */
export interface Word {
  text: string;
  refusal: boolean;
}

class Till {
  view = $state.raw<TillView | null>(null);
  #since = new Since();
  #word = $state.raw<Word | null>(null);
  #send = inOrder((reason) => this.failed(reason));

  get word(): Word | null {
    return this.#word;
  }

  /** What is left of `ms` that the till gave with its last word, in whole seconds. */
  secondsLeft(ms: number): number {
    return this.#since.left(ms);
  }

  /** What `ms` has grown to since the till's last word, in whole seconds. */
  secondsGone(ms: number): number {
    return this.#since.gone(ms);
  }

  async open(): Promise<void> {
    await backend.onTill((view) => this.#show(view));
    this.#show(await backend.tillView());
  }

  press(key: Key): void {
    this.#send(() => backend.press(key));
  }

  /** `open` is told of a sale whose receipt was scanned. */
  scan(text: string, undo: number, open: (sale: string) => void): void {
    const read = performance.now();
    this.#send(async () => {
      // It may have waited for a key before it; a code is good for a minute only.
      const sale = await backend.scan(text, undo, Math.max(0, Math.round(performance.now() - read)));
      if (sale !== null) open(sale);
    });
  }

  say(text: string): void {
    this.#word = { text, refusal: false };
  }

  failed(reason: unknown): void {
    const said = saidOf(reason);
    this.#word = { text: said === null ? i18n.words.broken.noAnswer : i18n.say(said), refusal: true };
    sound.play("refusal");
  }

  #show(view: TillView): void {
    const before = this.view;
    const cue = cueOf(before, view);
    i18n.speak(view.language);
    this.view = view;
    this.#since.restart();
    this.#word = wordOf(before, view, this.#word);
    if (cue !== null) sound.play(cue);
    markPainted(view.counter.state);
  }
}

/** A word stays until another is said or the counter has gone on. */
function wordOf(before: TillView | null, view: TillView, shown: Word | null): Word | null {
  const notice = view.notice;
  if (notice !== null && notice.serial !== before?.notice?.serial) {
    return { text: i18n.say(notice.message), refusal: notice.refusal };
  }
  const wentOn = notice === null ? before?.notice !== null : false;
  return wentOn || entered(before) !== entered(view) ? null : shown;
}

function entered(view: TillView | null): string {
  const counter = view?.counter;
  if (counter === undefined) return "";
  if (counter.state === "entering") return counter.state + counter.text;
  return counter.state === "cash" ? counter.state + counter.given : counter.state;
}

export function saidOf(reason: unknown): MessageView | null {
  return reason instanceof CommandError ? reason.said : null;
}

export const till = new Till();
