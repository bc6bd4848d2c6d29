//! One till, one sale, one crowd.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use guitai_app::driver::{self, Handle};
use guitai_app::view::{CounterView, Key};
use guitai_app::{Now, Register, training};
use guitai_db::{Damage, Db, Identity, Mode};
use guitai_domain::{Epoch, Fen, SaleId, TillId};
use guitai_sandbox::Account;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::chance::Chance;
use crate::keys_of;

use super::crowd::{self, Input, Mood};
use super::judge::Seen;
use super::line::Line;

const DEVICE: &[u8] = b"the secret beside the file";
const THREADS: usize = 8;
const CUSTOMERS: u32 = 5;
/// A till that says nothing for so long hangs.
const HANGS: Duration = Duration::from_secs(30);

/// A payment that is still not finished after so many changes of the screen will never be.
const SCREENS_MAX: usize = 40;

/// Whether the till has its rule of one open payment a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// As it is.
    Kept,
    /// The indexes that say so are gone: to see that this is noticed.
    Dropped,
}

/// A till that runs, with a sale that stands.
pub(super) struct Round {
    till: Handle,
    line: Arc<Line>,
    screens: Receiver<()>,
    sale: SaleId,
    amount: Fen,
    codes: Vec<String>,
    /// How many have raced.
    pub(super) inputs: u64,
    // Let go last: the till's calls run here, its file lies there.
    runtime: Runtime,
    _folder: TempDir,
}

