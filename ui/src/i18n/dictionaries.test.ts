import { expect, test } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

/** Every word of a dictionary with its path; a word with a blank to fill is filled with small examples. */
function wordsOf(dictionary: object, path = ""): [path: string, word: string][] {
  return Object.entries(dictionary).flatMap(([name, value]): [string, string][] => {
    const here = path === "" ? name : `${path}.${name}`;
    if (typeof value === "function") return [[here, String(value(7, 7, 7))]];
    return typeof value === "string" ? [[here, value]] : wordsOf(value as object, here);
  });
}

test("both languages have the same words", () => {
  const paths = (dictionary: object) => wordsOf(dictionary).map(([path]) => path);

  expect(paths(en)).toEqual(paths(zh));
});

test.each([["Chinese", zh], ["English", en]] as const)("no word of the %s dictionary is empty", (_name, dictionary) => {
  const empty = wordsOf(dictionary).filter(([, word]) => word.trim() === "" || word.includes("undefined"));

  expect(empty).toEqual([]);
});

test("no Chinese is left over in the English words", () => {
  const leftOver = wordsOf(en).filter(([path, word]) => /[\u4e00-\u9fff]/.test(word) && path !== "settings.languages.zh-CN");

  expect(leftOver).toEqual([]);
});
