//! What a page that went wrong could do: nothing.

use anyhow::{Result, ensure};
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

    ensure!(call("till_view")? == "allowed", "its own command");
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
