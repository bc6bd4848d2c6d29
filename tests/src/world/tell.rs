//! What a life tells: each step for a story, and the whole in figures.

use std::collections::BTreeMap;

use guitai_domain::payment::State;

use super::life::Life;
use super::plan::{Act, seconds};
use super::tally::Tally;
use crate::desk::MORNING_MS;

/// Requests of one act that a story tells.
const REQUESTS_TOLD: usize = 12;

impl Life<'_> {
    pub(super) fn tally(&self) -> Tally {
        let mut ends = BTreeMap::new();
        let mut payments = 0;
        for sale in self.desk.sales() {
            for payment in self.desk.payments(&sale.id) {
                payments += 1;
                *ends.entry(State::name(payment.state)).or_default() += 1;
            }
        }
        Tally {
            sales: self.sales,
            payments,
            calls: self.desk.sent.len() as u64,
            deaths: u64::from(self.desk.deaths),
            power_cuts: self.power_cuts,
            disk_troubles: self.disk.troubles_met(),
            ends,
            faults: self.desk.world.faults_met().clone(),
            early_words: self.watch.early_words,
            twice_for_a_moment: self.watch.twice_for_a_moment,
            lived_ms: self.desk.true_ms() - MORNING_MS,
            worlds: 1,
        }
    }

    pub(super) fn line(&self, begun: i64, act: &Act, (sent, deaths): (usize, u32)) -> String {
        let since = seconds(begun - MORNING_MS);
        let mut line = self.requests(format!("{since:>14}  {act}"), sent);
        if self.desk.deaths > deaths {
            line.push_str("\n                  † the till died");
        }
        line.push_str(&format!("\n                  screen: {}", self.watch.screen()));
        line
    }

    /// `line` with the requests that left since.
    pub(super) fn requests(&self, mut line: String, sent: usize) -> String {
        let requests = &self.desk.sent[sent..];
        for request in requests.iter().take(REQUESTS_TOLD) {
            let (at, number) = (seconds(request.at_ms - MORNING_MS), request.number.as_deref().unwrap_or(""));
            line.push_str(&format!("\n{at:>14}    → {:?} {number}", request.verb));
        }
        if requests.len() > REQUESTS_TOLD {
            line.push_str(&format!(
                "\n                  and {} requests more",
                requests.len() - REQUESTS_TOLD
            ));
        }
        line
    }
}