impl Round {
    pub(super) fn open(chance: &mut Chance, rule: Rule) -> Result<Round, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let folder = folder();
        let path = folder.path().join("till.db");
        let identity =
            Identity { till: TillId::from_random(7), epoch: Epoch::from_random(9), mode: Mode::Training };
        let db = Db::create(&path, &identity, DEVICE).map_err(|error| error.to_string())?;
        if rule == Rule::Dropped {
            drop_rule(&path)?;
        }
        let line = Arc::new(Line::new(chance.below(u64::MAX)));
        let connector =
            training::settings(training::IN_PROCESS).map_err(|error| error.to_string())?.connector();
        let (seed, (shown, screens)) = (chance.seed(), channel());
        let open = move |now| Register::open(db, Some(connector), seed, "cashier", now);
        let changed = move |_: &Register, _: Now| {
            // Nobody listens any more once the round is over.
            let _ = shown.send(());
        };
        let till = driver::start(open, Some(line.clone()), runtime.handle().clone(), changed);
        let till = till.map_err(|error| error.to_string())?;
        let codes = line.codes(CUSTOMERS);
        let amount = Fen(chance.between(1, 90_000));
        let keys = [keys_of(&amount.to_string()), vec![Key::Enter]].concat();
        let sale = ask(&runtime, &till, move |register, now| {
            keys.into_iter().for_each(|key| register.press(key, now));
            register.db().open_sales().map(|mut sales| sales.pop())
        })?;
        let sale = sale.map_err(|damage| damage.to_string())?.ok_or("no sale stands")?.id;
        Ok(Round { till, line, screens, sale, amount, codes, inputs: 0, runtime, _folder: folder })
    }

    /// A crowd of this mood.
    pub(super) fn crowd(&self, mood: Mood, chance: &mut Chance) -> Vec<Input> {
        (0..crowd::SIZE).map(|_| crowd::one(mood, &self.codes, chance)).collect()
    }

    /// All at once. With `held` no answer comes before the last of them is through.
    pub(super) fn let_loose(&mut self, crowd: Vec<Input>, held: bool) -> Result<(), String> {
        self.inputs += crowd.len() as u64;
        self.line.let_answers(!held);
        let (start, share) = (Barrier::new(THREADS), crowd.len().div_ceil(THREADS));
        let Round { till, runtime, sale, amount, .. } = &*self;
        let racer = |share: Vec<Input>| {
            start.wait();
            race(runtime, till, share, sale, *amount)
        };
        let all_went_in = thread::scope(|scope| {
            let shares = crowd.chunks(share).map(<[Input]>::to_vec);
            let racers: Vec<_> = shares.map(|share| scope.spawn(|| racer(share))).collect();
            racers.into_iter().all(|racer| racer.join().unwrap_or(false))
        });
        self.line.let_answers(true);
        if all_went_in { Ok(()) } else { Err("the register has stopped".to_owned()) }
    }

    /// Until nothing is unfinished; then whatever stands on the counter is cleared away.
    pub(super) fn come_to_rest(&self) -> Result<(), String> {
        // What the crowd has left behind says nothing.
        let _ = self.screens.try_iter().count();
        for _ in 0..SCREENS_MAX {
            let unfinished = self.ask(|register, _| register.db().unfinished_payments())?;
            if unfinished.map_err(|damage| damage.to_string())?.is_empty() {
                return self.clear_counter();
            }
            if self.screens.recv_timeout(HANGS).is_err() {
                break;
            }
        }
        Err("a payment stays unfinished".to_owned())
    }

    fn clear_counter(&self) -> Result<(), String> {
        self.ask(|register, now| {
            for key in [Key::Clear, Key::Escape, Key::Escape, Key::Enter, Key::Escape].repeat(3) {
                if register.till_view(now).counter != CounterView::Idle {
                    register.press(key, now);
                }
            }
        })
    }

    /// What everybody has written down.
    pub(super) fn look(&self) -> Result<Seen, String> {
        let sales = self.ask(|register, _| {
            let db = register.db();
            let mut sales = Vec::new();
            for sale in db.sales_between("0000-01-01", "9999-12-31")? {
                let payments = db.payments_of_sale(sale.id.as_str())?;
                sales.push((sale, payments));
            }
            Ok(sales)
        })?;
        let mut sales = sales.map_err(|damage: Damage| damage.to_string())?;
        // An id carries its place in the journal.
        sales.sort_by(|(one, _), (other, _)| one.id.cmp(&other.id));
        let books = self.line.books();
        let banked_fen = books.balances.get(&Account::merchant()).copied().unwrap_or(0);
        Ok(Seen { sales, orders: books.orders, charges: self.line.charges(), banked_fen })
    }

    /// The journal's chain is whole, and the tables are what it makes of them.
    pub(super) fn prove_file(&self) -> Result<(), String> {
        self.ask(|register, _| {
            let db = register.db_mut();
            let verified = db.verify().map_err(|damage| damage.to_string())?;
            if let Some(seq) = verified.broken_at {
                return Err(format!("the journal breaks at entry {seq}"));
            }
            match db.tables_agree().map_err(|error| error.to_string())? {
                true => Ok(()),
                false => Err("the tables are not what the journal makes of them".to_owned()),
            }
        })?
    }

    fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Register, Now) -> T + Send + 'static,
    ) -> Result<T, String> {
        ask(&self.runtime, &self.till, job)
    }
}

/// Each of the crowd is a task of its own, as a command of the window is. Whether all of them went in.
fn race(runtime: &Runtime, till: &Handle, share: Vec<Input>, sale: &SaleId, amount: Fen) -> bool {
    let tasks: Vec<_> = share
        .into_iter()
        .map(|input| {
            let (till, sale) = (till.clone(), sale.clone());
            runtime.spawn(async move {
                till.ask(move |register, now| input.enter(register, &sale, amount, now)).await.is_ok()
            })
        })
        .collect();
    tasks.into_iter().all(|task| runtime.block_on(task).unwrap_or(false))
}

fn ask<T: Send + 'static>(
    runtime: &Runtime,
    till: &Handle,
    job: impl FnOnce(&mut Register, Now) -> T + Send + 'static,
) -> Result<T, String> {
    runtime.block_on(till.ask(job)).map_err(|stopped| stopped.to_string())
}

fn folder() -> TempDir {
    // No power cut is tried here, so the file may lie where writing through costs nothing.
    let shm = std::path::Path::new("/dev/shm");
    let folder = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
    folder.expect("a folder")
}

fn drop_rule(path: &std::path::Path) -> Result<(), String> {
    let conn = Connection::open(path).map_err(|error| error.to_string())?;
    conn.execute_batch("DROP INDEX payment_open_once; DROP INDEX payment_captured_once;")
        .map_err(|error| error.to_string())
}
