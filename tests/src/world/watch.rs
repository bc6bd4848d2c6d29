//! The reference: somebody who stands at the counter, sees every screen and may look into the provider's books, but knows
//! nothing of how the till works.
//!
//! What it holds the till to:
//! - The screen says *paid* only while the provider has the money of a charge that was made for this sale.
//! - A charge of which the screen has said *not charged* never ends as money kept.
//! - A sale is charged again, or paid in cash, only after the screen has said that the charge before came to nothing.
//! - Late money is said to be there only where it is, and what the desk offers can be done.
//! - No number is charged twice, and no payment has two calls under way; more of the line is in [`line`](super::line).
//! - What the journal once had it still has after every start.
//! - Both screens say the same; change is right; a receipt is of the day it is written on, and the till knows the time once it
//!   was told a few times.
//! - Everything comes to rest, and then till, provider, bank and every purse agree; see [`rest`](super::rest).
//!
//! A purchase is recognised by its amount: no two of a plan are alike.

use std::collections::BTreeMap;

use guitai_app::view::{CounterView, MethodView};
use guitai_domain::Timestamp;
use guitai_sandbox::Verb;

use super::line::LineWatch;
use super::plan::{seconds, yuan};
use super::screens::{has_money, said, see_change};
use crate::desk::{Sent, TestRegister};

/// A till is told the time by this many answers.
const ANSWERS_FOR_TIME: u64 = 8;
/// Clocks that are this close are taken to agree, twice over.
const TIME_OFF_MS: i64 = 130_000;

/// A rule the till has broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule.
    pub rule: &'static str,
    /// How it was broken.
    pub what: String,
}

pub(crate) fn broken<T>(rule: &'static str, what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { rule, what: what.into() })
}

/// What a screen says about the sale on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// No sale on the screen.
    Nothing,
    /// To be paid.
    ToPay,
    /// Being found out.
    Open,
    /// The customer has not paid.
    NotCharged,
    /// Paid.
    Paid(MethodView),
}

/// One sale as the customer lives it.
#[derive(Debug, Default)]
pub(crate) struct Purchase {
    /// Every charge, oldest first.
    pub(crate) charges: Vec<Charge>,
    /// The last final word of a screen.
    pub(crate) paid: Option<MethodView>,
}

#[derive(Debug)]
pub(crate) struct Charge {
    pub(crate) number: String,
    /// The screen has said that it came to nothing.
    pub(crate) dead: bool,
}

#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) purchases: BTreeMap<i64, Purchase>,
    pub(crate) of_number: BTreeMap<String, i64>,
    pub(crate) says: Says,
    /// The amount on the screen.
    pub(crate) fen: Option<i64>,
    sent: usize,
    shows: u64,
    starts: u32,
    /// Deaths after which the journal was looked at.
    deaths: usize,
    /// Payments shown as paid since the last start: so many proven answers at least.
    pub(super) paid_since_start: u32,
    /// True answers before the last start or sleep: what the screens tell of them later tells no time.
    answers_before_start: u64,
    line: LineWatch,
    head: (u64, [u8; 32]),
    notice: u32,
    /// Charges that had the money at the moment the screen said that they came to nothing; it went back.
    pub(crate) early_words: u64,
    /// Charges made while the provider still had the money of one before, which was said not to be charged; it went back.
    pub(crate) twice_for_a_moment: u64,
}

impl Watch {
    pub(crate) fn new() -> Watch {
        Watch {
            purchases: BTreeMap::new(),
            of_number: BTreeMap::new(),
            says: Says::Nothing,
            fen: None,
            sent: 0,
            shows: u64::MAX,
            starts: 0,
            deaths: 0,
            paid_since_start: 0,
            answers_before_start: 0,
            line: LineWatch::default(),
            head: (0, [0; 32]),
            notice: 0,
            early_words: 0,
            twice_for_a_moment: 0,
        }
    }

    /// What the screen says, for a story.
    pub(crate) fn screen(&self) -> String {
        let amount = self.fen.map(yuan).unwrap_or_default();
        match self.says {
            Says::Nothing => "no sale".to_owned(),
            Says::ToPay => format!("{amount} to pay"),
            Says::Open => format!("{amount} being found out"),
            Says::NotCharged => format!("{amount} not charged"),
            Says::Paid(method) => format!("{amount} paid, {method:?}"),
        }
    }

    /// Looks at everything that can be seen at this moment.
    pub(crate) fn look(&mut self, desk: &TestRegister) -> Result<(), Broken> {
        let started = self.starts != desk.starts;
        if started {
            self.line.started(desk.true_ms());
            (self.paid_since_start, self.answers_before_start) = (0, desk.world.true_answers());
        }
        self.line.busy(desk.is_waiting() || desk.locked || desk.is_resting(), desk.true_ms());
        self.line.is(desk.world.network_is_down(), desk.true_ms());
        self.see_requests(desk)?;
        self.see_journal(desk)?;
        self.see_time(desk)?;
        // A new window asks for everything; an open one is told when something has changed.
        let overdue = self.line.must_be_noticed(desk.true_ms());
        if started || overdue || self.shows != desk.shows {
            self.shows = desk.shows;
            self.see_screens(desk, started)?;
        }
        Ok(())
    }

