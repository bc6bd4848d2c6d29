//! A provider's clock: what may be asked when, each time with the page that says so.
//!
//! `docs/provider-clock.md` shows the same to people; a test holds the two together.

use guitai_domain::payment::ProviderRules;

/// One time of a provider, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long, in ms.
    pub ms: i64,
    /// The pages it is from, named as in this crate's head; none for what the till adds by itself.
    pub sources: &'static [Source],
}

/// A page, and the day its text is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The page.
    pub page: &'static str,
    /// The day, `2026-06-10`.
    pub dated: &'static str,
}

/// All times of one provider. Those of a payment count from the moment its charge left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderClock {
    /// The kinds of settings it is the clock of.
    pub kinds: &'static [&'static str],
    /// Between two queries while the result is open.
    pub poll: Timing,
    /// How long the customer is waited for.
    pub window: Timing,
    /// No reversal before this.
    pub reverse_from: Timing,
    /// What the till waits beyond that: the provider counts from the arrival of the charge, the till from when it left.
    pub reverse_margin: Timing,
    /// No reversal after this.
    pub reverse_until: Timing,
    /// How long the code on the customer's phone is good for.
    pub code_life: Timing,
    /// No refund after this.
    pub refund_until: Timing,
}

/// What a time is called, in the document and wherever one is explained to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
    /// The time.
    pub timing: Timing,
}

impl ProviderClock {
    /// What the payment's step function goes by.
    #[must_use]
    pub const fn rules(&self) -> ProviderRules {
        ProviderRules {
            poll_ms: self.poll.ms,
            window_ms: self.window.ms,
            reverse_from_ms: self.reverse_from.ms + self.reverse_margin.ms,
            reverse_until_ms: self.reverse_until.ms,
            code_life_ms: self.code_life.ms,
            refund_until_ms: self.refund_until.ms,
        }
    }

    /// Every time with its name, shortest use first.
    #[must_use]
    pub fn rows(&self) -> [Row; 7] {
        let row = |zh, en, timing| Row { zh, en, timing };
        [
            row("付款码有效期", "life of a payment code", self.code_life),
            row("查询间隔", "between two queries", self.poll),
            row("最早撤销", "earliest reversal", self.reverse_from),
            row("柜台多等", "added by the till", self.reverse_margin),
            row("等待顾客", "waiting for the customer", self.window),
            row("最晚撤销", "last reversal", self.reverse_until),
            row("最晚退款", "last refund", self.refund_until),
        ]
    }
}

/// The clock of every provider a till can be set up for.
pub const CLOCKS: &[ProviderClock] = &[crate::wechat::CLOCK];

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
