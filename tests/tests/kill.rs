//! The till is killed between every two writes of its journal, before and after everything that leaves and everything that
//! comes. Each time it is started again, and at the end its books are the provider's and the bank's: nothing lost, nothing
//! doubled.
//!
//! The till is a process of its own, killed with SIGKILL; its money's other side lives here and survives it. The two speak over a
//! pipe that carries the simulated time along, so that a window of 45 seconds passes at once.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use guitai_db::SaleState;
use guitai_sandbox::World;
use guitai_tests::{Flow, TestRegister, answer_pipe, check_books, flows};

const MORNING_MS: i64 = 1_795_226_400_000;

/// How a flow ends when nobody is killed; whoever changes a flow must mean it.
const ENDS: [(&str, SaleState); 8] = [
    ("captured", SaleState::Completed),
    ("declined", SaleState::Voided),
    ("declined_then_cash", SaleState::Completed),
    ("password", SaleState::Completed),
    ("lost_answer", SaleState::Completed),
    ("reversed", SaleState::Voided),
    ("paid_but_taken_back", SaleState::Open),
    ("cash", SaleState::Completed),
];

#[test]
fn a_till_killed_at_any_point_of_a_captured_payment_loses_and_doubles_nothing() {
    kill_everywhere("captured");
}

#[test]
fn a_till_killed_at_any_point_of_a_declined_payment_loses_and_doubles_nothing() {
    kill_everywhere("declined");
}

#[test]
fn a_till_killed_at_any_point_between_a_declined_payment_and_cash_loses_and_doubles_nothing() {
    kill_everywhere("declined_then_cash");
}

#[test]
fn a_till_killed_at_any_point_of_a_payment_with_password_loses_and_doubles_nothing() {
    kill_everywhere("password");
}

#[test]
fn a_till_killed_at_any_point_after_a_lost_answer_loses_and_doubles_nothing() {
    kill_everywhere("lost_answer");
}

#[test]
fn a_till_killed_at_any_point_of_a_reversal_loses_and_doubles_nothing() {
    kill_everywhere("reversed");
}

#[test]
fn a_till_killed_at_any_point_of_taking_paid_money_back_loses_and_doubles_nothing() {
    kill_everywhere("paid_but_taken_back");
}

#[test]
fn a_till_killed_at_any_point_of_a_cash_sale_loses_and_doubles_nothing() {
    kill_everywhere("cash");
}

fn kill_everywhere(name: &str) {
    let flow = flows().find(|flow| flow.name == name).expect("a flow");
    let (mut points, mut entries_seen) = (0, Vec::new());
    loop {
        let folder = tempfile::tempdir().expect("a folder");
        let mut world = World::new(7, MORNING_MS);

        let status = live(folder.path(), flow, points + 1, &mut world);
        let killed = !status.success();

        let died_ms = last_entry_ms(folder.path()) + 2_000;
        let mut desk = TestRegister::at(folder.path(), world, died_ms, 2);
        let entries = desk.register().db().head().seq;
        desk.run_until_idle();
        check_books(&mut desk).unwrap_or_else(|why| panic!("{name}, killed at point {}: {why}", points + 1));
        assert!(desk.sales().len() <= 1, "{name}: one sale at most, whatever happened");
        let receipts = desk.sales().iter().filter(|sale| sale.receipt_no.is_some()).count();
        assert!(receipts <= 1, "{name}: one receipt at most");

        if !killed {
            let end = ENDS.iter().find(|(known, _)| *known == name).expect("its end").1;
            let sales = desk.sales();
            assert_eq!(sales.last().map(|sale| sale.state), Some(end), "{name} as it goes undisturbed");
            break;
        }
        points += 1;
        entries_seen.push(entries);
    }
    entries_seen.dedup();
    println!("{name}: killed at {points} points, with the journal at {entries_seen:?}");
    assert!(points >= 15, "{name}: the flow was not cut often enough: {points}");
}

/// When the till last wrote something, by its own clock.
fn last_entry_ms(folder: &Path) -> i64 {
    let path = folder.join("till.db");
    if !path.exists() {
        return MORNING_MS;
    }
    let conn = rusqlite::Connection::open(path).expect("the file");
    let last: Result<Option<i64>, _> = conn.query_row("SELECT max(at_ms) FROM journal", [], |row| row.get(0));
    last.ok().flatten().unwrap_or(MORNING_MS)
}

/// Starts a till in a process of its own, answers it until it ends, and says how it ended.
fn live(folder: &Path, flow: &Flow, point: u32, world: &mut World) -> ExitStatus {
    let mut till: Child = Command::new(env!("CARGO_BIN_EXE_short_lived_till"))
        .args([folder.as_os_str(), flow.name.as_ref()])
        .args([point.to_string(), MORNING_MS.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a till");
    let mut to = till.stdin.take().expect("its input");
    let from = BufReader::new(till.stdout.take().expect("its output"));
    for line in from.lines() {
        let Ok(line) = line else { break };
        // It may die while it is being answered.
        if answer_pipe(world, &line, &mut to).is_err() {
            break;
        }
    }
    till.wait().expect("its end")
}
