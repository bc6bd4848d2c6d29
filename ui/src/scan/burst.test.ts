import { expect, test } from "vitest";
import { BurstDetector, type KeyFact, type Outcome } from "./burst";
import { keyFor, keysFor } from "./keys";

const CODE = "134567890123456789";

/** Plays keys with an alarm that is never late, then a long silence. */
function play(keys: KeyFact[], gapMsMax = 35): Outcome[] {
  const detector = new BurstDetector(() => gapMsMax);
  const outcomes: Outcome[] = [];
  const sleepUntil = (then: number) => {
    for (let wake = detector.wakeAt(); wake !== null && wake < then; wake = detector.wakeAt()) {
      outcomes.push(...detector.silence(wake));
    }
  };
  for (const key of keys) {
    sleepUntil(key.timeStamp);
    outcomes.push(...detector.key(key));
  }
  sleepUntil(Infinity);
  return outcomes;
}

/** Typed keys as text (Enter as ⏎, other keys by name), scans as [text], broken scans as [!]. */
function heard(keys: KeyFact[], gapMsMax?: number): string {
  return play(keys, gapMsMax)
    .map((outcome) => {
      if (outcome.kind === "scan") return `[${outcome.text}]`;
      if (outcome.kind === "broken") return "[!]";
      return outcome.facts.map((fact) => (fact.key === "Enter" ? "⏎" : fact.key.length === 1 ? fact.key : `<${fact.key}>`)).join("");
    })
    .join("");
}

const every = (gap: number) => [500, gap];

