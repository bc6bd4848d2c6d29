//! A Chinese input method is switched on, as it is on most tills.

use anyhow::{Result, ensure};
use guitai_window_tests::{InputMethod, Options, Stage, keyboard, pause};

#[test]
fn a_pinyin_input_method_neither_loses_a_scan_nor_keeps_one() -> Result<()> {
    let _method = InputMethod::start()?;
    let stage = Stage::open(&Options { environment: InputMethod::environment(), ..Options::default() })?;
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

    // With the method waiting, a scan is taken whole; and in the middle of a word too, where the method eats the first
    // digit and only its release says which one it was.
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