    /// The computer was asleep: the till has missed what happened meanwhile, the time included.
    pub(super) fn slept(&mut self, desk: &TestRegister) {
        (self.paid_since_start, self.answers_before_start) = (0, desk.world.true_answers());
        self.line.slept();
    }

    fn see_requests(&mut self, desk: &TestRegister) -> Result<(), Broken> {
        for request in &desk.sent[self.sent..] {
            self.line.leaves(request)?;
            if request.verb == Verb::Pay {
                self.see_charge(desk, request)?;
            }
        }
        self.sent = desk.sent.len();
        match desk.crossed.first() {
            Some(number) => broken("one call at a time", format!("two calls about {number} were under way")),
            None => Ok(()),
        }
    }

    fn see_charge(&mut self, desk: &TestRegister, request: &Sent) -> Result<(), Broken> {
        let number = request.number.clone().unwrap_or_default();
        let Some(fen) = self.fen else {
            return broken(
                "charged what is on the screen",
                format!("{number} was charged with no amount shown"),
            );
        };
        if self.of_number.insert(number.clone(), fen).is_some() {
            return broken("charged once", format!("{number} was charged a second time"));
        }
        let purchase = self.purchases.entry(fen).or_default();
        let still_there = |charge: &&Charge| charge.dead && has_money(&desk.world, &charge.number, fen);
        self.twice_for_a_moment += u64::from(purchase.charges.iter().any(|charge| still_there(&charge)));
        let open = purchase.charges.iter().find(|charge| !charge.dead);
        let before = open.map(|charge| charge.number.clone());
        purchase.charges.push(Charge { number: number.clone(), dead: false });
        match (before, purchase.paid) {
            (Some(before), _) => {
                broken("one charge at a time", format!("{number} left while {before} was not settled"))
            }
            (None, Some(_)) => {
                broken("charged once", format!("{number} left although {} is paid", yuan(fen)))
            }
            (None, None) => Ok(()),
        }
    }

    /// Whatever the till had written when it last handed something out, it has after a start.
    fn see_journal(&mut self, desk: &TestRegister) -> Result<(), Broken> {
        let db = desk.register().db();
        if self.starts != desk.starts {
            self.starts = desk.starts;
            for head in desk.seen.died_with.iter().skip(self.deaths) {
                let entry = db.entries_from(head.seq, 1).unwrap_or_default().pop();
                if entry.is_none_or(|entry| entry.hash != head.hash) {
                    let what = format!("entry {} is gone or another after a start", head.seq);
                    return broken("what is written stays", what);
                }
            }
            self.deaths = desk.seen.died_with.len();
        }
        let head = db.head();
        if head.seq < self.head.0 {
            return broken(
                "what is written stays",
                format!("the journal went from {} to {}", self.head.0, head.seq),
            );
        }
        self.head = (head.seq, head.hash);
        Ok(())
    }

    /// Once the provider has told it a few times, the till knows what the time is, whatever the computer's clock says.
    fn see_time(&self, desk: &TestRegister) -> Result<(), Broken> {
        let off_ms = desk.register().time(desk.now()).wall.0 - desk.true_ms();
        if self.knows_time(desk) && off_ms.abs() > TIME_OFF_MS {
            return broken("the till knows the time", format!("it is {} off", seconds(off_ms)));
        }
        Ok(())
    }

    fn knows_time(&self, desk: &TestRegister) -> bool {
        let answers = desk.world.true_answers().saturating_sub(self.answers_before_start);
        u64::from(self.paid_since_start).min(answers) > ANSWERS_FOR_TIME
    }

    /// The receipt is of the business day on which it was really written.
    fn see_receipt(&self, desk: &TestRegister, receipt_no: &str) -> Result<(), Broken> {
        let clock = desk.register().shop_clock();
        let day = |off_ms| clock.business_date(Timestamp(desk.true_ms() + off_ms)).compact();
        let days = [day(-TIME_OFF_MS), day(TIME_OFF_MS)];
        if !self.knows_time(desk) || days.iter().any(|day| receipt_no.starts_with(day)) {
            return Ok(());
        }
        broken("a receipt is of its day", format!("{receipt_no} was written on {}", days[0]))
    }

    fn see_screens(&mut self, desk: &TestRegister, started: bool) -> Result<(), Broken> {
        let view = desk.view();
        self.line.see(view.online, desk.true_ms())?;
        self.line.takes_codes = view.no_codes.is_none();
        if let Some(notice) = view.notice.filter(|notice| notice.serial != self.notice) {
            self.notice = notice.serial;
            self.hear(&notice.message.code, &notice.message.en, &desk.world)?;
        }
        let (says, fen) = said(&view.counter);
        if (says, fen) == (self.says, self.fen) {
            return Ok(());
        }
        (self.says, self.fen) = (says, fen);
        if let CounterView::Captured { due, receipt_no, given, change, .. } = &view.counter {
            if !started {
                self.see_receipt(desk, receipt_no)?;
            }
            see_change(due, given.as_deref(), change.as_deref())?;
        }
        self.see_display(desk, says)?;
        let Some(fen) = fen else { return Ok(()) };
        match says {
            Says::Nothing | Says::ToPay | Says::Open => Ok(()),
            Says::NotCharged => self.told_not_charged(fen, &desk.world),
            Says::Paid(method) => self.told_paid(fen, method, &desk.world),
        }
    }
}
