//! A till that does not start: what is the matter, and what can be had back.
//!
//! Nothing is restored by itself. Somebody at the screen reads what will be missing, and says so.

use std::path::Path;

use guitai_db::{Damage, Missing, Mode, OpenError, Snapshot, WriteError};
use guitai_domain::{ShopClock, Timestamp};

use crate::folder::{Folder, Offer, StartError};
use crate::settings::Settings;
use crate::till::TillError;
use crate::view::{CommandError, MessageView, OfferView, StartTroubleView};
use crate::words::say;

/// Why the till under `root` did not start, and what could be done about it. Reads every backup: it may take a while.
#[must_use]
pub fn look(root: &Path, mode: Mode, error: &TillError) -> StartTroubleView {
    let mut view = StartTroubleView { message: error.message(), offer: None, no_offer: None };
    if is_about_the_file(error) {
        match offer(&Folder::new(root, mode)) {
            Ok(offer) => view.offer = Some(offer),
            Err(refused) => view.no_offer = Some(refused.message),
        }
    }
    view
}

/// Restores the till under `root` from what there is; the damaged files are kept aside. Says what was had back.
///
/// # Errors
/// When there is nothing to restore or to restore from, or the disk refuses. The files are then as they were.
pub fn restore(root: &Path, mode: Mode, actor: &str, now: Timestamp) -> Result<MessageView, CommandError> {
    let folder = Folder::new(root, mode);
    let refused = |message| CommandError { message };
    let lock = folder.lock().map_err(|error| refused(error.message()))?;
    let restored = folder.restore(&lock, None, actor, now).map_err(|error| refused(error.message()))?;
    Ok(done(&restored.offer, &clock_of(&restored.offer)))
}

fn offer(folder: &Folder) -> Result<OfferView, CommandError> {
    let refused = |message| CommandError { message };
    let lock = folder.lock().map_err(|error| refused(error.message()))?;
    let offer = folder.offer(&lock, None).map_err(|error| refused(error.message()))?;
    let clock = clock_of(&offer);
    Ok(OfferView { found: found(&offer, &clock), lacks: lacks(&offer, &clock) })
}

/// Another file in its place can help. A disk that is full or a copy that is running cannot be mended by one.
fn is_about_the_file(error: &TillError) -> bool {
    match error {
        TillError::Start(StartError::Gone) => true,
        TillError::Start(StartError::Database(error)) => match error {
            OpenError::NotGuitai => true,
            OpenError::Damaged(damage) => is_corrupt(damage),
            OpenError::Newer
            | OpenError::OtherTill { .. }
            | OpenError::OtherMode { .. }
            | OpenError::Setting { .. }
            | OpenError::OldSqlite(_) => false,
        },
        TillError::Write(WriteError::Damaged(damage)) => is_corrupt(damage),
        TillError::Start(
            StartError::InUse
            | StartError::Exists
            | StartError::Missing
            | StartError::Folder(_)
            | StartError::Network(_)
            | StartError::Removable(_)
            | StartError::NoRandomness,
        )
        | TillError::Write(WriteError::Refused(_))
        | TillError::Settings(_) => false,
    }
}

fn is_corrupt(damage: &Damage) -> bool {
    match damage {
        Damage::Corrupt(_) => true,
        Damage::Full | Damage::ReadOnly | Damage::Busy | Damage::Disk(_) => false,
    }
}

/// How the shop reads the clock, from the backup; else as shops do unless told otherwise.
fn clock_of(offer: &Offer) -> ShopClock {
    let backup = offer.backup.as_deref().and_then(|path| Snapshot::open(path).ok());
    let settings = backup.and_then(|snapshot| Settings::load(&snapshot).ok());
    settings.map_or_else(Settings::default_clock, |settings| settings.clock)
}

fn found(offer: &Offer, clock: &ShopClock) -> MessageView {
    let (seq, at) = offer.last;
    let at = at.map(|at| clock.date_time_text(at)).unwrap_or_default();
    match offer.backup_at {
        Some(backup_at) if offer.salvaged == 0 => say(
            "D-60",
            format!("可从 {} 的备份恢复：共 {seq} 条记录，到 {at} 为止", clock.date_time_text(backup_at)),
            format!(
                "Can be restored from the backup of {}: {seq} entries, up to {at}",
                clock.date_time_text(backup_at)
            ),
        ),
        Some(_) | None => say(
            "D-60",
            format!("可以恢复 {seq} 条记录，到 {at} 为止（其中 {} 条从损坏的文件里找回）", offer.salvaged),
            format!(
                "{seq} entries can be restored, up to {at} ({} of them from the damaged file)",
                offer.salvaged
            ),
        ),
    }
}

fn done(offer: &Offer, clock: &ShopClock) -> MessageView {
    let (seq, at) = offer.last;
    let at = at.map(|at| clock.date_time_text(at)).unwrap_or_default();
    say(
        "D-64",
        format!("已恢复 {seq} 条记录，到 {at} 为止"),
        format!("{seq} entries are restored, up to {at}"),
    )
}

fn lacks(offer: &Offer, clock: &ShopClock) -> MessageView {
    match offer.missing {
        Some(missing) => lacks_entries(&missing, clock),
        None if offer.is_witnessed => say("D-61", "没有缺失的记录", "No entry is missing"),
        None => say(
            "D-63",
            "之后是否还有记录无从得知。恢复后请核对支付平台的账单",
            "Whether there were more entries is not known. Check the provider's bill afterwards",
        ),
    }
}

fn lacks_entries(missing: &Missing, clock: &ShopClock) -> MessageView {
    let count = missing.count();
    let since = missing.since.map(|at| clock.date_time_text(at)).unwrap_or_else(|| "—".to_owned());
    let until = clock.date_time_text(missing.until);
    say(
        "D-62",
        format!("缺 {count} 条记录（{since} 到 {until}），找不回来。恢复后请核对支付平台这段时间的账单"),
        format!(
            "{count} entries are lost ({since} to {until}). Check the provider's bill for that time afterwards"
        ),
    )
}

/// The data of a real till is not where it was.
pub(crate) fn gone() -> MessageView {
    say(
        "D-27",
        "这台收银机的数据文件不见了，没有新建。可以从备份恢复；确实要重新开始，请用 guitaictl init",
        "This till's data file is gone, and no new one was made. It can be restored from a backup; to begin anew on purpose, run guitaictl init",
    )
}
