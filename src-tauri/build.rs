//! Generates the permissions: a window can call the commands its capability names, and no others.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&[
        "press",
        "scan",
        "till_view",
        "display_view",
        "desk",
        "desk_act",
        "desk_settle",
        "set_pin",
        "confirm_clock",
        "history",
        "sale",
        "last_receipt",
        "reprint",
        "day_report",
        "export_report",
        "save_evidence",
        "settings",
        "change_setting",
        "test_scanners",
        "try_scan",
        "ports",
        "choose_port",
        "import_provider",
        "test_provider",
        "health",
        "cameras",
        "camera_sight",
        "wallet",
        "change_wallet",
        "open_wallet",
        "open_display",
        "start_trouble",
        "restore",
        "start_again",
        "ready",
    ]);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))
        .expect("the window's manifest");
}
