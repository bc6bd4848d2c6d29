import { expect, test } from "vitest";
import { Capture, type KeyDown, type Press } from "./capture";
import { keyFor, keysFor } from "./keys";
import type { KeyFact, Pace } from "./burst";

const CODE = "134567890123456789";
const NUMBER_KEYS = /^(Digit|Numpad)[0-9]$/;

/** A text field that keeps what an element of the page would keep. */
class TestField {
  tagName = "INPUT";
  type = "text";
  selectionStart: number;
  selectionEnd: number;
  focused = true;

  constructor(public value: string) {
    this.selectionStart = this.selectionEnd = value.length;
  }

  setRangeText(text: string, start: number, end: number): void {
    this.value = this.value.slice(0, start) + text + this.value.slice(end);
    this.selectionStart = this.selectionEnd = start + text.length;
  }

  setSelectionRange(start: number, end: number): void {
    [this.selectionStart, this.selectionEnd] = [start, end];
  }

  dispatchEvent(): boolean {
    return true;
  }

  blur(): void {
    this.focused = false;
  }

  focus(): void {
    this.focused = true;
  }
}

interface Scan {
  text: string;
  undo: number;
  pace: Pace;
}

/** A window in which time is moved by hand. */
class TestWindow {
  presses: string[] = [];
  scans: Scan[] = [];
  prevented: string[] = [];
  #now = 0;
  #alarms: { at: number; wake: (now: number) => void }[] = [];
  #keys: Capture;

  constructor(private readonly target: unknown = null) {
    this.#keys = new Capture(
      {
        key: (press: Press) => {
          this.presses.push(press.key);
          return NUMBER_KEYS.test(press.code);
        },
        scan: (text, undo, pace) => this.scans.push({ text, undo, pace }),
      },
      () => 35,
      (afterMs, wake) => {
        const alarm = { at: this.#now + afterMs, wake };
        this.#alarms.push(alarm);
        return () => (this.#alarms = this.#alarms.filter((other) => other !== alarm));
      },
    );
  }

  play(facts: KeyFact[], more: Partial<KeyDown> = {}): this {
    for (const fact of facts) {
      this.sleepUntil(fact.timeStamp);
      this.#press(fact, more);
    }
    return this;
  }

  #press(fact: KeyFact, more: Partial<KeyDown> = {}): void {
    this.#keys.keydown({
      ...fact,
      shiftKey: fact.shift,
      keyCode: 0,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      isComposing: false,
      target: this.target as EventTarget,
      preventDefault: () => this.prevented.push(fact.key),
      stopPropagation: () => {},
      ...more,
    });
  }

  /** Some keys, then the page stalls and hears the others late, though they were pressed in time. */
  playStalled(facts: KeyFact[], after: number, stallMs: number): this {
    this.play(facts.slice(0, after)).sleepUntil(facts[after - 1]!.timeStamp + stallMs);
    for (const fact of facts.slice(after)) this.#press(fact);
    return this;
  }

  /** Types as an input method would: the field has the character before anyone can hold it back. */
  playThroughInputMethod(facts: KeyFact[], field: TestField): this {
    for (const fact of facts) {
      this.play([fact], { isComposing: true, key: "Process", keyCode: 229 });
      if (fact.key.length === 1) field.setRangeText(fact.key, field.selectionStart, field.selectionEnd);
    }
    return this;
  }

  /** As WebKit tells it while a word is being composed: nothing of the key until it comes up. */
  playHidden(facts: KeyFact[]): this {
    for (const fact of facts) {
      this.play([{ ...fact, code: "Unidentified", key: "Unidentified" }], { isComposing: true, keyCode: 229 });
      this.#keys.keyup({ code: fact.code, key: fact.key, shiftKey: fact.shift, timeStamp: fact.timeStamp + 2 });
    }
    return this;
  }

  sleepUntil(then: number): this {
    for (;;) {
      const next = this.#alarms.filter((alarm) => alarm.at <= then).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((alarm) => alarm !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake(this.#now);
    }
    this.#now = then;
    return this;
  }
}

test("a person's keys are passed on in order, Enter last", () => {
  const window = new TestWindow().play(keysFor("12.5\n", [100, 120]));

  expect(window.presses).toEqual(["1", "2", ".", "5", "Enter"]);
  expect(window.scans).toEqual([]);
});

