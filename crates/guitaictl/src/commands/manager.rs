//! What only a manager may: `settle`, `review`, `confirm-clock`; and the PIN that shows who that is.

use guitai_app::view::{DeskAct, MessageView};
use serde::Serialize;
use zeroize::Zeroizing;

use super::desk::tell;
use crate::args::{Pin, Review, Settle};
use crate::exit::{Exit, Failure};
use crate::input::{first_line_of_stdin, managers_pin};
use crate::session::Session;
use crate::words;

#[derive(Serialize)]
struct DoneView {
    message: MessageView,
}

pub async fn settle(session: &Session, settle: Settle) -> Result<Exit, Failure> {
    // The command line sees to it that one of them is set.
    let act = match (settle.paid, settle.refunded) {
        (true, _) => DeskAct::SettlePaid,
        (false, true) => DeskAct::Refunded,
        (false, false) => DeskAct::SettleUnpaid,
    };
    act_as_manager(session, settle.of.payment, act, settle.reason).await
}

pub async fn review(session: &Session, review: Review) -> Result<Exit, Failure> {
    act_as_manager(session, review.of.payment, DeskAct::Review, review.reason).await
}

async fn act_as_manager(
    session: &Session,
    payment: String,
    act: DeskAct,
    reason: String,
) -> Result<Exit, Failure> {
    let pin = pin_for(session)?;
    let till = session.start_unlocked(|_, _| {})?;
    let id = payment.clone();
    till.as_manager(&pin, move |register, manager, now| {
        register.act_as_manager(manager, &id, act, &reason, now)
    })
    .await?;
    tell(session, &till, &payment).await
}

/// Sets the PIN. A later one needs the one before, from `GUITAI_PIN`; or, where that is lost, the settings file of the merchant in
/// use: whoever has its keys is the owner.
pub async fn pin(session: &Session, pin: Pin) -> Result<Exit, Failure> {
    session.existing()?;
    let new = first_line_of_stdin()?;
    let till = session.at_rest()?;
    match pin.lost {
        Some(file) => {
            let text = super::setup::checked_file(session, &file)?;
            till.set_pin_as_owner(&text, &new).await?;
        }
        None => {
            let old = std::env::var("GUITAI_PIN").map(Zeroizing::new).ok();
            till.set_pin(old.as_ref().map(|old| old.as_str()), &new).await?;
        }
    }
    done(session, words::pin_set())
}

pub async fn confirm_clock(session: &Session) -> Result<Exit, Failure> {
    let pin = pin_for(session)?;
    let till = session.start(|_, _| {})?;
    till.as_manager(&pin, |register, manager, now| register.confirm_clock(manager, now)).await?;
    done(session, words::clock_confirmed())
}

/// The PIN that came with the command. None at all is no wrong one: nobody has tried anything.
pub(super) fn pin_for(session: &Session) -> Result<Zeroizing<String>, Failure> {
    session.existing()?;
    let pin = managers_pin()?;
    if pin.is_empty() {
        return Err(Failure { exit: Exit::NotManager, message: words::pin_wanted() });
    }
    Ok(pin)
}

fn done(session: &Session, message: MessageView) -> Result<Exit, Failure> {
    let view = DoneView { message };
    session.out.done(&view, |out| out.coded(&view.message));
    Ok(Exit::Done)
}
