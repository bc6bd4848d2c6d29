//! The provider's settings file.

use guitai_connectors::ProviderSettings;

use crate::shop;

/// A settings file; `@merchant_key@` and the like stand for the sandbox's keys.
pub fn settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match ProviderSettings::from_toml(&shop::with_keys(text)) {
        Ok(settings) => {
            let printed = format!("{settings:?}");
            assert!(!printed.contains(shop::APIV2_KEY) && !printed.contains("BEGIN"), "{printed}");
            let again =
                ProviderSettings::from_toml(&settings.to_toml()).expect("what was taken is taken again");
            assert_eq!(again.kind(), settings.kind());
            assert_eq!(again.hosts(), settings.hosts());
            assert_eq!(again.to_toml(), settings.to_toml());
        }
        Err(error) => {
            let said = error.to_string();
            assert!(!said.contains(shop::APIV2_KEY) && !said.contains("BEGIN PRIVATE"), "{said}");
        }
    }
}
