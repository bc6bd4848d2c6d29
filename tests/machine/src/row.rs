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
    steps: [Step; 4],
    trouble: Option<String>,
}

#[derive(Clone)]
enum Step {
    Untried,
    Failed,
    /// How it was, in a word or two.
    Done(String),
}

const STEPS: [&str; 4] = ["plugged in", "sale", "pulled out", "back in, sale"];

/// A step of a device's way, and how it went.
type Walk = fn(&mut dyn Device, &mut Shop) -> Result<String>;
const WAY: [Walk; 4] = [plug, sell, unplug, replug];

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
    /// Tries a device from beginning to end.
    pub fn of(device: &mut dyn Device, shop: &mut Shop) -> Row {
        let mut row = Row {
            name: device.name(),
            way: device.way(),
            steps: [const { Step::Untried }; 4],
            trouble: None,
        };
        for (step, run) in row.steps.iter_mut().zip(WAY) {
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
        for (name, step) in STEPS.iter().zip(&self.steps) {
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
    let mut lines = vec![
        format!("| device | connected by | {} |", STEPS.join(" | ")),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for row in rows {
        let steps: Vec<String> = row.steps.iter().map(Step::to_string).collect();
        lines.push(format!("| {} | {} | {} |", row.name, row.way, steps.join(" | ")));
    }
    lines.join("\n")
}
