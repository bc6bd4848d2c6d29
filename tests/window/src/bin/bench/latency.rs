//! From the scanner's last key to the wire, and from the wire to the glass.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use guitai_window_tests::{Options, Stage, keyboard};
use serde_json::Value;

use crate::bare::Bare;
use crate::counterparty::Counterparty;
use crate::figures::{Ms, Series, heading, ratio, row, target};
use crate::floor::{Disk, Loop};
use crate::glass::{Glass, Place, now_us};

const PAYMENTS: usize = 200;
/// What a wallet pays in a day without a password.
const PAYMENTS_OF_A_CUSTOMER: usize = 10;
/// For the page to come to rest between two measurements, as it does while a customer looks for the telephone.
const REST: Duration = Duration::from_millis(150);

/// Down the right half of the till's window, beside clock and list: amount, strip and keypad.
const RESULT: Place = Place { x: 700, width: 1, lines: (70, 690, 14) };
/// The number in the bare window.
const NUMBER: Place = Place { x: 8, width: 48, lines: (10, 44, 1) };

/// Reads the marks of one payment, in microseconds since 1970, and forgets them.
const READ_MARKS: &str = "
    const at = (name) => performance.getEntriesByName(name, 'mark')
        .map((mark) => Math.round((performance.timeOrigin + mark.startTime) * 1000));
    const drift = Math.round((performance.timeOrigin + performance.now() - Date.now()) * 1000);
    const seen = { scans: at('scan-end'), charging: at('painted:charging'), captured: at('painted:captured'), drift };
    performance.clearMarks();
    return seen";

#[derive(Default)]
struct Payments {
    sent: Series,
    painted: Series,
    on_glass: Series,
    whole: Series,
    to_register: Series,
    to_wire: Series,
    heard: Series,
    shown: Series,
    connecting: Series,
    drift: Series,
}

/// One payment, in microseconds since 1970.
struct Payment {
    scanned: i64,
    received: i64,
    written: i64,
    captured: i64,
    on_glass: i64,
    drift: i64,
}

#[derive(Default)]
struct Floor {
    key: Series,
    disk: Series,
    wire: Series,
    tick: Series,
    on_glass: Series,
}

pub fn run() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let payments = pay(scratch.path())?;
    let floor = floor(scratch.path())?;

    heading(&format!("{} payments", payments.sent.len()));
    let whole_floor = floor.key.plus(&floor.disk).plus(&floor.wire);
    row("last scanner key -> request's first byte received", &payments.sent);
    row("  key -> register (by its clock, in ms)", &payments.to_register);
    row("  register -> first byte: journal, signature, HTTP", &payments.to_wire);
    row("  the same, each first payment on a new connection", &payments.connecting);
    target(&payments.sent, 30);
    row("floor: key -> command + commit + loopback", &whole_floor);
    row("  key -> command in a bare window", &floor.key);
    row("  one durable commit of two entries", &floor.disk);
    row("  1.4 kB over loopback and back", &floor.wire);
    against(&payments.sent, &whole_floor);
    println!();
    row("answer's last byte written -> result on the display", &payments.on_glass);
    row("  the same, by the page's own mark", &payments.painted);
    row("    last byte -> register (by its clock, in ms)", &payments.heard);
    row("    register -> mark", &payments.shown);
    target(&payments.on_glass, 80);
    row("floor: event -> number on the display, bare window", &floor.on_glass);
    row("  the same, by the page's own mark", &floor.tick);
    against(&payments.on_glass, &floor.on_glass);
    println!();
    row("last scanner key -> result on the display", &payments.whole);
    let (low, high) = (payments.drift.percentile(1), payments.drift.percentile(100));
    println!(
        "\nThe page's time line and its wall clock differ by {} to {} ms; both tick in whole ms.",
        Ms(low),
        Ms(high)
    );
    Ok(())
}

fn against(series: &Series, floor: &Series) {
    let [p50, p95] = [50, 95].map(|at| ratio(series.percentile(at), floor.percentile(at)));
    println!("{:<52}{p50:>8}{p95:>8}", "  ratio to the floor");
}

