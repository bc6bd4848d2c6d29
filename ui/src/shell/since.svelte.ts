// Counts on from a moment: what the till said took or takes so many milliseconds, a while ago.

import { clock } from "./clock.svelte";

export class Since {
  #at = $state(0);

  /** The till has just said something. */
  restart(): void {
    this.#at = performance.now();
  }

  /** What is left of `ms` that were left then, in whole seconds. */
  left(ms: number): number {
    return Math.ceil(Math.max(0, ms - this.#gone()) / 1000);
  }

  /** What `ms` that were gone then have grown to, in whole seconds. */
  gone(ms: number): number {
    return Math.floor((ms + this.#gone()) / 1000);
  }

  #gone(): number {
    return Math.max(0, clock.now - this.#at);
  }
}
