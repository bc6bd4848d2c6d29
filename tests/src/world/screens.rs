//! What the screens say, and whether it is so.

use guitai_app::view::{CounterView, DisplayState, MethodView};
use guitai_domain::Fen;
use guitai_sandbox::{OrderState, World};

use super::plan::yuan;
use super::watch::{Broken, Says, Watch, broken};
use crate::desk::TestRegister;

impl Watch {
    pub(super) fn see_display(&self, desk: &TestRegister, says: Says) -> Result<(), Broken> {
        let state = desk.display().state;
        let fits = match says {
            // The customer whose payment was just set aside is still told not to pay again.
            Says::Nothing => {
                matches!(state, DisplayState::Idle | DisplayState::Entering | DisplayState::InDoubt)
            }
            Says::ToPay => matches!(state, DisplayState::Armed | DisplayState::Cash | DisplayState::Entering),
            Says::Open => {
                matches!(state, DisplayState::Charging | DisplayState::AwaitingPayer | DisplayState::InDoubt)
            }
            Says::NotCharged => matches!(state, DisplayState::Declined | DisplayState::Reversed),
            // A display that has gone back to the shop's name says nothing wrong.
            Says::Paid(_) => matches!(state, DisplayState::Captured | DisplayState::Idle),
        };
        if fits {
            Ok(())
        } else {
            broken(
                "both screens say the same",
                format!("the cashier's says {says:?}, the customer's {state:?}"),
            )
        }
    }

    /// What is said of a sale that is not on the screen any more.
    pub(super) fn hear(&mut self, code: &str, words: &str, world: &World) -> Result<(), Broken> {
        let amount = || {
            let text: String = words.chars().skip_while(|letter| *letter != '￥').skip(1).collect();
            let text: String = text.chars().take_while(|letter| !letter.is_whitespace()).collect();
            Fen::from_yuan(&text).map(|fen| fen.0).unwrap_or_default()
        };
        match code {
            "W-01" => self.told_late(amount(), world),
            "W-05" => self.told_paid(amount(), MethodView::WechatPay, world),
            "W-02" => self.told_not_charged(amount(), world),
            _ => Ok(()),
        }
    }

    pub(super) fn told_paid(&mut self, fen: i64, method: MethodView, world: &World) -> Result<(), Broken> {
        let purchase = self.purchases.entry(fen).or_default();
        let amount = yuan(fen);
        if purchase.paid.is_some_and(|before| before != method) {
            return broken("paid once", format!("{amount} was paid {:?} and then {method:?}", purchase.paid));
        }
        purchase.paid = Some(method);
        let alive = purchase.charges.iter().find(|charge| !charge.dead);
        match (method, alive) {
            (MethodView::Cash, None) => Ok(()),
            (MethodView::Cash, Some(charge)) => broken(
                "one charge at a time",
                format!("{amount} was taken in cash while {} was not settled", charge.number),
            ),
            (_, Some(charge)) if has_money(world, &charge.number, fen) => {
                self.paid_since_start += 1;
                Ok(())
            }
            (_, charge) => broken(
                "paid means paid",
                format!(
                    "the screen says {amount} is paid; the provider has {:?}",
                    charge.and_then(|c| world.booked(&c.number))
                ),
            ),
        }
    }

    /// The provider has the money of a sale that was set aside, and a person is to decide.
    pub(super) fn told_late(&mut self, fen: i64, world: &World) -> Result<(), Broken> {
        let charges = self.purchases.get(&fen).map_or(&[][..], |purchase| &purchase.charges);
        match charges.iter().any(|charge| !charge.dead && has_money(world, &charge.number, fen)) {
            true => Ok(()),
            false => broken("late money is there", format!("{} is not at the provider", yuan(fen))),
        }
    }

    pub(super) fn told_not_charged(&mut self, fen: i64, world: &World) -> Result<(), Broken> {
        let purchase = self.purchases.entry(fen).or_default();
        if purchase.paid.is_some() {
            return broken("paid stays paid", format!("{} was paid and is now said not to be", yuan(fen)));
        }
        for charge in purchase.charges.iter_mut().filter(|charge| !charge.dead) {
            charge.dead = true;
            self.early_words += u64::from(has_money(world, &charge.number, fen));
        }
        Ok(())
    }
}

/// What was given less what goes back is what was due.
pub(super) fn see_change(due: &str, given: Option<&str>, change: Option<&str>) -> Result<(), Broken> {
    let fen =
        |text: &str| if text == "0.00" { 0 } else { Fen::from_yuan(text).map_or(i64::MIN, |fen| fen.0) };
    match (given, change) {
        (Some(given), Some(change)) if fen(given) - fen(change) != fen(due) => {
            broken("change is right", format!("{given} for {due} gives {change}"))
        }
        _ => Ok(()),
    }
}

pub(crate) fn has_money(world: &World, number: &str, fen: i64) -> bool {
    world
        .booked(number)
        .is_some_and(|order| order.state == OrderState::Success && order.amount_fen == Some(fen))
}

pub(super) fn said(counter: &CounterView) -> (Says, Option<i64>) {
    let (says, due) = match counter {
        CounterView::Idle | CounterView::Entering { .. } => return (Says::Nothing, None),
        CounterView::Confirming { .. } => return (Says::Nothing, None),
        CounterView::Armed { due } | CounterView::Cash { due, .. } => (Says::ToPay, due),
        CounterView::Charging { due, .. }
        | CounterView::AwaitingPayer { due, .. }
        | CounterView::InDoubt { due, .. } => (Says::Open, due),
        CounterView::Declined { due, .. } | CounterView::Reversed { due, .. } => (Says::NotCharged, due),
        CounterView::Captured { due, method, .. } => (Says::Paid(*method), due),
    };
    (says, Fen::from_yuan(due).ok().map(|fen| fen.0))
}