test("an Enter that comes soon after the digits waits for them", () => {
  const window = new TestWindow().play(keysFor("88\n", [100, 20]));

  expect(window.presses).toEqual(["8", "8", "Enter"]);
});

test("a scan is one text, and its Enter is nobody's", () => {
  const window = new TestWindow().play(keysFor(`${CODE}\n`, [100, 10])).sleepUntil(2000);

  expect(window.scans.map(({ text, undo }) => [text, undo])).toEqual([[CODE, 0]]);
  expect(window.presses, "no digit and no Enter was passed on").toEqual([]);
  expect(window.prevented.length, "the page saw no key").toBe(19);
});

test("digits that were passed on before a scan showed itself are taken back", () => {
  const window = new TestWindow().play(keysFor(`${CODE}\n`, [100, 80, 10]));

  expect(window.presses).toEqual(["1"]);
  expect(window.scans.map(({ text, undo }) => [text, undo])).toEqual([[CODE, 1]]);
});

test("digits that were passed on while the page stalled are taken back, all of them and once", () => {
  for (let after = 1; after <= CODE.length; after += 1) {
    const window = new TestWindow().playStalled(keysFor(`${CODE}\n`, [100, 20]), after, 2000).sleepUntil(9000);

    const whole = window.scans.filter(({ text }) => text !== "");
    expect(whole.map(({ text }) => text), `after ${after} keys`).toEqual([CODE]);
    const undone = window.scans.reduce((sum, { undo }) => sum + undo, 0);
    expect(undone, "what was passed on").toBe(window.presses.length);
  }
});

test("digits of a broken scan's rest that were passed on while the page stalled are taken back", () => {
  for (let after = 8; after < CODE.length; after += 1) {
    for (let heard = after + 1; heard <= CODE.length; heard += 1) {
      const gaps = Array.from({ length: CODE.length }, (_, index) => (index === after - 1 ? 950 : 8));
      const window = new TestWindow().playStalled(keysFor(`${CODE}\n`, [100, ...gaps]), heard, 2000).sleepUntil(19000);

      const undone = window.scans.reduce((sum, { undo }) => sum + undo, 0);
      expect(undone, `parted after ${after}, stalled after ${heard}`).toBe(window.presses.length);
      expect(window.presses, "and never an Enter").not.toContain("Enter");
      expect(window.scans.some(({ text }) => text !== "")).toBe(false);
    }
  }
});

test("a field is as it was before a scan that the page's stall parted", () => {
  for (let after = 1; after <= CODE.length; after += 1) {
    const field = new TestField("12");
    const window = new TestWindow(field).playStalled(keysFor(`${CODE}\n`, [100, 20]), after, 2000).sleepUntil(9000);

    expect(field.value, `after ${after} keys`).toBe("12");
    expect(window.scans.at(-1)?.text).toBe(CODE);
  }
});

test.each(["KeyJ", "KeyM"])("a scanner may end with Ctrl and %s", (code) => {
  const digits = keysFor(CODE, [100, 10]);
  const end = { ...keyFor("", digits.at(-1)!.timeStamp + 10), code, key: code.at(-1)!.toLowerCase() };
  const window = new TestWindow().play(digits).play([end], { ctrlKey: true }).sleepUntil(2000);

  expect(window.scans.map(({ text, undo }) => [text, undo])).toEqual([[CODE, 0]]);
  expect(window.presses).toEqual([]);
});

test("a scanner may frame its text with STX and ETX", () => {
  const control = (code: string, timeStamp: number) => ({ ...keyFor("", timeStamp), code, key: code.at(-1)!.toLowerCase() });
  const window = new TestWindow()
    .play([control("KeyB", 100)], { ctrlKey: true })
    .play(keysFor(CODE, [110, 10]))
    .play([control("KeyC", 290)], { ctrlKey: true })
    .play([keyFor("\n", 300)])
    .sleepUntil(2000);

  expect(window.scans.map(({ text }) => text)).toEqual([CODE]);
});

test("a person's shortcut ends a run as before", () => {
  const print = { ...keyFor("j", 400), ctrl: true };
  const window = new TestWindow().play(keysFor("12", [100, 120])).play([print], { ctrlKey: true });

  expect(window.presses).toEqual(["1", "2", "j"]);
});