test.each([
  ["a scanner without a pause between keys", keysFor(`${CODE}\n`, every(0)), `[${CODE}]`],
  ["a scanner at 2 ms", keysFor(`${CODE}\n`, every(2)), `[${CODE}]`],
  ["a scanner at 10 ms", keysFor(`${CODE}\n`, every(10)), `[${CODE}]`],
  ["a slow scanner at 30 ms", keysFor(`${CODE}\n`, every(30)), `[${CODE}]`],
  ["a scanner at the limit, whose keys are stamped late", keysFor(`${CODE}\n`, every(38)), `[${CODE}]`],
  ["a scanner that ends with Tab", keysFor(`${CODE}\t`, every(8)), `[${CODE}]`],
  ["an address with shifted characters", keysFor("https://t.cn/Ab?x=1&y=_2\n", every(6)), "[https://t.cn/Ab?x=1&y=_2]"],
  ["a receipt number with letters", keysFor("R20261121-0042\n", every(12)), "[R20261121-0042]"],
  ["a person typing an amount", keysFor("128.50\n", every(140)), "128.50⏎"],
  ["a person on a number pad, quick", keysFor("12850000\n", every(60)), "12850000⏎"],
  ["a person who rolls two keys", keysFor("1250\n", [500, 90, 25, 110]), "1250⏎"],
  ["five fast characters are too few", keysFor("12345\n", every(5)), "12345⏎"],
  ["six are enough", keysFor("123456\n", every(5)), "[123456]"],
  ["an Enter alone", keysFor("\n", every(0)), "⏎"],
  ["a whole payment code is one scan, though its first keys came late", keysFor(`${CODE}\n`, [500, 60, 70, 8]), `13[${CODE}]`],
  ["a shortcut key just before a payment code is not part of it", keysFor(`a${CODE}\n`, [500, 90, 8]), `a[${CODE}]`],
  ["a typed digit and a late first key before a payment code", keysFor("0125850488982425322\n", [500, 148, 55, 22]), "01[125850488982425322]"],
  ["a typed 6 before a code of Alipay, which together look like UnionPay's", keysFor("6296725243500235378\n", [500, 90, 8]), "6[296725243500235378]"],
  ["a typed 06 before it", keysFor("06287512332527810923\n", [500, 132, 127, 25]), "06[287512332527810923]"],
  ["a code of UnionPay", keysFor("6296725243500235378\n", every(8)), "[6296725243500235378]"],
  ["a typed digit that nearly runs into a payment code", keysFor(`0${CODE}\n`, [500, 40, 4]), `0[${CODE}]`],
  ["a typed digit just before a receipt's number", keysFor("020261121-7K3QZX-0042\n", [500, 70, 9]), "0[20261121-7K3QZX-0042]"],
  ["a typed digit just before goods", keysFor("86901234567892\n", [500, 70, 9]), "8[6901234567892]"],
  ["a late first gap lets one digit through, to be taken back", keysFor(`${CODE}\n`, [500, 120, 8]), `1[${CODE}]`],
  ["a late key in the middle", keysFor(`${CODE}\n`, [500, 8, 8, 8, 8, 8, 140, 8]), `[${CODE}]`],
  ["three late keys", keysFor(`${CODE}\n`, [500, 8, 8, 90, 8, 8, 145, 8, 8, 8, 8, 60, 8]), `[${CODE}]`],
  ["a display that stalled for most of a second", keysFor(`${CODE}\n`, [500, 20, 20, 20, 20, 20, 625, 20]), `134567[${CODE}]`],
  ["a late Enter", keysFor(`${CODE}\n`, [500, ...Array<number>(17).fill(8), 140]), `[${CODE}]`],
  ["two scans back to back", keysFor(`${CODE}\n2812345678901234\n`, every(5)), `[${CODE}][2812345678901234]`],
  ["a scan right after typing", keysFor(`12.5${CODE}\n`, [500, 120, 130, 110, 100, 8]), `12.5[${CODE}]`],
  ["a scan right after a confirmed amount", keysFor(`12.5\n${CODE}\n`, [500, 120, 130, 110, 100, 90, 8]), `12.5⏎[${CODE}]`],
  ["a scan that breaks off", keysFor(CODE, every(8)), "[!]"],
  ["a broken scan's rest, Enter and all", keysFor(`${CODE}\n`, [500, ...Array<number>(9).fill(8), 950, 8]), "[!]"],
  ["a scan that seemed broken and was not", keysFor(`${CODE}\n`, [500, ...Array<number>(9).fill(8), 550, 8]), `[!][${CODE}]`],
  ["a scanner that ends with CR and LF", keysFor(`${CODE}\n\n`, every(9)), `[${CODE}]`],
  ["a scanner that ends with Tab and Enter", keysFor(`${CODE}\t\n`, every(9)), `[${CODE}]`],
  ["a person's Enter after a scan", keysFor(`${CODE}\n\n`, [500, ...Array<number>(18).fill(9), 300]), `[${CODE}]⏎`],
  ["a scanner that says which kind of bar code it was", keysFor(`]C1${CODE}\n`, every(9)), `[${CODE}]`],
  ["a person's keys, half of them in one clump", keysFor("736401\n", [500, 480, 0, 0, 0, 120]), "736401⏎"],
  ["eight digits of a person, half of them in one clump", keysFor("73640158\n", [500, 130, 140, 0, 0, 130, 0, 0, 130]), "73640158⏎"],
  ["seven fast digits without an end are a slip of the hand", keysFor("1234567", every(8)), "1234567"],
])("%s", (_name, keys, expected) => {
  const outcome = heard(keys);

  expect(outcome).toBe(expected);
});

test.each(["2", "5\n", "12.5\n", "88\n", "12850000\n"])("what a person types (%j) soon after a scan broke off is not lost", (text) => {
  for (const pace of [0, 8, 24, 35]) {
    for (const pause of [910, 1000, 1090, 1110, 1500]) {
      const broken = keysFor(CODE.slice(0, 15), every(pace));
      const typed = keysFor(text, [broken.at(-1)!.timeStamp + pause, 150]);
      const lone = text === "5\n" && pause < 1100;

      const outcome = heard([...broken, ...typed]);

      // One character with one late Enter may be the scan's own last ones.
      expect(outcome, `${pause} ms after it, at ${pace} ms`).toBe(lone ? "[!]" : `[!]${text.replace("\n", "⏎")}`);
    }
  }
});

test("the rest of a scan that broke off is nobody's, however much of it there is", () => {
  for (let after = 8; after <= CODE.length; after += 1) {
    for (let late = after; late <= CODE.length; late += 1) {
      const gaps = Array.from({ length: CODE.length }, (_, index) => (index === after - 1 ? 950 : index === late ? 140 : 8));

      expect(heard(keysFor(`${CODE}\n`, [500, ...gaps])), `parted after ${after}, late after ${late + 1}`).toBe("[!]");
    }
  }
});

