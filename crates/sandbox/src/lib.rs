//! The sandbox: a customer's wallet, a payment provider and a bank, for training, demonstrations and tests.
//!
//! It stands for the other side of the wire and shares no code with the till, so that a mistake cannot agree with itself. It
//! speaks WeChat Pay's true wire formats (APIv3 `codepay`, v2 `micropay`), signs with its own public and worthless keys, and
//! breaks on request (see [`Fault`]).
//!
//! [`World`] is the whole as a value: told the time, asked for answers. [`Sandbox`] puts it on the wall clock and, if wanted,
//! into a file. [`serve`] puts it on real sockets.
//!
//! Not here: bills, notifications, Native pay, coupons, foreign currencies.

mod answer;
mod bank;
mod beijing;
mod dice;
mod faults;
mod keys;
mod obstinate;
mod page;
mod provider;
pub mod server;
mod wallet;
mod world;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use bank::{Account, Bank, NotEnough, Posting};
pub use faults::{Fault, Verb};
pub use keys::{MERCHANT, MerchantKit};
pub use obstinate::Word;
pub use page::{Asking, WalletChange, WalletPage, WalletPayment};
pub use provider::{OrderState, REFUND_LATEST_MS, REVERSE_EARLIEST_MS, REVERSE_LATEST_MS, UNPAID_LIFE_MS};
pub use server::{LogEntry, Running, ServeOptions, serve};
pub use wallet::{
    Behaviour, CODE_SHOWN_MS, CODE_TAKEN_MS, PASSWORD_LIMIT_FEN, PASSWORD_PROMPT_MS, PasswordAnswer, Refusal,
};
pub use world::{BookedOrder, Books, Delivery, FIRST_BALANCE_FEN, TRAINEE, World, order_number};

/// How long [`Sandbox::exchange`] waits for an answer before it gives up.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// No answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Nothing left the till.
    NotConnected,
    /// The request left, and no answer came back: closed, half open or timed out. It may have been processed.
    NoReply,
}

/// A [`World`] on the wall clock, shared by whoever needs it. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

struct Shared {
    world: Mutex<World>,
    state_file: Option<StateFile>,
}

/// Where the world is written down, and what stands there.
struct StateFile {
    path: PathBuf,
    written: Mutex<Vec<u8>>,
}

impl Sandbox {
    /// Opens the world in `state_file`, or begins a fresh one. A file that cannot be read as a world is set aside as `.corrupt`.
    pub fn open(state_file: Option<PathBuf>, seed: u64) -> io::Result<Sandbox> {
        let kept = match &state_file {
            Some(path) => load(path)?,
            None => None,
        };
        let world = kept.unwrap_or_else(|| World::new(seed, now_ms()));
        let state_file = state_file.map(|path| StateFile { path, written: Mutex::default() });
        if let Some(file) = &state_file {
            file.save(&world)?;
        }
        Ok(Sandbox { shared: Arc::new(Shared { world: Mutex::new(world), state_file }) })
    }

    /// What a till needs to talk to the provider.
    pub fn merchant() -> MerchantKit {
        MERCHANT
    }

    /// Sends a request over the in-process wire, with whatever delays and faults are set.
    pub async fn exchange(
        &self,
        request: http::Request<Vec<u8>>,
        client_cert: bool,
    ) -> Result<http::Response<Vec<u8>>, Broken> {
        match self.deliver(&request, client_cert) {
            Delivery::Reply { response, delay_ms } => {
                let delay = Duration::from_millis(delay_ms);
                tokio::time::sleep(delay.min(PATIENCE)).await;
                if delay >= PATIENCE { Err(Broken::NoReply) } else { Ok(response) }
            }
            Delivery::NoReply => Err(Broken::NoReply),
            Delivery::HalfOpen => {
                tokio::time::sleep(PATIENCE).await;
                Err(Broken::NoReply)
            }
            Delivery::Unreachable => Err(Broken::NotConnected),
        }
    }

    /// The trainee's wallet, with a new code if the old one's minute is over.
    pub fn wallet(&self) -> WalletPage {
        self.with(|world, now_ms| world.wallet_page(TRAINEE, now_ms))
    }

    /// Changes the trainee's wallet.
    pub fn set_wallet(&self, change: WalletChange) {
        self.with(|world, now_ms| world.change_wallet(TRAINEE, &change, now_ms));
    }

    /// The trainee's answer to the open password prompt.
    pub fn answer_password(&self, answer: PasswordAnswer) {
        self.with(|world, now_ms| world.answer_password(TRAINEE, answer, now_ms));
    }

    /// Cuts or mends the network.
    pub fn set_network_down(&self, down: bool) {
        self.with(|world, _| world.set_network_down(down));
    }

