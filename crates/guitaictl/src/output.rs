//! Printing: results to standard output, everything else to standard error.

use std::io::{self, ErrorKind, Write};

use guitai_app::view::{Language, MessageView};
use serde::Serialize;

use crate::args::Lang;
use crate::exit::Failure;
use crate::words::{self, in_language};

/// Where and how things are said.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
    pub language: Language,
}

#[derive(Serialize)]
struct ErrorView<'a> {
    error: &'a MessageView,
}

impl Output {
    pub fn new(json: bool, lang: Option<Lang>) -> Output {
        Output { json, language: lang.map_or_else(language_of_environment, Language::from) }
    }

    /// The result of the command: one JSON object, or lines for people.
    pub fn result(
        &self,
        value: &impl Serialize,
        text: impl FnOnce(&Output) -> String,
    ) -> Result<(), Failure> {
        if self.json {
            let line = serde_json::to_string(value).map_err(io::Error::other)?;
            return Ok(to_stdout(&format!("{line}\n"))?);
        }
        let text = text(self);
        Ok(to_stdout(&format!("{}\n", text.trim_end_matches('\n')))?)
    }

    /// The result of a command that has done something. What was done stands whether it can be printed or not, so a full disk, a
    /// closed pipe or a terminal that is gone changes no exit code.
    pub fn done(&self, value: &impl Serialize, text: impl FnOnce(&Output) -> String) {
        if self.result(value, text).is_err() {
            self.aside(&words::result_not_printed());
        }
    }

    /// A result that is a document of its own.
    pub fn document(&self, text: &str) -> Result<(), Failure> {
        Ok(to_stdout(text)?)
    }

    /// Why there is no result. With `--json` this is the one object on standard output.
    pub fn failure(&self, failure: &Failure) {
        if self.json {
            let line = serde_json::to_string(&ErrorView { error: &failure.message }).unwrap_or_default();
            let _ = to_stdout(&format!("{line}\n"));
        }
        self.aside(&failure.message);
    }

    /// Something said on the way.
    pub fn aside(&self, message: &MessageView) {
        self.note(&self.coded(message));
    }

    /// A line on the way.
    pub fn note(&self, line: &str) {
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    /// A message in the chosen language.
    pub fn say<'a>(&self, message: &'a MessageView) -> &'a str {
        in_language(message, self.language)
    }

    /// A message with its code in front, for the telephone.
    pub fn coded(&self, message: &MessageView) -> String {
        format!("{}  {}", message.code, self.say(message))
    }

    /// One of two wordings.
    pub fn word(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Chinese => zh,
            Language::English => en,
        }
    }
}

/// A reader that has gone away is no fault of the till's.
fn to_stdout(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn language_of_environment() -> Language {
    language_of(|name| std::env::var(name).ok())
}

fn language_of(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    match ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set) {
        Some(locale) if locale.to_ascii_lowercase().starts_with("en") => Language::English,
        Some(_) | None => Language::Chinese,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_chooses_the_language_and_chinese_is_the_first() {
        let cases: [(&[(&str, &str)], Language); 6] = [
            (&[], Language::Chinese),
            (&[("LANG", "en_US.UTF-8")], Language::English),
            (&[("LANG", "C.UTF-8")], Language::Chinese),
            (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "en_GB.UTF-8")], Language::English),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")], Language::Chinese),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "")], Language::English),
        ];

        for (environment, expected) in cases {
            let find = |name: &str| {
                environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(language_of(find), expected, "{environment:?}");
        }
    }
}
