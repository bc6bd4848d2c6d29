//! What the keyboard is set to.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::dice::Dice;
use crate::keys::Keyboard;

const LAYOUTS: [&str; 4] = ["us", "us", "de", "fr"];

/// Layout and lights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conditions {
    /// American, German or French.
    pub layout: &'static str,
    /// Caps lock.
    pub caps: bool,
    /// Num lock.
    pub num: bool,
}

impl Default for Conditions {
    fn default() -> Conditions {
        Conditions { layout: "us", caps: false, num: true }
    }
}

impl Conditions {
    /// One of all combinations.
    ///
    /// An input method sets the layout itself.
    pub fn roll(dice: &mut Dice, input_method: bool) -> Conditions {
        let layouts = if input_method { &LAYOUTS[..1] } else { &LAYOUTS };
        Conditions { layout: dice.one_of::<&str>(layouts), caps: dice.percent(30), num: dice.percent(70) }
    }

    /// Sets the display's keyboard so.
    pub fn set(self, keyboard: &Keyboard) -> Result<()> {
        let set = Command::new("setxkbmap").args(["-layout", self.layout]).status()?;
        ensure!(set.success(), "setxkbmap (Debian package x11-xkb-utils) does not know {}", self.layout);
        keyboard.lock(self.caps, self.num)
    }
}
