//! Who may settle by hand: somebody who knows the manager's PIN.
//!
//! The register counts the misses and makes people wait; the PIN itself is checked outside, because that takes its time.

use guitai_db::{Fact, WriteError};

use super::{Now, Register};
use crate::view::MessageView;
use crate::words;

/// Somebody who has shown the manager's PIN. Only [`Register::recognise`] makes one:
///
/// ```compile_fail,E0423
/// let manager = guitai_app::Manager(());
/// ```
#[derive(Debug)]
pub struct Manager(());

/// A provider's settings, as far as they are written down: nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedProvider {
    /// The kind of settings.
    pub kind: String,
    /// The merchant's number, its middle hidden.
    pub merchant: String,
    /// What tells the merchant and app from any other.
    pub mark: String,
}

/// Misses that are forgiven at once.
const FREE_MISSES: u32 = 2;
const FIRST_WAIT_MS: i64 = 30_000;
const LONGEST_WAIT_MS: i64 = 30 * 60_000;

impl Register {
    /// Until the next try at the PIN, in ms; 0 means now. Counts anew from each start, so that a restart forgives nothing and
    /// no clock moves it.
    #[must_use]
    pub fn pin_wait_ms(&self, now: Now) -> i64 {
        let misses = self.db.manager_misses().ok().flatten().unwrap_or(0);
        let wait = wait_after(misses);
        (self.missed_at + wait - now.steady_ms).clamp(0, wait)
    }

    /// Whether a PIN was ever set on this till.
    #[must_use]
    pub fn has_pin(&self) -> bool {
        matches!(self.db.manager_misses(), Ok(Some(_)))
    }

    /// Notes that the PIN that was typed was right, or was not. Ask [`pin_wait_ms`](Register::pin_wait_ms) before it is checked.
    ///
    /// # Errors
    /// Wrong, or too many misses; or the disk refuses.
    pub fn recognise(&mut self, right: bool, now: Now) -> Result<Manager, MessageView> {
        let now = self.take_time(now);
        let wait = self.pin_wait_ms(now);
        if wait > 0 {
            return Err(words::pin_wait(wait));
        }
        let misses = self.db.manager_misses().map_err(|damage| words::damage(&damage))?.unwrap_or(0);
        let fact = match right {
            true if misses == 0 => return Ok(Manager(())),
            true => Fact::ManagerRecognised {},
            false => Fact::ManagerMissed {},
        };
        self.write(now, &[fact]).map_err(|error| words::write(&error))?;
        if right {
            return Ok(Manager(()));
        }
        self.missed_at = now.steady_ms;
        Err(words::pin_wrong(wait_after(misses + 1)))
    }

    /// Writes down to whom the money goes from here on, before it does. Says nothing twice.
    ///
    /// # Errors
    /// When the disk refuses: the settings must not be used then.
    pub fn note_provider(&mut self, provider: &NotedProvider, by: &str, now: Now) -> Result<(), WriteError> {
        let now = self.take_time(now);
        let before = self.db.merchant_in_use()?;
        if before.as_ref().is_some_and(|(mark, _)| *mark == provider.mark) {
            return Ok(());
        }
        let before = before.map(|(_, merchant)| merchant);
        if let (Some(before), "found") = (&before, by) {
            self.provider_alarm = Some(words::other_merchant_found(&provider.merchant, before));
        }
        let fact = Fact::ProviderChanged {
            provider: provider.kind.clone(),
            merchant: provider.merchant.clone(),
            mark: provider.mark.clone(),
            before,
            by: by.to_owned(),
        };
        self.write(now, &[fact])?;
        Ok(())
    }

    /// Notes that the manager's PIN is new.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn note_pin_set(&mut self, now: Now) -> Result<(), MessageView> {
        let now = self.take_time(now);
        self.write(now, &[Fact::ManagerPinSet {}]).map_err(|error| words::write(&error))?;
        Ok(())
    }

    /// A manager says that the computer's clock is right.
    ///
    /// # Errors
    /// When it cannot be: it stands before this program was made.
    pub fn confirm_clock(&mut self, _: &Manager, now: Now) -> Result<(), MessageView> {
        self.take_time(now);
        let change = self.clock.confirm(now);
        if change.is_none() && self.clock.doubt().is_some() {
            return Err(words::clock_impossible());
        }
        let told = self.clock.read(now);
        let vouched = self.clock.is_vouched();
        self.open.values_mut().for_each(|open| open.count_again(told, vouched));
        self.note_clock(change, told);
        Ok(())
    }
}

/// How long to wait after so many misses.
fn wait_after(misses: u32) -> i64 {
    match misses.checked_sub(FREE_MISSES + 1) {
        None => 0,
        Some(more) => FIRST_WAIT_MS.checked_shl(more.min(16)).unwrap_or(LONGEST_WAIT_MS).min(LONGEST_WAIT_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_the_third_miss_to_half_an_hour() {
        let waits: Vec<i64> = (0..12).map(|misses| wait_after(misses) / 1_000).collect();

        assert_eq!(waits, [0, 0, 0, 30, 60, 120, 240, 480, 960, 1_800, 1_800, 1_800]);
    }
}
