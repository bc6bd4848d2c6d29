//! The health page: what is watched, how it stands, and what to do.

mod keeping;

use crate::register::Register;
use crate::view::{DeviceKind, HealthCheck, HealthLevel, HealthView};
use crate::words::{self, say};

/// Signatures die when the clocks are five minutes apart; a minute is already worth a look.
const CLOCK_WARNING_MS: i64 = 60_000;
const CLOCK_BAD_MS: i64 = 300_000;

impl Register {
    /// Looks at everything that is watched. Reads the whole journal: it may take a moment.
    #[must_use]
    pub fn health(&self) -> HealthView {
        let mut checks = vec![self.network_check(), self.provider_check(), self.clock_check()];
        checks.extend(self.disk_check());
        checks.extend([self.database_check(), self.journal_check(), self.in_doubt_check()]);
        checks.extend(self.device_checks());
        checks.extend([HealthCheck {
            name: "version".to_owned(),
            level: HealthLevel::Good,
            message: say(
                "H-00",
                format!("柜台 {}", env!("CARGO_PKG_VERSION")),
                format!("Guitai {}", env!("CARGO_PKG_VERSION")),
            ),
        }]);
        HealthView { checks }
    }

    /// Each scanner and camera. A scanner in keyboard mode is a keyboard, and cannot be told from one.
    fn device_checks(&self) -> Vec<HealthCheck> {
        let rows = self.devices_view().rows.into_iter();
        rows.map(|row| {
            let name = match row.kind {
                DeviceKind::Serial | DeviceKind::Hid => "scanner",
                DeviceKind::Camera => "camera",
                DeviceKind::Picture => "picture",
            };
            check(name, row.level, row.message)
        })
        .collect()
    }

    fn network_check(&self) -> HealthCheck {
        if self.online() {
            check("network", HealthLevel::Good, say("H-01", "网络正常", "The network is up"))
        } else {
            check(
                "network",
                HealthLevel::Bad,
                say(
                    "O-03",
                    "网络不通，扫码收款暂停；现金可收（F7）。请检查网线、路由器和宽带",
                    "No network: no codes for now. Cash goes on (F7). Check the cable, the router and the line",
                ),
            )
        }
    }

    fn provider_check(&self) -> HealthCheck {
        match self.connector() {
            Some(connector) => check(
                "provider",
                HealthLevel::Good,
                say(
                    "H-02",
                    format!("支付已设置（{}）", connector.kind()),
                    format!("Set up: {}", connector.kind()),
                ),
            ),
            None => check(
                "provider",
                HealthLevel::Warning,
                say("H-02", "还没有支付设置，只能收现金", "No provider is set up; cash only"),
            ),
        }
    }

    /// How much room is left; without a figure, nothing is said.
    fn disk_check(&self) -> Option<HealthCheck> {
        let free = self.free_bytes()?;
        let words = say(
            "H-07",
            format!("磁盘剩余 {} GB", free / 1_000_000_000),
            format!("{} GB of disk space left", free / 1_000_000_000),
        );
        let alarm = self.alarms().into_iter().find(|alarm| matches!(alarm.code.as_str(), "D-40" | "D-41"));
        Some(match alarm {
            Some(alarm) if alarm.code == "D-41" => check("disk", HealthLevel::Bad, alarm),
            Some(alarm) => check("disk", HealthLevel::Warning, alarm),
            None => check("disk", HealthLevel::Good, words),
        })
    }

    fn clock_check(&self) -> HealthCheck {
        if let Some(alarm) =
            self.alarms().into_iter().find(|alarm| matches!(alarm.code.as_str(), "T-01" | "T-02"))
        {
            return check("clock", HealthLevel::Bad, alarm);
        }
        let Some(offset) = self.clock_offset_ms() else {
            return check(
                "clock",
                HealthLevel::Good,
                say("H-03", "尚未与平台对时", "Not yet compared with the provider's clock"),
            );
        };
        let apart = offset.saturating_abs();
        let level = if apart < CLOCK_WARNING_MS {
            HealthLevel::Good
        } else if apart < CLOCK_BAD_MS {
            HealthLevel::Warning
        } else {
            HealthLevel::Bad
        };
        let tenths = offset.saturating_abs() / 100;
        let (whole, tenth) = (tenths / 10, tenths % 10);
        let (zh, en) = if offset < 0 { ("快", "ahead of") } else { ("慢", "behind") };
        let (fix_zh, fix_en) = match level {
            HealthLevel::Good => ("", ""),
            HealthLevel::Warning | HealthLevel::Bad => {
                ("。请在系统设置里打开自动对时", ". Turn on automatic time in the system's settings")
            }
        };
        check(
            "clock",
            level,
            say(
                "H-03",
                format!("本机时钟比平台{zh} {whole}.{tenth} 秒，超过 300 秒将无法收款{fix_zh}"),
                format!(
                    "The clock is {whole}.{tenth} s {en} the provider's; above 300 s no payment works{fix_en}"
                ),
            ),
        )
    }

    fn database_check(&self) -> HealthCheck {
        match self.db().quick_check() {
            Ok(()) => {
                check("database", HealthLevel::Good, say("H-04", "数据文件完好", "The database is sound"))
            }
            Err(damage) => check("database", HealthLevel::Bad, words::damage(&damage)),
        }
    }

    fn journal_check(&self) -> HealthCheck {
        match self.db().verify() {
            Ok(verified) => match verified.broken_at {
                None => check(
                    "journal",
                    HealthLevel::Good,
                    say(
                        "H-05",
                        format!("账本 {} 条，链完整", verified.entries),
                        format!("The journal's chain is whole: {} entries", verified.entries),
                    ),
                ),
                Some(seq) => check(
                    "journal",
                    HealthLevel::Bad,
                    say(
                        "H-05",
                        format!("账本从第 {seq} 条起被改动或缺失，请停止使用并联系支持"),
                        format!(
                            "The journal was altered or cut at entry {seq}; stop using it and call support"
                        ),
                    ),
                ),
            },
            Err(damage) => check("journal", HealthLevel::Bad, words::damage(&damage)),
        }
    }

    fn in_doubt_check(&self) -> HealthCheck {
        match self.in_doubt() {
            0 => {
                check("inDoubt", HealthLevel::Good, say("H-06", "没有未确认的付款", "No payment is in doubt"))
            }
            count => check(
                "inDoubt",
                HealthLevel::Warning,
                say(
                    "H-06",
                    format!("{count} 笔付款未确认，正在自动查询（F9）"),
                    format!("{count} payments are in doubt and being asked about (F9)"),
                ),
            ),
        }
    }
}

fn check(name: &str, level: HealthLevel, message: crate::view::MessageView) -> HealthCheck {
    HealthCheck { name: name.to_owned(), level, message }
}
