//! The sealed settings after something has happened to the file: they open to what was sealed, or not at all.

use std::fs;
use std::path::Path;

use guitai_app::folder::Folder;
use guitai_app::secrets::{Secrets, SecretsError};
use guitai_db::Mode;

const CONTENT: &str = "apiv2_key = 'GuitaiSandboxApiV2KeyForTraining'";
const PASSPHRASE: &str = "correct horse";

/// Neither another text nor a panic: what was sealed, or a refusal a person can be told.
fn opens_to_nothing_else(secrets: &Secrets, file: &Path, spoiled: &[u8], passphrase: Option<&str>) {
    fs::write(file, spoiled).expect("the file");
    let said = String::from_utf8_lossy(spoiled);

    let _ = secrets.key_place();
    match secrets.load(passphrase) {
        Ok(opened) => assert_eq!(opened.as_deref().map(String::as_str), Some(CONTENT), "{said}"),
        Err(SecretsError::PassphraseNeeded) => assert_eq!(passphrase, None, "{said}"),
        Err(SecretsError::DoesNotOpen | SecretsError::Disk(_)) => {}
    }
}

#[test]
fn a_spoiled_file_of_sealed_settings_is_refused() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(root.path(), Mode::Real);
    let _lock = folder.lock().expect("a lock");
    let secrets = Secrets::of(&folder, "ABC123");
    secrets.store(CONTENT, Some(PASSPHRASE)).expect("stored");
    let file = folder.sealed_settings();
    let whole = fs::read(&file).expect("the file");

    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        opens_to_nothing_else(&secrets, &file, &flipped, None);
        opens_to_nothing_else(&secrets, &file, &whole[..at], None);
        // Making a key from a passphrase is slow on purpose.
        if at.is_multiple_of(whole.len() / 12) {
            opens_to_nothing_else(&secrets, &file, &flipped, Some(PASSPHRASE));
        }
    }
    for strange in ["", "{}", "[]", "null", "\u{feff}{}", "{\"version\":1,\"key_in\":\"passphrase\"}"] {
        opens_to_nothing_else(&secrets, &file, strange.as_bytes(), Some(PASSPHRASE));
    }
    opens_to_nothing_else(&secrets, &file, &whole, Some(PASSPHRASE));
}
