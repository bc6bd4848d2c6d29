//! Setting up and looking after: `init`, `provider`, `test-provider`, `health`.

use std::path::Path;

use guitai_app::check_setting;
use guitai_app::folder::StartError;
use guitai_app::provider::check_provider;
use guitai_app::till::Till;
use guitai_app::view::{HealthCheck, HealthLevel, ProviderTestView, SettingChange, SettingsView};
use serde::Serialize;
use zeroize::Zeroizing;

use super::manager::pin_for;
use crate::args::{Init, Provider};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::words;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SetupView {
    settings: SettingsView,
    test: Option<ProviderTestView>,
}

pub async fn init(session: &Session, init: Init) -> Result<Exit, Failure> {
    if session.folder().has_till() {
        return Err(StartError::Exists.into());
    }
    // Everything that can be wrong is found before anything is made.
    let file = init.provider.as_deref().map(|path| checked_file(session, path)).transpose()?;
    let shop = init.shop.map(SettingChange::ShopName);
    let till_name = init.till.map(SettingChange::TillName);
    let changes: Vec<SettingChange> = shop.into_iter().chain(till_name).collect();
    changes.iter().try_for_each(check_setting)?;

    let till = session.create(|_, _| {})?;
    till.ask(move |register, now| changes.iter().try_for_each(|change| register.change_setting(change, now)))
        .await??;
    if let Some(text) = &file {
        till.import_provider(text, session.passphrase(), None).await?;
    }
    let has_provider = file.is_some() || session.training();
    finish(session, &till, has_provider && !init.no_test).await
}

pub async fn provider(session: &Session, provider: Provider) -> Result<Exit, Failure> {
    let text = checked_file(session, &provider.file)?;
    session.existing()?;
    let till = session.start(|_, _| {})?;
    // A first set-up asks nobody; standard input is not waited for then.
    let pin = if till.wants_pin_for_provider().await? { Some(pin_for(session)?) } else { None };
    till.import_provider(&text, session.passphrase(), pin.as_ref().map(|pin| pin.as_str())).await?;
    finish(session, &till, !provider.no_test).await
}

pub async fn test_provider(session: &Session) -> Result<Exit, Failure> {
    let till = session.start_unlocked(|_, _| {})?;
    let test = till.test_provider().await?;
    session.out.result(&test, |out| test_text(&test, out))?;
    Ok(exit_of_test(&test))
}

pub async fn health(session: &Session) -> Result<Exit, Failure> {
    let till = session.start(|_, _| {})?;
    // The line and the clock are known only once the provider was asked something.
    let test = match till.ask(|register, _| register.connector().is_some()).await? {
        true => Some(till.test_provider().await?),
        false => None,
    };
    let mut view = till.health().await?;
    view.checks.extend(till.settings_locked().map(|message| HealthCheck {
        name: "settings".to_owned(),
        level: HealthLevel::Bad,
        message,
    }));
    view.checks.extend(test.map(|test| HealthCheck {
        name: "providerTest".to_owned(),
        level: if test.passed { HealthLevel::Good } else { HealthLevel::Bad },
        message: test.message,
    }));
    session.out.result(&view, |out| {
        let line = |check: &HealthCheck| {
            let level = words::level(check.level, out.language);
            format!("{level}  {}  {}", check.name, out.coded(&check.message))
        };
        view.checks.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    let bad = view.checks.iter().any(|check| check.level == HealthLevel::Bad);
    Ok(if bad { Exit::Difference } else { Exit::Done })
}

/// A settings file that would be taken: read, and found right.
pub(super) fn checked_file(session: &Session, path: &Path) -> Result<Zeroizing<String>, Failure> {
    if session.training() {
        return Err(Failure::usage(words::training_needs_no_settings()));
    }
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| Failure::usage(words::unreadable_file(path, &error)))?;
    check_provider(&text)?;
    Ok(text)
}

async fn finish(session: &Session, till: &Till, test: bool) -> Result<Exit, Failure> {
    let test = if test { Some(till.test_provider().await?) } else { None };
    let view = SetupView { settings: till.settings().await?, test };
    session.out.done(&view, |out| {
        let settings = &view.settings;
        let mut lines = vec![
            format!("{}  {}  {}", settings.till_id, settings.shop_name, settings.till_name),
            settings.data_folder.clone(),
        ];
        lines.extend(
            settings
                .provider
                .as_ref()
                .map(|provider| format!("{}  {}  {}", provider.kind, provider.merchant, provider.secrets_in)),
        );
        lines.extend(view.test.as_ref().map(|test| test_text(test, out)));
        lines.join("\n")
    });
    Ok(view.test.as_ref().map_or(Exit::Done, exit_of_test))
}

fn test_text(test: &ProviderTestView, out: &Output) -> String {
    format!("{}  ({} ms)", out.coded(&test.message), test.took_ms)
}

fn exit_of_test(test: &ProviderTestView) -> Exit {
    if test.passed { Exit::Done } else { Exit::of_code(&test.message.code) }
}
