//! The till as it is started in a shop: its folder, its own thread, the real clock, and a sandbox behind real sockets.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use guitai_app::till::{Options, Till, TillError};
use guitai_app::view::{CounterView, Key};
use guitai_db::Mode;
use guitai_domain::{Fen, Method};
use guitai_sandbox::{Account, OrderState, Sandbox, ServeOptions, serve};
use guitai_tests::keys_of;
use tokio::runtime::Runtime;

/// A till that hangs is a failure; how long a healthy one takes is not measured here.
const HANGS: Duration = Duration::from_secs(60);

struct Desk {
    till: Till,
    screens: Receiver<CounterView>,
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

fn training(sandbox: Option<String>) -> Options {
    Options { mode: Mode::Training, sandbox, passphrase: None, actor: "cashier", devices: false }
}

fn start(root: &Path, options: &Options, runtime: &Runtime) -> Result<Desk, TillError> {
    let (shown, screens) = channel();
    let changed = move |register: &guitai_app::Register, now| {
        // Nobody looks any more once the test has ended.
        let _ = shown.send(register.till_view(now).counter);
    };
    let till = Till::start(root, options, runtime.handle().clone(), changed)?;
    Ok(Desk { till, screens })
}

impl Desk {
    fn press(&self, keys: Vec<Key>, runtime: &Runtime) {
        let pressed = self.till.ask(move |register, now| {
            keys.into_iter().for_each(|key| register.press(key, now));
        });
        runtime.block_on(pressed).expect("the register runs");
    }

    fn scan(&self, code: String, runtime: &Runtime) {
        let scanned = self.till.ask(move |register, now| register.scan(&code, 0, "usb", now));
        runtime.block_on(scanned).expect("the register runs");
    }

    fn sell(&self, amount: &str, code: String, runtime: &Runtime) {
        let mut keys = keys_of(amount);
        keys.push(Key::Enter);
        self.press(keys, runtime);
        self.scan(code, runtime);
    }

