//! The desk (待确认): `desk`, `book`, `give-back`.

use guitai_app::Progress;
use guitai_app::till::Till;
use guitai_app::view::{DeskAct, DeskRow, DeskView};
use guitai_db::Damage;
use guitai_domain::payment::State;
use guitai_domain::{PaymentId, SaleId};

use super::sell::{PaymentView, give_up_unpaid, payment_line};
use crate::args::{GiveBack, Payment};
use crate::exit::{Exit, Failure};
use crate::follow::{Ended, Follower};
use crate::output::Output;
use crate::session::Session;
use crate::words;

pub async fn desk(session: &Session) -> Result<Exit, Failure> {
    let till = session.start(|_, _| {})?;
    let view = till.ask(|register, now| register.desk(now)).await??;
    session.out.result(&view, |out| desk_text(&view, out))?;
    Ok(Exit::Done)
}

pub async fn book(session: &Session, payment: Payment) -> Result<Exit, Failure> {
    let till = session.start_unlocked(|_, _| {})?;
    let id = payment.payment.clone();
    till.ask(move |register, now| register.act(&id, DeskAct::Book, now)).await??;
    tell(session, &till, &payment.payment).await
}

pub async fn give_back(session: &Session, give_back: GiveBack) -> Result<Exit, Failure> {
    let follower = Follower::new(give_back.wait);
    let till = session.start_unlocked(follower.changed())?;
    let id = give_back.of.payment.clone();
    till.ask(move |register, now| register.act(&id, DeskAct::GiveBack, now)).await??;
    let subject = subject(&till, &give_back.of.payment).await?;
    let following = follower.follow(&till, &[subject], State::is_final, &session.out).await;
    let (progress, ended) = following.map_err(Failure::after_the_act)?;
    if ended == Ended::Interrupted {
        session.out.aside(&words::interrupted());
    }
    finish(session, &till, progress).await
}

/// Says where a payment stands after something was done about it.
pub async fn tell(session: &Session, till: &Till, payment: &str) -> Result<Exit, Failure> {
    let (sale, payment) = subject(till, payment).await?;
    let progress = till.ask(move |register, _| register.progress(&sale, &payment)).await??;
    finish(session, till, vec![progress]).await
}

async fn finish(session: &Session, till: &Till, progress: Vec<Progress>) -> Result<Exit, Failure> {
    if let Err(failure) = give_up_unpaid(till, &progress).await {
        session.out.aside(&failure.message);
    }
    let [progress] = <[Progress; 1]>::try_from(progress).expect("one payment was followed");
    // What was asked for is done, or the provider has yet to say so.
    let exit = if progress.state.is_final() { Exit::Done } else { Exit::InDoubt };
    let view = PaymentView::from(progress);
    session.out.done(&view, |out| payment_line(&view, out));
    Ok(exit)
}

async fn subject(till: &Till, payment: &str) -> Result<(SaleId, PaymentId), Failure> {
    let id = payment.to_owned();
    let row = till.ask(move |register, _| register.db().payment(&id)).await??;
    let row = row.ok_or_else(|| Damage::Corrupt(format!("payment {payment} is gone")))?;
    Ok((row.sale, row.id))
}

fn desk_text(view: &DeskView, out: &Output) -> String {
    if view.rows.is_empty() {
        return out.say(&words::nothing_in_doubt()).to_owned();
    }
    let lines: Vec<String> = view.rows.iter().map(|row| row_text(row, out)).collect();
    lines.join("\n")
}

fn row_text(row: &DeskRow, out: &Output) -> String {
    let method = words::method(row.method, out.language);
    let acts: Vec<&str> =
        row.acts.iter().filter(|act| act.enabled).filter_map(|act| command_of(act.act)).collect();
    format!(
        "{}  {}  ￥{}  {method}  ***{}\n  {}\n  {}",
        row.payment,
        row.time,
        row.amount,
        row.last_digits,
        out.coded(&row.message),
        acts.join("  ")
    )
}

/// How an act is called here; what needs a counter is the window's.
fn command_of(act: DeskAct) -> Option<&'static str> {
    match act {
        DeskAct::AskNow => Some("resolve"),
        DeskAct::Book => Some("book"),
        DeskAct::GiveBack => Some("give-back"),
        DeskAct::Refunded => Some("settle --refunded"),
        DeskAct::SettlePaid => Some("settle --paid"),
        DeskAct::SettleUnpaid => Some("settle --not-paid"),
        DeskAct::Review => Some("review"),
        DeskAct::TakeBack | DeskAct::TakeUp => None,
    }
}
