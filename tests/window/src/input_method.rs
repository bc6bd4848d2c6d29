//! A Chinese input method, as it is switched on on most tills.

use std::fs;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::pause;

/// Pinyin, active from the first key on.
const PROFILE: &str = "[Groups/0]\nName=Default\nDefault Layout=us\nDefaultIM=pinyin\n\
    [Groups/0/Items/0]\nName=keyboard-us\nLayout=\n[Groups/0/Items/1]\nName=pinyin\nLayout=\n\
    [GroupOrder]\n0=Default\n";

/// Fcitx with pinyin, for as long as it is kept.
#[derive(Debug)]
pub struct InputMethod {
    daemon: Child,
    _config: tempfile::TempDir,
}

impl InputMethod {
    /// Starts it, and waits until it is switched on.
    ///
    /// # Errors
    /// When there is no session bus or no fcitx, or it does not switch on.
    pub fn start() -> Result<InputMethod> {
        ensure!(
            std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some(),
            "no session bus: run these through `cargo xtask test`"
        );
        let config = tempfile::tempdir()?;
        fs::create_dir_all(config.path().join("fcitx5"))?;
        fs::write(config.path().join("fcitx5/profile"), PROFILE)?;
        fs::write(
            config.path().join("fcitx5/config"),
            "[Behavior]\nActiveByDefault=True\nShareInputState=All\n",
        )?;
        let mut daemon = Command::new("fcitx5");
        daemon.arg("--replace").env("XDG_CONFIG_HOME", config.path());
        daemon.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let daemon =
            daemon.spawn().context("fcitx5 (Debian packages fcitx5, fcitx5-frontend-gtk3, fcitx5-pinyin)")?;
        let method = InputMethod { daemon, _config: config };
        for _ in 0..100 {
            pause(100);
            Command::new("fcitx5-remote").arg("-o").stdout(Stdio::null()).stderr(Stdio::null()).status()?;
            let name = Command::new("fcitx5-remote").arg("-n").stderr(Stdio::null()).output()?;
            if name.stdout.starts_with(b"pinyin") {
                return Ok(method);
            }
        }
        anyhow::bail!("the input method does not switch on")
    }

    /// What a program needs to be told to use it.
    #[must_use]
    pub fn environment() -> Vec<(String, String)> {
        vec![
            ("GTK_IM_MODULE".to_owned(), "fcitx".to_owned()),
            ("XMODIFIERS".to_owned(), "@im=fcitx".to_owned()),
        ]
    }
}

impl Drop for InputMethod {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