test("a code that is scanned again soon after its scan broke off is taken", () => {
  const broken = keysFor(CODE.slice(0, 12), every(8));
  const again = keysFor(`${CODE}\n`, [broken.at(-1)!.timeStamp + 1000, 8]);

  expect(heard([...broken, ...again])).toBe(`[!][${CODE}]`);
});

test("keys pressed in time and delivered late still complete their scan", () => {
  const keys = keysFor(`${CODE}\n`, every(8));
  const detector = new BurstDetector(() => 35);
  keys.slice(0, 10).forEach((key) => detector.key(key));
  const [given] = detector.silence(keys[9]!.timeStamp + 2000);

  const outcomes = keys.slice(10).flatMap((key) => detector.key(key));

  expect(given?.kind, "for all the page knew it had broken off").toBe("broken");
  expect(outcomes.map((outcome) => outcome.kind === "scan" && outcome.text)).toEqual([CODE]);
});

/** Hears `after` keys, then nothing for `stallMs`, then the rest, all pressed in time. */
function stalled(keys: KeyFact[], after: number, stallMs: number): Outcome[] {
  const detector = new BurstDetector(() => 35);
  const outcomes = keys.slice(0, after).flatMap((key) => detector.key(key));
  const until = keys[after - 1]!.timeStamp + stallMs;
  for (let wake = detector.wakeAt(); wake !== null && wake < until; wake = detector.wakeAt()) outcomes.push(...detector.silence(wake));
  return [...outcomes, ...keys.slice(after).flatMap((key) => detector.key(key))];
}

test("a scan is whole wherever and however long the page stalled in the middle of it", () => {
  for (const gap of [0, 2, 9, 20, 35]) {
    for (let after = 1; after <= CODE.length; after += 1) {
      for (const stallMs of [50, 200, 600, 3000]) {
        const outcomes = stalled(keysFor(`${CODE}\n`, every(gap)), after, stallMs);

        const scans = outcomes.filter((outcome) => outcome.kind === "scan").map((outcome) => outcome.text);
        expect(scans, `stalled ${stallMs} ms after ${after} keys at ${gap} ms`).toEqual([CODE]);
        expect(outcomes.at(-1)?.kind, "and nothing comes after it").toBe("scan");
      }
    }
  }
});

test("a person's keys are a person's wherever and however long the page stalled", () => {
  for (let after = 1; after <= 8; after += 1) {
    for (const stallMs of [50, 200, 600, 3000]) {
      const outcomes = stalled(keysFor("73640158\n", every(90)), after, stallMs);

      const typed = outcomes.flatMap((outcome) => (outcome.kind === "typed" ? outcome.facts : []));
      expect(typed.map((fact) => fact.key).join(""), `stalled ${stallMs} ms after ${after} keys`).toBe("73640158Enter");
    }
  }
});

test("a broken scan is forgotten when nothing more can come of it", () => {
  const detector = new BurstDetector(() => 35);
  keysFor(CODE, every(8)).forEach((key) => detector.key(key));

  for (let wake = detector.wakeAt(); wake !== null; wake = detector.wakeAt()) detector.silence(wake);

  expect(detector.isEmpty).toBe(true);
});

test.each([
  ["an American scanner on a French keyboard", (key: KeyFact) => ({ ...key, key: "&é\"'(-è_çà"[(Number(key.key) + 9) % 10]! })],
  ["a French scanner on a French keyboard", (key: KeyFact) => ({ ...key, shift: true })],
  ["a French scanner with caps lock", (key: KeyFact) => ({ ...key, shift: true, key: "&é\"'(-è_çà"[(Number(key.key) + 9) % 10]! })],
  ["an on-screen keyboard's full-width digits", (key: KeyFact) => ({ ...key, code: "", key: String.fromCharCode(0xff10 + Number(key.key)) })],
])("the digits are right from %s", (_name, changed) => {
  const keys = keysFor(`${CODE}\n`, every(9)).map((key) => (key.key === "Enter" ? key : changed(key)));

  expect(heard(keys)).toBe(`[${CODE}]`);
});