    /// Waits for a screen of this kind.
    fn wait_for(&self, wanted: impl Fn(&CounterView) -> bool) -> CounterView {
        loop {
            let screen = self.screens.recv_timeout(HANGS).expect("the screen that was waited for");
            if wanted(&screen) {
                return screen;
            }
        }
    }
}

#[test]
fn a_sale_goes_over_real_sockets_and_both_sides_have_the_same_books() {
    let (root, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let sandbox = Sandbox::open(None, 3).expect("a sandbox");
    let server = runtime.block_on(serve(sandbox.clone(), ServeOptions::default())).expect("a server");
    let options = training(Some(format!("http://{}", server.http_addr)));
    let desk = start(root.path(), &options, &runtime).expect("a till");

    desk.sell("18.50", sandbox.wallet().code.clone(), &runtime);
    desk.wait_for(|screen| matches!(screen, CounterView::Captured { .. }));

    let books = sandbox.books();
    assert_eq!(books.balances.get(&Account::merchant()), Some(&1_850));
    let row = runtime
        .block_on(desk.till.ask(|register, _| register.db().last_completed_sale()))
        .expect("the register runs")
        .expect("readable")
        .expect("a sale");
    assert_eq!((row.amount, row.method), (Fen(1_850), Some(Method::WechatPay)));

    // The line is cut: cash goes on.
    server.shutdown();
    desk.press(vec![Key::Enter], &runtime);
    desk.sell("7", sandbox.wallet().code.clone(), &runtime);
    let screen = desk.wait_for(|screen| matches!(screen, CounterView::Declined { .. }));
    let CounterView::Declined { message, .. } = screen else { unreachable!() };
    assert_eq!(message.code, "O-02", "nothing left the till");
    desk.press(vec![Key::Cash, Key::Enter], &runtime);
    desk.wait_for(|screen| matches!(screen, CounterView::Captured { method, .. } if Method::from(*method) == Method::Cash));

    // And the next start finds both.
    drop(desk);
    let desk = start(root.path(), &options, &runtime).expect("the till again");
    let report = runtime
        .block_on(desk.till.ask(|register, now| register.day_report(None, register.time(now).wall)))
        .expect("the register runs")
        .expect("a report");
    assert_eq!((report.sales_count, report.net_total.as_str()), (2, "25.50"));
    let paid = sandbox.books().orders.iter().filter(|order| order.state == OrderState::Success).count();
    assert_eq!(paid, 1);
}

#[test]
fn training_needs_no_server_and_a_second_till_is_not_started_on_the_same_folder() {
    let (root, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let desk = start(root.path(), &training(None), &runtime).expect("a till");
    let sandbox =
        runtime.block_on(async { desk.till.training().expect("a sandbox").lock().await.sandbox().clone() });

    desk.sell("18.50", sandbox.wallet().code.clone(), &runtime);
    desk.wait_for(|screen| matches!(screen, CounterView::Captured { .. }));

    let second = start(root.path(), &training(None), &runtime);
    assert!(
        matches!(second, Err(TillError::Start(guitai_app::folder::StartError::InUse))),
        "one till, one folder"
    );
    let health = runtime.block_on(desk.till.health()).expect("the register runs");
    let bad = health.checks.iter().filter(|check| check.level == guitai_app::view::HealthLevel::Bad).count();
    assert_eq!(bad, 0, "{health:?}");
}

#[test]
fn training_and_real_records_lie_apart() {
    let (root, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let practice = start(root.path(), &training(None), &runtime).expect("a till in training");
    let options = Options { mode: Mode::Real, ..training(None) };
    let real = start(root.path(), &options, &runtime).expect("a real till beside it");

    practice.press(vec![Key::Digit5, Key::Cash, Key::Enter], &runtime);
    practice.wait_for(|screen| matches!(screen, CounterView::Captured { .. }));

    let sales = |desk: &Desk| {
        let last = desk.till.ask(|register, _| register.db().last_completed_sale());
        runtime.block_on(last).expect("the register runs").expect("readable").is_some()
    };
    assert!(sales(&practice));
    assert!(!sales(&real), "no practice sale in the real books");
    assert_ne!(practice.till.folder().path(), real.till.folder().path());
}

#[test]
fn the_managers_pin_is_set_once_freely_and_then_only_by_who_knows_it_and_wrong_tries_wait() {
    let (root, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let desk = start(root.path(), &training(None), &runtime).expect("a till");
    let open = |pin: &str| {
        let opened = desk.till.as_manager(pin, |_, _, _| Ok(()));
        runtime.block_on(opened).map_err(|error| error.message.code)
    };
    let set = |old: Option<&str>, new: &str| {
        runtime.block_on(desk.till.set_pin(old, new)).map_err(|error| error.message.code)
    };

    assert_eq!(open("280614"), Err("M-05".to_owned()), "none is set");
    assert_eq!(set(None, "123456"), Err("M-06".to_owned()));
    assert_eq!(set(None, "280614"), Ok(()));
    assert_eq!(open("280614"), Ok(()));
    assert_eq!(set(None, "301122"), Err("M-01".to_owned()), "now it takes the one before");
    assert_eq!(set(Some("280614"), "301122"), Ok(()));

    for _ in 0..3 {
        assert_eq!(open("280614"), Err("M-03".to_owned()), "the old one");
    }
    assert_eq!(open("301122"), Err("M-04".to_owned()), "even the right one waits after three misses");
    drop(desk);
    let desk = start(root.path(), &training(None), &runtime).expect("the till again");
    let again = runtime.block_on(desk.till.as_manager("301122", |_, _, _| Ok(())));
    assert_eq!(
        again.map_err(|error| error.message.code),
        Err("M-04".to_owned()),
        "a restart forgives nothing"
    );
}

#[test]
fn settings_are_sealed_beside_the_workers_that_carry_calls() {
    // One worker for everything, and one thread beside it, which is busy with something else.
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_all().build();
    let (root, runtime) = (tempfile::tempdir().expect("a folder"), runtime.expect("a runtime"));
    let options = Options { mode: Mode::Real, ..training(None) };
    let desk = start(root.path(), &options, &runtime).expect("a till");
    let settings = guitai_app::training::settings("http://127.0.0.1:9").expect("settings").to_toml();

    runtime.block_on(async {
        let (free, busy) = channel::<()>();
        let other = tokio::task::spawn_blocking(move || busy.recv().is_ok());
        let import = desk.till.import_provider(&settings, Some("correct horse"), None);
        let mut import = std::pin::pin!(import);
        // More turns of the register than the whole of it takes.
        for _ in 0..50 {
            tokio::select! {
                biased;
                done = &mut import => panic!("the worker itself did the work: {done:?}"),
                told = desk.till.ask(|_, _| ()) => told.expect("the register runs"),
            }
        }
        free.send(()).expect("somebody waits");
        assert!(other.await.expect("it ran"));
        let view = import.await.expect("taken");
        assert!(view.provider.is_some());
    });
}

/// The manager's.
const PIN: &str = "280614";

/// Settings whose provider takes calls and never answers, and the same with another merchant's number of the same look.
fn silent_provider() -> (std::net::TcpListener, String, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = format!("http://{}", listener.local_addr().expect("an address"));
    let settings = guitai_app::training::settings(&host).expect("settings").to_toml().to_string();
    let mchid = Sandbox::merchant().mchid;
    let (head, tail) = mchid.split_at(4);
    let other = format!("{head}{}{}", if tail.starts_with('7') { '8' } else { '7' }, &tail[1..]);
    let others = settings.replace(mchid, &other);
    (listener, settings, others)
}

#[test]
fn a_payment_without_a_result_keeps_its_merchant() {
    let (root, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let desk = start(root.path(), &Options { mode: Mode::Real, ..training(None) }, &runtime).expect("a till");
    let (_listener, settings, others) = silent_provider();
    runtime.block_on(desk.till.set_pin(None, PIN)).expect("a PIN");
    let import = |text: &str, passphrase: &str| {
        let imported = runtime.block_on(desk.till.import_provider(text, Some(passphrase), Some(PIN)));
        imported.map(|_| ()).map_err(|error| error.message.code)
    };
    assert_eq!(import(&settings, "correct horse"), Ok(()));
    desk.sell("5", "134567890123456789".to_owned(), &runtime);
    desk.wait_for(|screen| matches!(screen, CounterView::Charging { .. }));

    assert_eq!(import(&others, "correct horse"), Err("K-99".to_owned()), "the numbers look alike");
    assert_eq!(
        import(&others, "another horse"),
        Err("K-99".to_owned()),
        "whose the old ones are is not known"
    );
    assert_eq!(import(&settings, "correct horse"), Ok(()), "the same merchant, with a new key perhaps");
}

#[test]
fn while_the_merchant_is_changed_no_code_is_taken() {
    let root = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let desk = start(root.path(), &Options { mode: Mode::Real, ..training(None) }, &runtime).expect("a till");
    let (_listener, settings, others) = silent_provider();
    runtime.block_on(desk.till.set_pin(None, PIN)).expect("a PIN");
    let import = |text: String| {
        runtime.block_on(desk.till.import_provider(&text, Some("correct horse"), Some(PIN))).map(|_| ())
    };
    import(settings).expect("imported");

    runtime.block_on(async {
        let mut import = std::pin::pin!(desk.till.import_provider(&others, Some("correct horse"), Some(PIN)));
        // Sealing makes a key from the passphrase, which takes many times as long as a question to the register.
        loop {
            tokio::select! {
                biased;
                done = &mut import => panic!("nobody saw it change: {done:?}"),
                none = desk.till.ask(|register, _| register.connector().is_none()) => {
                    if none.expect("the register runs") {
                        break;
                    }
                }
            }
        }
        let charged = desk.till.ask(|register, now| {
            keys_of("5").into_iter().chain([Key::Enter]).for_each(|key| register.press(key, now));
            register.scan("134567890123456789", 0, "usb", now);
            register.db().unfinished_payments().expect("readable").len()
        });
        assert_eq!(charged.await.expect("the register runs"), 0);

        import.await.expect("taken");
        assert!(
            desk.till.ask(|register, _| register.connector().is_some()).await.expect("the register runs")
        );
    });
}

#[test]
fn nothing_is_added_up_from_a_file_that_somebody_altered() {
    let (root, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let desk = start(root.path(), &training(None), &runtime).expect("a till");
    let report = |desk: &Desk| {
        let report = desk.till.ask_proven(|register, now| register.day_report(None, register.time(now).wall));
        runtime.block_on(report).map_err(|error| error.message.code).map(|report| report.is_ok())
    };
    let alter = |sql: &str| {
        let conn = rusqlite::Connection::open(desk.till.folder().database()).expect("the file opens");
        assert_eq!(conn.execute(sql, []).expect("altered"), 1);
    };
    assert_eq!(report(&desk), Ok(true));
    desk.press(vec![Key::Digit5, Key::Cash, Key::Enter], &runtime);
    desk.wait_for(|screen| matches!(screen, CounterView::Captured { .. }));

    alter("UPDATE sale SET amount_fen = 1");
    assert_eq!(report(&desk), Err("D-04".to_owned()), "also what was sold since the last proof is proven");
    assert_eq!(report(&desk), Err("D-04".to_owned()), "asking again changes nothing");
    alter("UPDATE sale SET amount_fen = 500");

    assert_eq!(report(&desk), Ok(true));
}
