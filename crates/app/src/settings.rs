//! The shop's settings: names, defaults and limits. Secrets are not among them.

use guitai_db::{Damage, Db, Fact};
use guitai_domain::{Cutoff, Fen, ShopClock};
use jiff::tz::TimeZone;

use crate::view::{CommandError, Language, MessageView, SettingChange};
use crate::words::{self, say};

/// The settings a till runs with.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub language: Language,
    pub shop_name: String,
    pub till_name: String,
    pub confirm_above: Fen,
    pub scanner_gap_ms: u32,
    pub camera_on: bool,
    pub camera: String,
    pub zone: String,
    pub clock: ShopClock,
}

const DEFAULT_ZONE: &str = "Asia/Shanghai";
const DEFAULT_CUTOFF: &str = "04:00";
/// The camera that reads best.
const CAMERA_AUTO: &str = "auto";

impl Settings {
    /// How shops read the clock unless told otherwise.
    pub fn default_clock() -> ShopClock {
        let zone = TimeZone::get(DEFAULT_ZONE).unwrap_or(TimeZone::UTC);
        ShopClock { zone, cutoff: Cutoff::parse(DEFAULT_CUTOFF).expect("a fixed time of day") }
    }

    pub fn load(db: &Db) -> Result<Settings, Damage> {
        let text = |name: &str, default: &str| -> Result<String, Damage> {
            Ok(db.setting(name)?.unwrap_or_else(|| default.to_owned()))
        };
        let zone = text("zone", DEFAULT_ZONE)?;
        let cutoff = Cutoff::parse(&text("cutoff", DEFAULT_CUTOFF)?)
            .ok_or_else(|| Damage::Corrupt("unreadable cut-off".to_owned()))?;
        let time_zone = TimeZone::get(&zone)
            .map_err(|error| Damage::Corrupt(format!("unknown time zone {zone}: {error}")))?;
        let number = |name: &str, default: i64| -> Result<i64, Damage> {
            Ok(db.setting(name)?.and_then(|text| text.parse().ok()).unwrap_or(default))
        };
        Ok(Settings {
            language: if text("language", "zh-CN")? == "en" { Language::English } else { Language::Chinese },
            shop_name: text("shop_name", "我的小店")?,
            till_name: text("till_name", "1号台")?,
            confirm_above: Fen(number("confirm_above_fen", 100_000)?),
            scanner_gap_ms: u32::try_from(number("scanner_gap_ms", 35)?).unwrap_or(35),
            camera_on: text("camera_on", "no")? == "yes",
            camera: text("camera", CAMERA_AUTO)?,
            zone,
            clock: ShopClock { zone: time_zone, cutoff },
        })
    }
}

/// Says what is wrong with a change before there is a till to make it in.
///
/// # Errors
/// What is wrong with the value.
pub fn check_setting(proposed: &SettingChange) -> Result<(), CommandError> {
    change(proposed).map(|_| ()).map_err(|message| CommandError { message })
}

/// The journal entry for a change, or why the change is not taken.
pub(crate) fn change(change: &SettingChange) -> Result<Fact, MessageView> {
    let (name, value) = match change {
        SettingChange::Language(Language::Chinese) => ("language", "zh-CN".to_owned()),
        SettingChange::Language(Language::English) => ("language", "en".to_owned()),
        SettingChange::ShopName(name) => ("shop_name", short_text(name, 32)?),
        SettingChange::TillName(name) => ("till_name", short_text(name, 16)?),
        SettingChange::ConfirmAbove(typed) => {
            ("confirm_above_fen", Fen::from_yuan(typed.trim()).map_err(words::amount)?.0.to_string())
        }
        SettingChange::ScannerGapMs(gap) if (5..=60).contains(gap) => ("scanner_gap_ms", gap.to_string()),
        SettingChange::ScannerGapMs(_) => {
            return Err(say(
                "K-91",
                "扫码间隔应在 5 到 60 毫秒之间，未改动",
                "The gap is 5 to 60 ms; nothing was changed",
            ));
        }
        SettingChange::CameraOn(on) => ("camera_on", if *on { "yes" } else { "no" }.to_owned()),
        SettingChange::Camera(id) if id == CAMERA_AUTO || is_camera_id(id) => ("camera", id.clone()),
        SettingChange::Camera(_) => {
            return Err(say(
                "K-88",
                "没有这个摄像头，未改动",
                "There is no such camera; nothing was changed",
            ));
        }
    };
    Ok(Fact::SettingChanged { name: name.to_owned(), value })
}

/// A camera may be chosen that is not plugged in just now; but what it says of itself is kept in bounds.
fn is_camera_id(id: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._:#".contains(letter);
    id.starts_with("camera:") && id.len() <= 200 && id.chars().all(plain)
}

fn short_text(text: &str, longest: usize) -> Result<String, MessageView> {
    let trimmed = text.trim();
    let fits = (1..=longest).contains(&trimmed.chars().count()) && !trimmed.chars().any(char::is_control);
    if fits {
        return Ok(trimmed.to_owned());
    }
    Err(say(
        "K-92",
        format!("名称应为 1 到 {longest} 个字，未改动"),
        format!("A name has 1 to {longest} characters; nothing was changed"),
    ))
}
