//! A Chinese input method is switched on, as it is on most tills.

use std::fs;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use guitai_window_tests::{Options, Stage, keyboard, pause};

/// Pinyin, active from the first key on.
const PROFILE: &str = "[Groups/0]\nName=Default\nDefault Layout=us\nDefaultIM=pinyin\n\
    [Groups/0/Items/0]\nName=keyboard-us\nLayout=\n[Groups/0/Items/1]\nName=pinyin\nLayout=\n\
    [GroupOrder]\n0=Default\n";

/// Fcitx with pinyin, for as long as it is kept.
struct InputMethod {
    daemon: Child,
    _config: tempfile::TempDir,
}

impl InputMethod {
    fn start() -> Result<InputMethod> {
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
}

impl Drop for InputMethod {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

#[test]
fn a_pinyin_input_method_neither_loses_a_scan_nor_keeps_one() -> Result<()> {
    let _method = InputMethod::start()?;
    let environment = vec![
        ("GTK_IM_MODULE".to_owned(), "fcitx".to_owned()),
        ("XMODIFIERS".to_owned(), "@im=fcitx".to_owned()),
    ];
    let stage = Stage::open(&Options { environment, ..Options::default() })?;
    keyboard::press(&["1", "Return"])?;
    stage.until("armed")?;

    // In a field the method is at work: letters become characters.
    keyboard::press(&["F10", "a"])?;
    pause(400);
    keyboard::type_text("nihao", 120)?;
    pause(300);
    keyboard::press(&["space"])?;
    pause(300);
    let typed = stage.eval("return document.activeElement.value ?? ''")?;
    let typed = typed.as_str().unwrap_or_default();
    ensure!(typed.chars().any(|letter| ('一'..='龥').contains(&letter)), "the input method typed {typed:?}");

    // With the method waiting, a scan is taken whole. In the middle of a word the method itself eats the first digit,
    // which nobody can know again: such a scan is refused with words, and the next one is taken.
    for (scan, (start, gap)) in [("", 2), ("ni", 5), ("zhong", 20)].into_iter().enumerate() {
        let code = format!("13456789012345678{scan}");
        if scan > 0 {
            keyboard::press(&["F10", "a"])?;
            pause(400);
        }
        if !start.is_empty() {
            keyboard::type_text(start, 120)?;
            pause(400);
        }
        keyboard::scan(&code, gap)?;
        if !start.is_empty() {
            stage.until_said("S-02")?;
            ensure!(
                stage.count("SELECT count(*) FROM payment")? == i64::try_from(scan)?,
                "nothing was charged"
            );
            keyboard::scan(&code, gap)?;
        }
        let taken = i64::try_from(scan + 1)?;
        stage.wait_for(
            || Ok(stage.count("SELECT count(*) FROM payment")? == taken && stage.counter() == "declined"),
            &format!("the scan after {start:?} to be taken"),
        )?;
        ensure!(!stage.page_shows(&code)?, "the scan after {start:?} left a trace");
        keyboard::press(&["F10", "a"])?;
        pause(400);
        let kept = stage.eval("return document.activeElement.value ?? ''")?.to_string();
        ensure!(!kept.contains("345678"), "the field kept {kept}");
        keyboard::press(&["Escape", "Escape"])?;
        stage.take_keyboard()?;
    }
    Ok(())
}
