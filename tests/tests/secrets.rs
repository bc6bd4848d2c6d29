//! Where the secrets of a day are not: in no file of the till, in nothing it prints, in no text it can show.
//!
//! The sandbox's own state is left out of the search: it is the other side, and a real till has none. What is searched for is
//! found when it is there: each test plants one first.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use guitai_app::till::{Options, Till};
use guitai_app::view::{HistoryFilter, Key};
use guitai_app::{Effect, evidence, training};
use guitai_connectors::ProviderSettings;
use guitai_db::{Mode, Snapshot, Watch};
use guitai_domain::PaymentCode;
use guitai_sandbox::{Sandbox, World};
use guitai_tests::{Chance, TestRegister, Trade, trading_day};

const MORNING_MS: i64 = 1_795_226_400_000;
/// This many digits of a payment code in a row are too many.
const FEW_CODES: usize = 8;
/// The same where hundreds of codes are searched for: eight digits of so many meet some timestamp by chance.
const MANY_CODES: usize = 10;

/// What must not be found.
struct Secrets {
    /// Every run of so many digits of every payment code.
    codes: BTreeSet<String>,
    digits: usize,
    /// Payers' ids, keys.
    texts: Vec<String>,
}

impl Secrets {
    fn new(codes: &[String], openids: &[String]) -> Secrets {
        let digits = if codes.len() > 1 { MANY_CODES } else { FEW_CODES };
        let runs = codes.iter().flat_map(|code| {
            (0..=code.len() - digits).map(|at| code[at..at + digits].to_owned()).collect::<Vec<_>>()
        });
        let kit = Sandbox::merchant();
        let pem = |pem: &str| -> Vec<String> {
            pem.lines()
                .filter(|line| !line.starts_with("-----") && line.len() > 16)
                .map(str::to_owned)
                .collect()
        };
        let mut texts = pem(kit.private_key_pem);
        texts.extend([kit.apiv3_key.to_owned(), kit.apiv2_key.to_owned()]);
        texts.extend(openids.iter().cloned());
        assert!(texts.len() > 20 && !codes.is_empty(), "there is something to look for");
        Secrets { codes: runs.collect(), digits, texts }
    }

    /// What of it is in `bytes`, named without being shown.
    fn found_in(&self, bytes: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(bytes);
        let mut found: Vec<String> = self
            .texts
            .iter()
            .filter(|secret| text.contains(secret.as_str()))
            .map(|secret| format!("a key or a payer's id, {} characters long", secret.len()))
            .collect();
        let digits_of = |run: &[u8]| run.iter().all(u8::is_ascii_digit);
        let runs = bytes.windows(self.digits).filter(|run| digits_of(run));
        for run in runs {
            let run = std::str::from_utf8(run).expect("digits are text");
            if self.codes.contains(run) {
                found.push(format!("{} digits of a payment code", self.digits));
            }
        }
        found
    }
}

/// Every file under `folder`, but for the other side's.
fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            files.append(&mut files_under(&path));
        } else if !name.starts_with("sandbox.json") {
            files.push(path);
        }
    }
    files
}

fn assert_clean(secrets: &Secrets, folder: &Path) {
    let files = files_under(folder);
    assert!(!files.is_empty(), "there are files to search");
    for file in files {
        let bytes = fs::read(&file).expect("a file");
        assert_eq!(secrets.found_in(&bytes), Vec::<String>::new(), "{}", file.display());
    }
}

#[test]
fn what_is_searched_for_is_found_when_it_is_there() {
    let code = "134567890123456789".to_owned();
    let secrets = Secrets::new(std::slice::from_ref(&code), &["oSB1234567890".to_owned()]);
    let kit = Sandbox::merchant();
    let key_line = kit.private_key_pem.lines().nth(3).expect("a line of the key");

    for planted in [
        format!("code {code}"),
        "…34567890…".to_owned(),
        "oSB1234567890".to_owned(),
        kit.apiv3_key.to_owned(),
        kit.apiv2_key.to_owned(),
        key_line.to_owned(),
    ] {
        assert!(!secrets.found_in(planted.as_bytes()).is_empty(), "{planted}");
        let mut among_bytes = vec![0xFF, 0x00];
        among_bytes.extend(planted.as_bytes());
        among_bytes.push(0xFE);
        assert!(!secrets.found_in(&among_bytes).is_empty(), "{planted} among bytes that are no text");
    }
    assert!(secrets.found_in(b"***6789").is_empty(), "four digits are nobody's secret");
    assert!(secrets.found_in("小票 20261121-7K3QZX-0001".as_bytes()).is_empty());
}

