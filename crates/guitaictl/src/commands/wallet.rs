//! The trainee's wallet. Its code is worthless outside training, so this command alone shows one.

use guitai_app::folder::StartError;
use guitai_app::training::Training;
use guitai_app::view::{WalletChange, WalletView};

use crate::args::Wallet;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::words;

pub async fn wallet(session: &Session, wallet: Wallet) -> Result<Exit, Failure> {
    if !session.has_own_sandbox() {
        return Err(Failure::usage(words::no_training_wallet_here()));
    }
    let folder = session.existing()?;
    let _lock = folder.lock()?;
    let mut training = Training::open(&folder).map_err(StartError::Folder)?;
    for change in changes(wallet) {
        training.change(change).await?;
    }
    let view = training.view();
    session.out.result(&view, |out| wallet_text(&view, out))?;
    Ok(Exit::Done)
}

fn changes(wallet: Wallet) -> impl Iterator<Item = WalletChange> {
    let balance = wallet.set_balance.map(WalletChange::Balance);
    let password_from = wallet.password_from.map(WalletChange::PasswordFrom);
    let behaviour = wallet.behaviour.map(|behaviour| WalletChange::Behaviour(behaviour.into()));
    let password = wallet.password.map(|answer| WalletChange::Password(answer.into()));
    [balance, password_from, behaviour, password].into_iter().flatten()
}

fn wallet_text(view: &WalletView, out: &Output) -> String {
    let mut lines = vec![
        format!("{}  ({} s)", view.digits, view.seconds_left),
        format!("{}  ￥{}", out.word("余额", "Balance"), view.balance),
        format!("{}  ￥{}", out.word("免密上限", "Password from"), view.password_from),
    ];
    lines.extend(view.asking.as_ref().map(|asking| {
        let question = out.word("等待密码", "Asks for the password");
        format!("{question}  ￥{}  {}  ({} s)", asking.amount, asking.merchant, asking.seconds_left)
    }));
    lines.extend(view.last_payments.iter().map(|payment| format!("￥{}  {}", payment.amount, payment.state)));
    lines.join("\n")
}
