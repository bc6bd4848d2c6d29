// Rules of the house that no compiler checks.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCE = import.meta.dirname;

interface Source {
  path: string;
  text: string;
}

const sources: Source[] = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(ts|svelte)$/.test(path) && !path.endsWith(".test.ts"))
  .map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(join(SOURCE, path), "utf8") }));

/** What the screens are made of; the made-up till stands for the program and may count money. */
const screens = sources.filter(({ path }) => !path.startsWith("backend/"));

function breaking(rule: RegExp, among: Source[]): string[] {
  return among.flatMap(({ path, text }) => (rule.test(withoutComments(text)) ? [path] : []));
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|^\s*\/\/.*$/gm, "");
}

test("no screen works with amounts as numbers", () => {
  expect(breaking(/\bparseFloat\b|\.toFixed\(|\bNumber\(|\bBigInt\(/, screens)).toEqual([]);
  expect(breaking(/(amount|due|total|change|given|balance|average)\b\)?\s*[-*\/%]\s*[\w(]/i, screens.filter(({ path }) => path.endsWith(".ts")))).toEqual([]);
});

test("only the backend knows the host", () => {
  expect(breaking(/@tauri-apps|__TAURI/, screens)).toEqual([]);
});

test("every visible word comes from the dictionaries", () => {
  const others = screens.filter(({ path }) => !path.startsWith("i18n/"));

  expect(breaking(/[\u4e00-\u9fff]/, others)).toEqual([]);
});

test("the pages keep to the content security policy", () => {
  expect(breaking(/\{@html|\sstyle="|\beval\(|new Function\(|https?:\/\/(?!www\.w3\.org)/, screens)).toEqual([]);
});

test("nothing is written to the console", () => {
  expect(breaking(/\bconsole\./, sources)).toEqual([]);
});