#[test]
fn a_day_of_trade_leaves_no_secret_in_any_file_and_in_nothing_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = tempfile::tempdir().expect("another");
    let list = elsewhere.path().join("secrets");

    let output = Command::new(env!("CARGO_BIN_EXE_trading_day"))
        .arg(folder.path())
        .arg(&list)
        .arg("11")
        .stdin(Stdio::null())
        .output()
        .expect("a day");

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list = fs::read_to_string(list).expect("the day's secrets");
    let (openids, codes): (Vec<String>, Vec<String>) =
        list.lines().map(str::to_owned).partition(|line| line.starts_with('o'));
    assert!(codes.len() >= 250, "hundreds of codes were shown: {}", codes.len());
    let secrets = Secrets::new(&codes, &openids);
    assert_clean(&secrets, folder.path());
    assert!(folder.path().join("till.db").exists(), "the journal was among them");
    assert_eq!(secrets.found_in(&output.stdout), Vec::<String>::new());
    assert_eq!(secrets.found_in(&output.stderr), Vec::<String>::new());

    // The same search, with one code planted where a careless program would leave it.
    fs::write(folder.path().join("log.txt"), format!("charged {}", codes[codes.len() / 2])).expect("a log");
    let log = fs::read(folder.path().join("log.txt")).expect("the log");
    assert!(!secrets.found_in(&log).is_empty(), "the search finds what is there");
}

#[test]
fn a_journal_open_for_writing_and_its_log_hold_no_secret_either() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = TestRegister::at(folder.path(), World::new(5, MORNING_MS), MORNING_MS, 5);
    let trade = Trade { sales: 60, deaths_permille: 0, trouble_permille: 700 };
    trading_day(&mut desk, &mut Chance::new(5), &trade);

    let secrets = Secrets::new(&desk.codes, &desk.world.openids());
    assert!(folder.path().join("till.db-wal").exists(), "the write-ahead log is there to be searched");
    assert_clean(&secrets, folder.path());
}

