// The language in use. Screens read `i18n.words` and follow a change at once.

import type { Language, MessageView } from "../backend";
import { en } from "./en";
import { zh, type Words } from "./zh";

const dictionaries: Record<Language, Words> = { "zh-CN": zh, en };

let language = $state<Language>("zh-CN");

export const i18n = {
  get language(): Language {
    return language;
  },

  get words(): Words {
    return dictionaries[language];
  },

  speak(next: Language): void {
    if (next === language && document.documentElement.lang === next) return;
    language = next;
    document.documentElement.lang = next;
  },

  /** A message of the till in the language in use. */
  text(message: MessageView): string {
    return language === "en" ? message.en : message.zh;
  },

  /** The same with the code a person can read over the phone. */
  say(message: MessageView): string {
    return this.text(message) + dictionaries[language].code(message.code);
  },
};
