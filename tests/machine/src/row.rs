//! What one device did, as a line of the table.

use std::fmt;

use anyhow::Result;

use crate::device::Device;
use crate::shop::Shop;

/// The way of one device; a step after one that failed is not tried.
pub struct Row {
    name: &'static str,
    /// By what it is connected.
    way: &'static str,
    steps: Vec<Step>,
    trouble: Option<String>,
}

#[derive(Clone)]
enum Step {
    Untried,
    Failed,
    /// How it was, in a word or two.
    Done(String),
}

/// What the steps are called, however often it is pulled out.
fn steps() -> impl Iterator<Item = &'static str> {
    ["plugged in", "sale"].into_iter().chain(["pulled out", "back in, sale"].into_iter().cycle())
}

/// A step of a device's way, and how it went.
type Walk = fn(&mut dyn Device, &mut Shop) -> Result<String>;
const FIRST: [Walk; 2] = [plug, sell];
const AGAIN: [Walk; 2] = [unplug, replug];

fn plug(device: &mut dyn Device, shop: &mut Shop) -> Result<String> {
    device.plug(shop)?;
    device.seen(shop)
}

fn sell(device: &mut dyn Device, shop: &mut Shop) -> Result<String> {
    shop.sell(device)
}

fn unplug(device: &mut dyn Device, shop: &mut Shop) -> Result<String> {
    device.unplug(shop)?;
    device.missed(shop)
}

fn replug(device: &mut dyn Device, shop: &mut Shop) -> Result<String> {
    device.replug(shop)?;
    device.seen_again(shop)?;
    shop.sell(device)
}

impl Row {
    /// Tries a device from beginning to end, and pulls it out `replugs` times.
    pub fn of(device: &mut dyn Device, shop: &mut Shop, replugs: usize) -> Row {
        let again = AGAIN.into_iter().cycle().take(replugs * AGAIN.len());
        let way: Vec<Walk> = FIRST.into_iter().chain(again).collect();
        let mut row = Row {
            name: device.name(),
            way: device.way(),
            steps: vec![Step::Untried; way.len()],
            trouble: None,
        };
        for (step, run) in row.steps.iter_mut().zip(way) {
            match run(device, shop) {
                Ok(how) => *step = Step::Done(how),
                Err(error) => {
                    *step = Step::Failed;
                    row.trouble = Some(format!("{error:#}"));
                    shop.photograph(&format!("{}-failed", device.name()));
                    break;
                }
            }
        }
        row
    }

    /// Whether everything went as it should.
    pub fn is_good(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Done(_)))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.name)?;
        for (name, step) in steps().zip(&self.steps) {
            write!(formatter, " {name} {step};")?;
        }
        match &self.trouble {
            Some(trouble) => write!(formatter, "\n  {trouble}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Untried => formatter.write_str("-"),
            Step::Failed => formatter.write_str("FAILED"),
            Step::Done(how) => formatter.write_str(how),
        }
    }
}

/// All rows, to be read and to be put into a document.
pub fn table(rows: &[Row]) -> String {
    let columns = rows.first().map_or(0, |row| row.steps.len());
    let names: Vec<&str> = steps().take(columns).collect();
    let mut lines = vec![
        format!("| device | connected by | {} |", names.join(" | ")),
        format!("|{}", "---|".repeat(columns + 2)),
    ];
    for row in rows {
        let steps: Vec<String> = row.steps.iter().map(Step::to_string).collect();
        lines.push(format!("| {} | {} | {} |", row.name, row.way, steps.join(" | ")));
    }
    lines.join("\n")
}
