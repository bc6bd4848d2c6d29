//! One function for each command.

mod desk;
mod devices;
mod evidence;
mod manager;
mod records;
mod restore;
mod sell;
mod setup;
mod upkeep;
mod wallet;

use crate::args::Command;
use crate::exit::{Exit, Failure};
use crate::session::Session;

pub async fn run(session: &Session, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Init(init) => setup::init(session, init).await,
        Command::Provider(provider) => setup::provider(session, provider).await,
        Command::Charge(charge) => sell::charge(session, charge).await,
        Command::Cash(cash) => sell::cash(session, cash).await,
        Command::Resolve(resolve) => sell::resolve(session, resolve).await,
        Command::Desk => desk::desk(session).await,
        Command::Book(payment) => desk::book(session, payment).await,
        Command::GiveBack(give_back) => desk::give_back(session, give_back).await,
        Command::Settle(settle) => manager::settle(session, settle).await,
        Command::Review(review) => manager::review(session, review).await,
        Command::Void(sale) => sell::void(session, sale).await,
        Command::Pin(pin) => manager::pin(session, pin).await,
        Command::ConfirmClock => manager::confirm_clock(session).await,
        Command::History(history) => records::history(session, history).await,
        Command::Show(sale) => records::show(session, sale).await,
        Command::Evidence(evidence) => evidence::evidence(session, &evidence),
        Command::Reprint(sale) => records::reprint(session, sale).await,
        Command::Report(report) => records::report(session, report).await,
        Command::Verify => upkeep::verify(session),
        Command::Rebuild => upkeep::rebuild(session),
        Command::Backup(backup) => upkeep::backup(session, &backup),
        Command::Restore(restore) => restore::restore(session, &restore),
        Command::Adopt => restore::adopt(session),
        Command::TestProvider => setup::test_provider(session).await,
        Command::Health => setup::health(session).await,
        Command::Devices(devices) => devices::devices(session, devices).await,
        Command::Wallet(wallet) => wallet::wallet(session, wallet).await,
    }
}
