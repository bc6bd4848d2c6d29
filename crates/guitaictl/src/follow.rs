//! Following payments until their results stand, the patience is over, or somebody presses Ctrl-C.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use guitai_app::till::Till;
use guitai_app::view::{MessageView, NoticeView};
use guitai_app::{Now, Progress, Register};
use guitai_domain::payment::State;
use guitai_domain::{PaymentId, SaleId};
use tokio::sync::Notify;

use crate::exit::Failure;
use crate::output::Output;

/// Waits for changes on the register's thread.
pub struct Follower {
    changed: Arc<Notify>,
    patience: Duration,
}

/// How following ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Settled,
    TimeUp,
    Interrupted,
}

impl Follower {
    pub fn new(wait_s: u64) -> Follower {
        Follower { changed: Arc::new(Notify::new()), patience: Duration::from_secs(wait_s) }
    }

    /// What the till is to call when something has changed.
    pub fn changed(&self) -> impl Fn(&Register, Now) + Send + 'static {
        let changed = Arc::clone(&self.changed);
        move |_, _| changed.notify_one()
    }

    /// Follows `payments` until `settled` holds for all, saying each change on the way.
    pub async fn follow(
        &self,
        till: &Till,
        payments: &[(SaleId, PaymentId)],
        settled: fn(State) -> bool,
        out: &Output,
    ) -> Result<(Vec<Progress>, Ended), Failure> {
        let mut said = Said::default();
        let mut patience = pin!(tokio::time::sleep(self.patience));
        let mut interrupt = pin!(tokio::signal::ctrl_c());
        loop {
            let (progress, notice) = look(till, payments).await?;
            said.changes(&progress, notice, out);
            if progress.iter().all(|progress| settled(progress.state)) {
                return Ok((progress, Ended::Settled));
            }
            tokio::select! {
                () = self.changed.notified() => {}
                () = &mut patience => return Ok((progress, Ended::TimeUp)),
                _ = &mut interrupt => return Ok((progress, Ended::Interrupted)),
            }
        }
    }
}

/// Where the payments stand now, and what the till last had to say.
async fn look(
    till: &Till,
    payments: &[(SaleId, PaymentId)],
) -> Result<(Vec<Progress>, Option<NoticeView>), Failure> {
    let payments = payments.to_vec();
    let answer = till
        .ask(move |register, now| {
            let progress: Result<Vec<Progress>, MessageView> =
                payments.iter().map(|(sale, payment)| register.progress(sale, payment)).collect();
            (progress, register.till_view(now).notice)
        })
        .await?;
    Ok((answer.0?, answer.1))
}

/// What was said already.
#[derive(Default)]
struct Said {
    states: BTreeMap<PaymentId, &'static str>,
    notice: Option<u32>,
}

impl Said {
    fn changes(&mut self, progress: &[Progress], notice: Option<NoticeView>, out: &Output) {
        for progress in progress {
            let state = progress.state.name();
            if self.states.insert(progress.payment.clone(), state) != Some(state) {
                out.note(&format!("{}  {state}  {}", progress.payment, out.say(&progress.message)));
            }
        }
        // Refusals only: what went well is in the states.
        if let Some(notice) = notice.filter(|notice| notice.refusal && self.notice != Some(notice.serial)) {
            self.notice = Some(notice.serial);
            out.aside(&notice.message);
        }
    }
}
