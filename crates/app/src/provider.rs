//! The provider's settings on their way in: checked, held against the ones before, sealed.

use guitai_connectors::{Network, ProviderSettings};

use crate::secrets::{KeyPlace, Secrets, SecretsError};
use crate::training;
use crate::view::{CommandError, MessageView, ProviderView};
use crate::words::{self, say};

/// Checks a settings file as [`Till::import_provider`](crate::till::Till::import_provider) would, and stores nothing.
///
/// # Errors
/// What is wrong with the file.
pub fn check_provider(text: &str) -> Result<(), CommandError> {
    checked(text).map(|_| ())
}

fn checked(text: &str) -> Result<(ProviderSettings, Network), CommandError> {
    let settings = ProviderSettings::from_toml(text);
    let checked = settings.and_then(|settings| Ok((Network::new(&settings)?, settings)));
    let (network, settings) = checked.map_err(|error| CommandError { message: words::settings(&error) })?;
    Ok((settings, network))
}

/// What the settings page says of the provider. May ask the system's store.
pub(crate) fn provider_in_use(training: bool, secrets: &Secrets) -> Option<ProviderView> {
    if training {
        let settings = training::settings(training::IN_PROCESS).ok()?;
        return Some(provider_view(&settings, "sandbox"));
    }
    let (place, opened) = match secrets.key_place()? {
        KeyPlace::SystemStore => ("system_store", secrets.load(None).ok().flatten()),
        KeyPlace::Passphrase => ("passphrase", None),
    };
    let settings = opened.and_then(|text| ProviderSettings::from_toml(&text).ok());
    let locked = || ProviderView {
        kind: String::new(),
        merchant: String::new(),
        app: String::new(),
        secrets_in: place.to_owned(),
    };
    Some(settings.map_or_else(locked, |settings| provider_view(&settings, place)))
}

/// Settings on their way in, or the stored ones to be unlocked.
pub(crate) struct NewSettings {
    pub(crate) settings: ProviderSettings,
    network: Network,
    /// They are to be sealed.
    pub(crate) from_outside: bool,
    /// They are not of the merchant whose settings are stored, or nobody can tell.
    pub(crate) other_merchant: bool,
    /// What they take the place of, where it can be read.
    pub(crate) replaced: Option<ProviderSettings>,
}

impl NewSettings {
    /// Reads and checks them. The system's store and the passphrase's key take their time.
    pub(crate) fn look_at(
        secrets: &Secrets,
        text: &str,
        passphrase: Option<&str>,
    ) -> Result<NewSettings, CommandError> {
        let stored = secrets.load(passphrase);
        let from_outside = !text.trim().is_empty();
        if !from_outside {
            let stored = stored.map_err(|error| CommandError { message: secrets_words(&error) })?;
            let (settings, network) = checked(stored.as_ref().map_or("", |text| text.as_str()))?;
            return Ok(NewSettings {
                settings,
                network,
                from_outside,
                other_merchant: false,
                replaced: None,
            });
        }
        let (settings, network) = checked(text)?;
        let nothing_stored = matches!(stored, Ok(None));
        let replaced = stored.ok().flatten().and_then(|text| ProviderSettings::from_toml(&text).ok());
        let other_merchant = match &replaced {
            Some(old) => !old.is_same_merchant(&settings),
            None => !nothing_stored,
        };
        Ok(NewSettings { settings, network, from_outside, other_merchant, replaced })
    }

    /// Seals them. This too takes its time.
    pub(crate) fn take(
        self,
        secrets: &Secrets,
        passphrase: Option<&str>,
    ) -> Result<(ProviderSettings, Network), CommandError> {
        if self.from_outside {
            secrets
                .store(&self.settings.to_toml(), passphrase)
                .map_err(|error| CommandError { message: secrets_words(&error) })?;
        }
        Ok((self.settings, self.network))
    }
}

fn provider_view(settings: &ProviderSettings, place: &str) -> ProviderView {
    ProviderView {
        kind: settings.kind().to_owned(),
        merchant: settings.merchant_masked(),
        app: settings.app_masked(),
        secrets_in: place.to_owned(),
    }
}

pub(crate) fn secrets_words(error: &SecretsError) -> MessageView {
    match error {
        SecretsError::PassphraseNeeded => say(
            "K-95",
            "这台电脑没有系统密钥库，请设置至少 8 位的口令来加密支付设置",
            "This computer has no key store; give a passphrase of 8 characters or more to seal the settings",
        ),
        SecretsError::DoesNotOpen => {
            say("K-96", "口令或密钥不对，支付设置打不开", "The passphrase or key does not open the settings")
        }
        SecretsError::Disk(error) => say(
            "K-97",
            format!("支付设置读写失败，请检查磁盘（{error}）"),
            format!("The settings cannot be read or written; check the disk ({error})"),
        ),
    }
}