test("a receipt's number is right from a scanner that was set to a German keyboard", () => {
  const receipt = "20261121-7YZQZX-0042";
  // There, the hyphen is where the American slash is, and Y and Z have changed places.
  const places: Record<string, string> = { "-": "Slash", Y: "KeyZ", Z: "KeyY" };
  const keys = keysFor(`${receipt}\n`, every(9)).map((key) => ({ ...key, code: places[key.key] ?? key.code }));

  expect(heard(keys)).toBe(`[${receipt}]`);
});

test("digits of the number pad make a scan with its own Enter", () => {
  const keys = keysFor(`${CODE}\n`, every(9)).map((key) =>
    key.code === "Enter" ? { ...key, code: "NumpadEnter" } : { ...key, code: key.code.replace("Digit", "Numpad") },
  );

  expect(heard(keys)).toBe(`[${CODE}]`);
});

test("an input method that hides the characters does not matter", () => {
  const keys = keysFor(`${CODE}\n`, every(9)).map((key) => ({ ...key, key: "Process" }));

  expect(heard(keys)).toBe(`[${CODE}]`);
});

test("a number pad without num lock still gives digits", () => {
  const keys = keysFor("6901234567892\n", every(9)).map((key) =>
    key.code === "Enter" ? key : { ...key, code: key.code.replace("Digit", "Numpad"), key: "ArrowLeft" },
  );

  expect(heard(keys)).toBe("[6901234567892]");
});

test("a held key is a person, however fast it repeats", () => {
  const first = keyFor("5", 500);
  const repeats = Array.from({ length: 20 }, (_, index) => ({ ...keyFor("5", 1160 + index * 33), repeat: true }));

  expect(heard([first, ...repeats, keyFor("\n", 1900)])).toBe(`${"5".repeat(21)}⏎`);
});

test("a held Enter confirms once", () => {
  const repeats = Array.from({ length: 5 }, (_, index) => ({ ...keyFor("\n", 1160 + index * 33), repeat: true }));

  expect(heard([keyFor("\n", 500), ...repeats])).toBe("⏎");
});

test("another key ends a scan without its end", () => {
  const escape = { code: "Escape", key: "Escape", shift: false, repeat: false, timeStamp: 600 };

  expect(heard([...keysFor("1234567890", every(8)), escape])).toBe("[!]<Escape>");
});

test("a scanner's digits are not released before the scan is whole", () => {
  const [only, ...others] = play(keysFor(`${CODE}\n`, [500, 8, 8, 8, 8, 140, 8]));

  expect(only?.kind).toBe("scan");
  expect(others, "nothing was shown before").toEqual([]);
});

test("a slower scanner is known by a wider setting", () => {
  const keys = keysFor(`${CODE}\n`, every(48));

  expect(heard(keys, 35)).toBe(`${CODE}⏎`);
  expect(heard(keys, 55)).toBe(`[${CODE}]`);
});

test("the pace tells what was seen and not which keys", () => {
  const [scan] = play(keysFor(`${CODE}\n`, [500, 10, 10, 60, 10]));

  expect(scan?.kind === "scan" && scan.pace).toEqual({
    count: 18,
    digitsOnly: true,
    medianMs: 10,
    longestMs: 60,
    terminator: "Enter",
    endedAt: 730,
  });
});

/** A small generator of repeatable random numbers (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

test("mornings of typing and scanning are heard as they were", () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const roll = dice(seed);
    const between = (low: number, high: number) => low + Math.floor(roll() * (high - low + 1));
    const keys: KeyFact[] = [];
    let now = 0;
    let expected = "";
    for (let turn = 0; turn < 8; turn += 1) {
      now += between(400, 3000);
      const scans = roll() < 0.5;
      const text = Array.from({ length: scans ? between(6, 24) : between(1, 7) }, () => between(0, 9)).join("");
      const pace = between(0, 28);
      [...`${text}\n`].forEach((char, index) => {
        // A machine is late with a few keys, never with most of them.
        const late = index % 5 === 3 && roll() < 0.7 ? between(40, 100) : 0;
        if (index > 0) now += scans ? pace + late : between(60, 220);
        keys.push(keyFor(char, now));
      });
      expected += scans ? `[${text}]` : `${text}⏎`;
    }

    expect(heard(keys), `seed ${seed}`).toBe(expected);
  }
});