fn pay(root: &Path) -> Result<Payments> {
    let mut counterparty = Counterparty::start()?;
    let stage = Stage::open_in(root, &Options { sandbox: Some(counterparty.url()), ..Options::default() })?;
    let glass = Glass::watch(&RESULT)?;
    let mut paid = Vec::with_capacity(PAYMENTS);
    for number in 0..PAYMENTS {
        if number > 0 && number % PAYMENTS_OF_A_CUSTOMER == 0 {
            counterparty.renew(number as u64)?;
        }
        let payment =
            pay_once(&stage, &glass, &counterparty, number).with_context(|| format!("payment {number}"))?;
        paid.push(payment);
    }
    let asked = asked(&stage)?;
    ensure!(asked.len() == paid.len(), "{} payments, {} in the journal", paid.len(), asked.len());

    let mut payments = Payments::default();
    for (number, (payment, (asked_us, took_us))) in paid.iter().zip(asked).enumerate() {
        payments.sent.push(payment.received - payment.scanned);
        payments.painted.push(payment.captured - payment.written);
        payments.on_glass.push(payment.on_glass - payment.written);
        payments.whole.push(payment.on_glass - payment.scanned);
        payments.to_register.push(asked_us - payment.scanned);
        payments.to_wire.push(payment.received - asked_us);
        payments.heard.push(asked_us + took_us - payment.written);
        payments.shown.push(payment.captured - asked_us - took_us);
        payments.drift.push(payment.drift);
        if number % PAYMENTS_OF_A_CUSTOMER == 0 {
            payments.connecting.push(payment.received - asked_us);
        }
    }
    Ok(payments)
}

fn pay_once(stage: &Stage, glass: &Glass, counterparty: &Counterparty, number: usize) -> Result<Payment> {
    keyboard::type_text(&format!("{}.{}", 1 + number % 9, 1 + number % 7), 80)?;
    keyboard::press(&["Return"])?;
    stage.until("armed")?;
    let code = counterparty.code();
    sleep(REST);
    stage.eval(READ_MARKS)?;
    sleep(REST);
    keyboard::scan(&code, 5)?;
    stage.until("captured")?;
    sleep(REST);
    let marks = stage.eval(READ_MARKS)?;
    let first = |name: &str| marks[name][0].as_i64().with_context(|| format!("no mark of {name}"));
    let (received, written) = counterparty.last_charge()?;
    let drift = marks["drift"].as_i64().unwrap_or_default();
    // The amount stood there before, so the last change is the result's.
    let on_glass = glass.last_change(written)?;
    let (scanned, captured) = (first("scans")?, first("captured")?);
    Ok(Payment { scanned, received, written, captured, on_glass, drift })
}

/// When the register took up each charge and how long the answer took, by the journal, in microseconds.
fn asked(stage: &Stage) -> Result<Vec<(i64, i64)>> {
    let records = stage.records()?;
    let mut statement =
        records.prepare("SELECT body FROM journal WHERE kind = 'provider.answered' ORDER BY seq")?;
    let bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut asked = Vec::new();
    for body in bodies {
        let body: Value = serde_json::from_str(&body?)?;
        let answer = &body["answer"];
        if answer["verb"] == "pay" {
            let ms = |name: &str| answer[name].as_i64().with_context(|| format!("{name} in the journal"));
            asked.push((ms("asked_at_ms")? * 1000, ms("took_ms")? * 1000));
        }
    }
    Ok(asked)
}

fn floor(root: &Path) -> Result<Floor> {
    let folder = root.join("bare");
    std::fs::create_dir_all(&folder)?;
    let (mut bare, mut disk, mut wire) = (Bare::open(&folder)?, Disk::new(&folder)?, Loop::new()?);
    bare.key()?;
    let glass = Glass::watch(&NUMBER)?;
    let mut floor = Floor::default();
    for _ in 0..PAYMENTS {
        floor.key.push(bare.key()?);
        floor.disk.push(disk.commit()?);
        floor.wire.push(wire.round()?);
        sleep(REST);
        let sent = now_us();
        floor.tick.push(bare.tick()?);
        sleep(REST);
        floor.on_glass.push(glass.last_change(sent)? - sent);
    }
    Ok(floor)
}