#[test]
fn nothing_that_can_be_shown_or_printed_holds_a_secret() {
    let mut desk = TestRegister::with_seed(6);
    let mut shown: Vec<String> = Vec::new();
    let trade = Trade { sales: 40, deaths_permille: 0, trouble_permille: 700 };
    trading_day(&mut desk, &mut Chance::new(6), &trade);
    // One payment in the middle of everything.
    desk.press(Key::Clear);
    while !matches!(desk.counter(), guitai_app::view::CounterView::Idle) {
        desk.press(Key::Escape);
    }
    desk.arm("18.50");
    let code = desk.world.payment_code(guitai_sandbox::TRAINEE, desk.true_ms());
    desk.codes.push(code.clone());
    let now = desk.now();
    desk.register_mut().scan(&code, 0, "usb", now);
    let effects = desk.register_mut().take_effects();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Call { .. })), "a charge is about to leave");
    shown.push(format!("{effects:?}"));

    let recognised = PaymentCode::recognise(&code).expect("a code");
    let settings = training::settings(training::IN_PROCESS).expect("settings");
    let options = Options {
        mode: Mode::Real,
        sandbox: None,
        passphrase: Some(Sandbox::merchant().apiv3_key.to_owned().into()),
        actor: "cashier",
        devices: false,
    };
    shown.extend([
        format!("{recognised:?}"),
        format!("{:?}", guitai_domain::Scan::recognise(&code)),
        format!("{settings:?}"),
        format!("{options:?}"),
        format!("{:?} {:?}", settings.merchant_masked(), settings.app_masked()),
        format!("{:?}", desk.view()),
        format!("{:?}", desk.display()),
        format!("{:?}", desk.register().settings_view()),
        format!("{:?}", desk.register().health()),
        format!("{:?}", desk.register().db()),
    ]);
    let wall = desk.now().wall;
    let every = HistoryFilter { from: Some("2026-11-01".to_owned()), ..HistoryFilter::default() };
    shown.push(format!("{:?}", desk.register().history(&every, wall)));
    let snapshot = Snapshot::open(&desk.path()).expect("a snapshot");
    let audit = snapshot.audit(wall, &Watch::default()).expect("a whole file");
    for sale in desk.sales() {
        shown.push(evidence::of_sale(&snapshot, &audit, sale.id.as_str()).expect("evidence"));
        shown.push(format!("{sale:?} {:?}", desk.payments(&sale.id)));
        shown.push(format!("{:?}", desk.register().sale_view(sale.id.as_str())));
        shown.push(format!("{:?}", desk.facts(&sale.id)));
        shown.push(desk.register().report_csv(Some(&sale.business_date), wall).expect("a report"));
    }

    let (day, last) = (desk.codes.clone(), std::slice::from_ref(&code));
    let openids = desk.world.openids();
    for secrets in [Secrets::new(&day, &openids), Secrets::new(last, &openids)] {
        for text in &shown {
            assert_eq!(secrets.found_in(text.as_bytes()), Vec::<String>::new(), "{text:.120}");
        }
    }
}

#[test]
fn no_error_about_wrong_settings_repeats_them() {
    let right = training::settings(training::IN_PROCESS).expect("settings").to_toml();
    let kit = Sandbox::merchant();
    let secrets = Secrets::new(&["134567890123456789".to_owned()], &["oSB1234567890".to_owned()]);
    let broken = [
        right.replace("mchid", "mchidd"),
        right.replace("kind", "kind = 1\nkind"),
        right.replace("-----END PRIVATE KEY-----", ""),
        right.replace("-----BEGIN PRIVATE KEY-----", "-----BEGIN CERTIFICATE-----"),
        right.replace(kit.mchid, "not a merchant"),
        right.replace("https", "ftp").replace("http", "ftp"),
        right.replace("'''", "'"),
        right.replace(kit.apiv3_key, &kit.apiv3_key[1..]),
        format!("{}\n{}", right.as_str(), right.as_str()),
        kit.private_key_pem.to_owned(),
    ];
    let mut errors = 0;
    for text in broken {
        if let Err(error) = ProviderSettings::from_toml(&text) {
            errors += 1;
            let said = format!("{error} {error:?}");
            assert_eq!(secrets.found_in(said.as_bytes()), Vec::<String>::new(), "{said:.120}");
            assert!(!said.contains(&kit.apiv3_key[1..]), "not with a character missing either");
        }
    }
    assert!(errors >= 7, "most of these are wrong: {errors}");
}

#[test]
fn imported_settings_lie_sealed_on_the_disk() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("tokio");
    let root = tempfile::tempdir().expect("a folder");
    let options =
        Options { mode: Mode::Real, sandbox: None, passphrase: None, actor: "cashier", devices: false };
    let till = Till::start(root.path(), &options, runtime.handle().clone(), |_, _| {}).expect("a till");
    let text = training::settings("http://127.0.0.1:9").expect("settings").to_toml();

    let view =
        runtime.block_on(till.import_provider(&text, Some("correct horse battery"), None)).expect("imported");

    let secrets = Secrets::new(&["134567890123456789".to_owned()], &["oSB1234567890".to_owned()]);
    assert!(root.path().join("real/provider.sealed").exists(), "they were stored");
    assert_clean(&secrets, root.path());
    assert_eq!(secrets.found_in(format!("{view:?}").as_bytes()), Vec::<String>::new());
    let sealed = fs::read_to_string(root.path().join("real/provider.sealed")).expect("the file");
    assert!(!sealed.contains("correct horse"), "nor the passphrase");
}