test("what a person typed before a scan is not taken back", () => {
  const window = new TestWindow().play(keysFor(`128${CODE}\n`, [100, 120, 120, 120, 9]));

  expect(window.presses).toEqual(["1", "2", "8"]);
  expect(window.scans.map(({ text, undo }) => [text, undo])).toEqual([[CODE, 0]]);
});

test("letters that were passed on are not counted as presses", () => {
  const window = new TestWindow().play(keysFor("A1234567\n", [100, 90, 9]));

  expect(window.presses).toEqual(["A"]);
  expect(window.scans.map(({ text, undo }) => [text, undo])).toEqual([["A1234567", 0]]);
});

test("a scan that breaks off is told without its text", () => {
  const window = new TestWindow().play(keysFor("1345678901", [100, 10])).sleepUntil(2000);

  expect(window.presses).toEqual([]);
  expect(window.scans.map(({ text, undo }) => [text, undo])).toEqual([["", 0]]);
});

test("a person's Tab moves the focus, a scanner's does not", () => {
  const person = new TestWindow().play([keyFor("\t", 100)]);
  const scanner = new TestWindow().play(keysFor(`${CODE}\t`, [100, 10]));

  expect(person.prevented).toEqual([]);
  expect(scanner.prevented).toContain("Tab");
});

test("function keys and shortcuts reach the till and not the webview", () => {
  const help = { ...keyFor("", 100), code: "F1", key: "F1" };
  const print = { ...keyFor("p", 400), ctrl: true };
  const window = new TestWindow().play([help]).play([print], { ctrlKey: true });

  expect(window.presses).toEqual(["F1", "p"]);
  expect(window.prevented).toEqual(["F1", "p"]);
});

test("a person's characters go into the field that has the focus", () => {
  const field = new TestField("店");
  const window = new TestWindow(field).play(keysFor("a1", [100, 130])).sleepUntil(2000);

  expect(field.value).toBe("店a1");
  expect(window.presses).toEqual([]);
});

test("a scan never ends up in a field", () => {
  const field = new TestField("12");
  const window = new TestWindow(field).play(keysFor(`${CODE}\n`, [100, 80, 10])).sleepUntil(2000);

  expect(field.value).toBe("12");
  expect(window.scans.map(({ text, undo }) => [text, undo])).toEqual([[CODE, 0]]);
});

test("what was typed into a field just before a scan stays", () => {
  const field = new TestField("");
  new TestWindow(field).play(keysFor(`128${CODE}\n`, [100, 120, 120, 120, 9])).sleepUntil(2000);

  expect(field.value).toBe("128");
});

test("an input method's field is put back after a scan", () => {
  const field = new TestField("小店");
  const window = new TestWindow(field).playThroughInputMethod(keysFor(`${CODE}\n`, [100, 10]), field).sleepUntil(2000);

  expect(field.value).toBe("小店");
  expect(field.focused, "the cashier can go on typing").toBe(true);
  expect(window.scans.map(({ text }) => text)).toEqual([CODE]);
});

test("an input method keeps its own keys while a person types", () => {
  const field = new TestField("");
  const window = new TestWindow(field).playThroughInputMethod(keysFor("ni1", [100, 130]), field).sleepUntil(2000);

  expect(field.value).toBe("ni1");
  expect(window.prevented).toEqual([]);
});

test("a digit that the input method ate is known from its release", () => {
  const field = new TestField("ni");
  const [first, ...others] = keysFor(`${CODE}\n`, [900, 10]);
  const window = new TestWindow(field).playHidden([first!]).play(others).sleepUntil(2000);

  expect(window.scans.map(({ text }) => text)).toEqual([CODE]);
  expect(field.value).toBe("ni");
});

test("a scan that the input method hides to the end is known from its releases", () => {
  const window = new TestWindow(new TestField("")).playHidden(keysFor("20261121-7K3QZX-0042\n", [900, 10])).sleepUntil(2000);

  expect(window.scans.map(({ text }) => text)).toEqual(["20261121-7K3QZX-0042"]);
});

test("a digit that stays hidden is never left out of a scan", () => {
  const [first, ...others] = keysFor(`${CODE}\n`, [900, 10]);
  const window = new TestWindow(new TestField("ni"))
    .play([{ ...first!, code: "Unidentified", key: "Unidentified" }], { isComposing: true, keyCode: 229 })
    .play(others)
    .sleepUntil(2000);

  expect(window.scans.map(({ text }) => text), "refused, with words").toEqual([""]);
});
