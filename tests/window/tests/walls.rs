//! What a page that went wrong could do: nothing.

use anyhow::{Context, Result, ensure};
use guitai_window_tests::{Options, Stage, pause};

#[test]
fn the_cashiers_page_can_call_its_own_commands_and_nothing_else() -> Result<()> {
    let stage = Stage::open(&Options::default())?;
    let call = |command: &str| {
        let script = format!(
            "const done = arguments[0]; window.__TAURI_INTERNALS__.invoke('{command}', {{}})\
             .then(() => done('allowed'), (reason) => done(String(reason && reason.message ? 'answered' : reason)))"
        );
        stage.page().execute_async(&script).map(|answer| answer.as_str().unwrap_or_default().to_owned())
    };

    for command in ["till_view", "desk", "start_trouble"] {
        ensure!(call(command)? == "allowed", "{command} is its own");
    }
    for command in ["desk_act", "desk_settle", "set_pin", "confirm_clock"] {
        let answer = call(command)?;
        ensure!(!answer.contains("not allowed"), "{command} is its own, and wants arguments: {answer}");
    }
    ensure!(call("restore")? == "answered", "nothing is restored under a till that runs");
    for command in [
        "wallet",
        "change_wallet",
        "display_view",
        "plugin:shell|execute",
        "plugin:fs|read_file",
        "plugin:window|close",
        "plugin:webview|create_webview_window",
        "plugin:event|emit",
        "plugin:app|version",
        "plugin:path|resolve_directory",
    ] {
        let answer = call(command)?;
        ensure!(answer.contains("not allowed") || answer.contains("not found"), "{command}: {answer}");
    }
    Ok(())
}

#[test]
fn the_display_and_the_wallet_can_call_what_they_show_and_nothing_more() -> Result<()> {
    let allowed = |window: &str| -> Result<Vec<String>> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src-tauri/capabilities");
        let text = std::fs::read_to_string(format!("{folder}/{window}.json"))?;
        let file: serde_json::Value = serde_json::from_str(&text)?;
        ensure!(file["windows"] == serde_json::json!([window]), "of this window alone");
        let names = file["permissions"].as_array().context("a list")?;
        Ok(names.iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect())
    };

    ensure!(
        allowed("display")? == ["core:event:allow-listen", "core:event:allow-unlisten", "allow-display-view"]
    );
    ensure!(allowed("wallet")? == ["allow-wallet", "allow-change-wallet", "allow-till-view"]);
    Ok(())
}

#[test]
fn nothing_from_outside_runs_loads_or_opens() -> Result<()> {
    let stage = Stage::open(&Options::default())?;

    stage.eval(
        "const script = document.createElement('script'); script.textContent = 'window.injected = true'; \
         document.body.append(script); \
         window.refused = []; addEventListener('securitypolicyviolation', (event) => refused.push(event.violatedDirective)); \
         const image = new Image(); image.src = 'https://example.com/x.png'; document.body.append(image);",
    )?;
    let evaluated =
        stage.eval("try { new Function('return 1')(); return 'ran' } catch { return 'refused' }")?;
    stage.eval("location.href = 'https://example.com/'; window.open('https://example.com/');")?;
    pause(500);

    ensure!(stage.eval("return window.injected === undefined")? == true, "an inline script ran");
    ensure!(evaluated == "refused", "code made from text ran");
    ensure!(stage.eval("return refused.some((directive) => directive.startsWith('img-src'))")? == true);
    ensure!(stage.eval("return location.protocol")? == "tauri:", "the window went elsewhere");
    Ok(())
}
