//! Taking money: `charge`, `cash`, `resolve`.

use guitai_app::Progress;
use guitai_app::picture::{Picture, PictureSource, code_in};
use guitai_app::till::Till;
use guitai_app::view::{MessageView, MethodView, WalletChange};
use guitai_domain::payment::State;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::args::{Cash, Charge, Resolve, Sale};
use crate::exit::{Exit, Failure};
use crate::follow::{Ended, Follower};
use crate::input::{first_line_of_stdin, picture_bytes};
use crate::output::Output;
use crate::session::Session;
use crate::words;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentView {
    sale: String,
    payment: String,
    amount: String,
    method: MethodView,
    state: &'static str,
    #[serde(rename = "final")]
    is_final: bool,
    receipt_no: Option<String>,
    provider_ref: Option<String>,
    message: MessageView,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResolvedView {
    payments: Vec<PaymentView>,
    in_doubt: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CashView {
    sale: String,
    receipt_no: Option<String>,
    amount: String,
    given: Option<String>,
    change: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VoidView {
    sale: String,
    message: MessageView,
}

pub async fn charge(session: &Session, charge: Charge) -> Result<Exit, Failure> {
    if charge.training_wallet && !session.has_own_sandbox() {
        return Err(Failure::usage(words::no_training_wallet_here()));
    }
    // Read first: a wrong file or line starts no till.
    let shown = match &charge.picture {
        Some(file) => {
            let bytes =
                picture_bytes(file).map_err(|error| Failure::usage(words::unreadable_file(file, &error)))?;
            Some(code_in(&Picture::File(bytes))?)
        }
        None => None,
    };
    let typed = if charge.code_stdin { Some(first_line_of_stdin()?) } else { None };
    let follower = Follower::new(charge.wait);
    let till = session.start_unlocked(follower.changed())?;
    let (code, device) = match (typed, shown) {
        (Some(code), _) => (code, "cli"),
        (None, Some(code)) => (Zeroizing::new(code.reveal().to_owned()), PictureSource::File.written()),
        (None, None) => (code_of_training_wallet(&till, &charge).await?, "cli"),
    };

    // A register that stops here may have sent it.
    let begun = till
        .ask(move |register, now| register.sell_by_code(&charge.amount, &code, device, now))
        .await
        .map_err(|error| Failure::from(error).after_the_act())??;
    let payments = [(begun.sale, begun.payment)];
    let (progress, ended) = follower
        .follow(&till, &payments, State::is_final, &session.out)
        .await
        .map_err(Failure::after_the_act)?;

    if ended == Ended::Interrupted {
        session.out.aside(&words::interrupted());
    }
    // The money's own code stands, whatever becomes of the sale.
    if let Err(failure) = give_up_unpaid(&till, &progress).await {
        session.out.aside(&failure.message);
    }
    let [progress] = <[Progress; 1]>::try_from(progress).expect("one payment was followed");
    let exit = Exit::of_state(progress.state);
    let view = PaymentView::from(progress);
    session.out.done(&view, |out| payment_line(&view, out));
    Ok(exit)
}

pub async fn cash(session: &Session, cash: Cash) -> Result<Exit, Failure> {
    let till = session.at_rest()?;
    let sale = till
        .ask(move |register, now| -> Result<_, Failure> {
            let sale = register.sell_for_cash(&cash.amount, cash.given.as_deref(), now)?;
            Ok(register.db().sale(sale.as_str())?)
        })
        .await??
        .expect("the sale was just written");
    let view = CashView {
        sale: sale.id.to_string(),
        receipt_no: sale.receipt_no,
        amount: sale.amount.to_string(),
        given: sale.given.map(|given| given.to_string()),
        change: sale.change.map(|change| change.to_string()),
    };
    session.out.done(&view, |out| {
        let receipt = view.receipt_no.as_deref().unwrap_or("");
        let (given, change) = (view.given.as_deref().unwrap_or(""), view.change.as_deref().unwrap_or(""));
        let (given_word, change_word) = (out.word("实收", "given"), out.word("找零", "change"));
        format!("￥{}  {given_word} ￥{given}  {change_word} ￥{change}  {receipt}", view.amount)
    });
    Ok(Exit::Done)
}

pub async fn resolve(session: &Session, resolve: Resolve) -> Result<Exit, Failure> {
    // Listed before the till starts: once it runs, a payment may be settled before anybody looks.
    let open = session.with_db(|db| Ok(db.unfinished_payments()?))?;
    if open.is_empty() {
        let view = ResolvedView { payments: Vec::new(), in_doubt: 0 };
        session.out.done(&view, |out| out.say(&words::nothing_in_doubt()).to_owned());
        return Ok(Exit::Done);
    }
    let follower = Follower::new(resolve.wait);
    let till = session.start_unlocked(follower.changed())?;
    if !till.ask(|register, _| register.connector().is_some()).await? {
        return Err(Failure { exit: Exit::Settings, message: words::nobody_to_ask() });
    }

    let payments: Vec<_> = open.iter().map(|row| (row.sale.clone(), row.id.clone())).collect();
    // Late money waits for a person, not for the provider.
    let nothing_left = |state: State| state == State::PaidLate || !state.is_unfinished();
    let (progress, ended) = follower.follow(&till, &payments, nothing_left, &session.out).await?;

    if ended == Ended::Interrupted {
        session.out.aside(&words::interrupted());
    }
    give_up_unpaid(&till, &progress).await?;
    // A payment that was declined before is only being closed with the provider: no news to end with.
    let news = open.iter().zip(&progress).filter(|(before, _)| !before.state.is_final());
    let exit = worst(news.map(|(_, now)| Exit::of_state(now.state)));
    let payments: Vec<PaymentView> = progress.into_iter().map(PaymentView::from).collect();
    let in_doubt = payments.iter().filter(|payment| !payment.is_final).count();
    let view = ResolvedView { payments, in_doubt };
    session.out.done(&view, |out| {
        let lines: Vec<String> = view.payments.iter().map(|payment| payment_line(payment, out)).collect();
        lines.join("\n")
    });
    Ok(exit)
}

pub async fn void(session: &Session, sale: Sale) -> Result<Exit, Failure> {
    let till = session.at_rest()?;
    let id = till.ask(move |register, now| register.give_up_sale(&sale.sale, now)).await??;
    let view = VoidView { sale: id.to_string(), message: words::given_up() };
    session.out.done(&view, |out| out.coded(&view.message));
    Ok(Exit::Done)
}

/// What a script must hear first when several payments ended differently.
fn worst(exits: impl Iterator<Item = Exit>) -> Exit {
    const ORDER: [Exit; 4] = [Exit::InDoubt, Exit::Reversed, Exit::Offline, Exit::NotCharged];
    let exits: Vec<Exit> = exits.collect();
    ORDER.into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::Done)
}

async fn code_of_training_wallet(till: &Till, charge: &Charge) -> Result<Zeroizing<String>, Failure> {
    let training = till.training().ok_or_else(|| Failure::usage(words::no_training_wallet_here()))?;
    let mut training = training.lock().await;
    if let Some(trouble) = charge.trouble {
        training.change(WalletChange::Trouble(trouble.into())).await?;
    }
    Ok(Zeroizing::new(training.sandbox().wallet().code))
}

pub async fn give_up_unpaid(till: &Till, progress: &[Progress]) -> Result<(), Failure> {
    let progress = progress.to_vec();
    till.ask(move |register, now| {
        progress.iter().try_for_each(|progress| register.give_up_unpaid(progress, now))
    })
    .await??;
    Ok(())
}

pub fn payment_line(view: &PaymentView, out: &Output) -> String {
    let method = words::method(view.method, out.language);
    let receipt = view.receipt_no.as_deref().unwrap_or(&view.sale);
    format!("￥{}  {method}  {}  {receipt}", view.amount, out.coded(&view.message))
}

impl From<Progress> for PaymentView {
    fn from(progress: Progress) -> Self {
        let is_final = progress.state.is_final();
        PaymentView {
            sale: progress.sale.to_string(),
            payment: progress.payment.to_string(),
            amount: progress.amount.to_string(),
            method: progress.method.into(),
            state: progress.state.name(),
            is_final,
            receipt_no: progress.receipt_no,
            provider_ref: progress.provider_ref,
            message: match progress.state {
                State::PaidLate => words::paid_late(),
                State::Created
                | State::Sent
                | State::AwaitingPayer
                | State::InDoubt { .. }
                | State::Reversing { .. }
                | State::Unresolved => words::in_doubt(),
                State::Captured
                | State::Declined { .. }
                | State::NotSent
                | State::Reversed
                | State::SettledByManager { .. } => progress.message,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_payments_the_one_that_needs_somebody_ends_the_command() {
        let cases: [(&[Exit], Exit); 4] = [
            (&[], Exit::Done),
            (&[Exit::Done, Exit::NotCharged], Exit::NotCharged),
            (&[Exit::NotCharged, Exit::Reversed, Exit::Done], Exit::Reversed),
            (&[Exit::Done, Exit::InDoubt, Exit::Reversed], Exit::InDoubt),
        ];

        for (exits, expected) in cases {
            assert_eq!(worst(exits.iter().copied()), expected, "{exits:?}");
        }
    }
}