    /// A fault for the next `times` requests of this verb; faults wait in line.
    pub fn inject(&self, fault: Fault, verb: Verb, times: u32) {
        self.with(|world, _| world.inject(fault, verb, times));
    }

    /// Forgets all waiting faults.
    pub fn clear_faults(&self) {
        self.with(|world, _| world.clear_faults());
    }

    /// What provider and bank have written down.
    pub fn books(&self) -> Books {
        self.with(|world, now_ms| {
            world.advance(now_ms);
            world.books()
        })
    }

    /// The payers' ids, so that a test can look for leaks.
    pub fn openids(&self) -> Vec<String> {
        self.with(|world, _| world.openids())
    }

    /// What becomes of a request at this moment.
    pub(crate) fn deliver(&self, request: &http::Request<Vec<u8>>, client_cert: bool) -> Delivery {
        self.with(|world, now_ms| world.handle(request, now_ms, client_cert))
    }

    /// Whether requests cannot reach the provider.
    #[must_use]
    pub fn network_is_down(&self) -> bool {
        self.shared.world.lock().unwrap_or_else(PoisonError::into_inner).network_is_down()
    }

    /// Does something with the world at the present time, then writes down what changed.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut World, i64) -> T) -> T {
        let mut world = self.shared.world.lock().unwrap_or_else(PoisonError::into_inner);
        let result = work(&mut world, now_ms());
        if let Some(file) = &self.shared.state_file
            && let Err(error) = file.save(&world)
        {
            eprintln!("sandbox: could not write {}: {error}", file.path.display());
        }
        result
    }
}

fn load(path: &Path) -> io::Result<Option<World>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match serde_json::from_slice(&bytes) {
        Ok(world) => Ok(Some(world)),
        Err(_) => {
            fs::rename(path, beside(path, ".corrupt"))?;
            Ok(None)
        }
    }
}

impl StateFile {
    /// Writes beside the file and renames, so that a killed till finds the old world or the new one, never half of one.
    fn save(&self, world: &World) -> io::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = serde_json::to_vec(world)?;
        if bytes != *written {
            let fresh = beside(&self.path, ".new");
            fs::write(&fresh, &bytes)?;
            fs::rename(&fresh, &self.path)?;
            *written = bytes;
        }
        Ok(())
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox stands outside the till and has a clock of its own; World is told"
)]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_survives_the_death_of_its_till() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("world.json");
        let sandbox = Sandbox::open(Some(file.clone()), 1).unwrap();
        sandbox.set_wallet(WalletChange { balance_fen: Some(777), ..WalletChange::default() });
        drop(sandbox);

        let again = Sandbox::open(Some(file), 2).unwrap();

        assert_eq!(again.wallet().balance_fen, 777);
    }

    #[test]
    fn a_corrupt_file_is_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("world.json");
        fs::write(&file, "half a wor").unwrap();

        let sandbox = Sandbox::open(Some(file.clone()), 1).unwrap();

        assert_eq!(sandbox.wallet().balance_fen, FIRST_BALANCE_FEN);
        assert_eq!(fs::read(beside(&file, ".corrupt")).unwrap(), b"half a wor");
        assert!(load(&file).unwrap().is_some(), "the fresh world is written at once");
    }

    #[test]
    fn the_page_hides_its_code_in_debug_output() {
        let page = Sandbox::open(None, 1).unwrap().wallet();

        let printed = format!("{page:?}");

        assert!(!printed.contains(&page.code) && !printed.contains("<svg"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_wire_breaks_as_it_is_told() {
        let sandbox = Sandbox::open(None, 1).unwrap();
        let request = || http::Request::get("/v3/certificates").body(Vec::new()).unwrap();
        for (fault, expected) in [
            (Fault::Unreachable, Err(Broken::NotConnected)),
            (Fault::DropRequest, Err(Broken::NoReply)),
            (Fault::DropAnswer, Err(Broken::NoReply)),
            (Fault::HalfOpen, Err(Broken::NoReply)),
            (Fault::SilentAnswer, Err(Broken::NoReply)),
            (Fault::Delay { ms: 14_999 }, Ok(401)),
            (Fault::Delay { ms: 15_000 }, Err(Broken::NoReply)),
        ] {
            sandbox.inject(fault, Verb::Any, 1);
            let answer = sandbox.exchange(request(), false).await.map(|response| response.status().as_u16());
            assert_eq!(answer, expected, "{fault:?}");
        }
        sandbox.set_network_down(true);
        assert_eq!(sandbox.exchange(request(), false).await.unwrap_err(), Broken::NotConnected);
    }
}
