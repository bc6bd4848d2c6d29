//! One till, put together: its folder, its secrets, its register, its wire.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use guitai_connectors::{Connector, Network, ProviderSettings, SettingsError, Wire};
use guitai_db::{Mode, WriteError};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::devices::{Devices, Ear};
use crate::driver::{self, Handle};
use crate::folder::{Folder, Lock, StartError, random_bytes};
use crate::pin::{PinError, PinFile};
use crate::proof::Proofs;
use crate::provider::{NewSettings, provider_in_use, secrets_words};
use crate::register::devices::remembered;
use crate::register::{Manager, NotedProvider, Now, Register};
use crate::secrets::Secrets;
use crate::training::{self, Training};
use crate::upkeep::{self, Upkeep};
use crate::view::{CommandError, HealthView, MessageView, ProviderTestView, SettingsView};
use crate::words::{self, say};

/// How a till is to be started.
#[derive(Clone)]
pub struct Options {
    /// Training or real.
    pub mode: Mode,
    /// Training only: the address of a sandbox server, instead of the sandbox in this process.
    pub sandbox: Option<String>,
    /// What opens the sealed settings where the system has no store of its own.
    pub passphrase: Option<Zeroizing<String>>,
    /// Who the entries are by.
    pub actor: &'static str,
    /// Whether scanners are looked for.
    pub devices: bool,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("mode", &self.mode)
            .field("sandbox", &self.sandbox)
            .field("passphrase", &self.passphrase.as_ref().map(|_| "***"))
            .field("actor", &self.actor)
            .field("devices", &self.devices)
            .finish()
    }
}

/// Why a till does not start.
#[derive(Debug, Error)]
pub enum TillError {
    /// Its folder.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Its first entry.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The settings of the sandbox, or the stored ones.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

impl TillError {
    /// The words for a person.
    #[must_use]
    pub fn message(&self) -> MessageView {
        match self {
            TillError::Start(error) => error.message(),
            TillError::Write(error) => words::write(error),
            TillError::Settings(error) => words::settings(error),
        }
    }
}

/// A till that runs.
pub struct Till {
    /// Silent before the register ends.
    devices: Option<Devices>,
    /// Ends before the register does.
    _upkeep: Option<Upkeep>,
    register: Handle,
    folder: Folder,
    secrets: Arc<Secrets>,
    training: Option<tokio::sync::Mutex<Training>>,
    settings_locked: Mutex<Option<MessageView>>,
    pin_tries: tokio::sync::Mutex<()>,
    proofs: Proofs,
    _lock: Lock,
}

/// What the register is opened with, and the wire for it.
struct Parts {
    settings: Option<ProviderSettings>,
    wire: Option<Arc<dyn Wire>>,
    training: Option<Training>,
    settings_locked: Option<MessageView>,
}

impl Till {
    /// Starts the till under `root`, setting it up if there is none. `changed` is called on the register's thread.
    ///
    /// # Errors
    /// See [`TillError`].
    pub fn start(
        root: &Path,
        options: &Options,
        runtime: tokio::runtime::Handle,
        changed: impl Fn(&Register, Now) + Send + 'static,
    ) -> Result<Till, TillError> {
        let folder = Folder::new(root, options.mode);
        let lock = folder.lock()?;
        let db = folder.open_or_create(&lock)?;
        let secrets = Arc::new(Secrets::of(&folder, &db.identity().till.to_string()));
        let parts = Parts::gather(&folder, &secrets, options)?;
        let connector: Option<Box<dyn Connector>> = parts.settings.as_ref().map(ProviderSettings::connector);
        let (seed, actor) = (random_bytes()?, options.actor);
        // Scanners whose settings cannot be read are learned anew.
        let lines = options.devices.then(|| remembered(&db).unwrap_or_default());
        let provider = parts.settings.as_ref().filter(|_| options.mode == Mode::Real).map(noted);
        let open = move |now| {
            let mut register = Register::open(db, connector, seed, actor, now)?;
            // Before anything is sent with them: effects leave only when the register is handed over.
            provider.iter().try_for_each(|provider| register.note_provider(provider, "found", now))?;
            Ok::<_, WriteError>(register)
        };
        let register = driver::start(open, parts.wire, runtime.clone(), changed)?;
        let devices = lines.map(|lines| Devices::start(lines, Ear::new(register.downgrade())));
        let upkeep = Some(upkeep::start(folder.clone(), register.downgrade(), &runtime));
        let training = parts.training.map(tokio::sync::Mutex::new);
        let settings_locked = Mutex::new(parts.settings_locked);
        Ok(Till {
            devices,
            _upkeep: upkeep,
            register,
            folder,
            secrets,
            training,
            settings_locked,
            pin_tries: tokio::sync::Mutex::default(),
            proofs: Proofs::default(),
            _lock: lock,
        })
    }

    /// Takes up the till under `root` [at rest](Register::at_rest): to look things up and to take cash. A till that
    /// was never set up stays so.
    ///
    /// # Errors
    /// See [`TillError`].
    pub fn start_at_rest(
        root: &Path,
        mode: Mode,
        runtime: tokio::runtime::Handle,
        actor: &'static str,
    ) -> Result<Till, TillError> {
        let folder = Folder::new(root, mode);
        let lock = folder.lock()?;
        let db = folder.open(&lock)?;
        let secrets = Arc::new(Secrets::of(&folder, &db.identity().till.to_string()));
        let seed = random_bytes()?;
        let open = move |now| {
            Register::at_rest(db, seed, actor, now).map_err(|damage| TillError::Write(damage.into()))
        };
        let register = driver::start(open, None, runtime, |_, _| {})?;
        Ok(Till {
            devices: None,
            _upkeep: None,
            register,
            folder,
            secrets,
            training: None,
            settings_locked: Mutex::new(None),
            pin_tries: tokio::sync::Mutex::default(),
            proofs: Proofs::default(),
            _lock: lock,
        })
    }

    /// The register, to ask.
    #[must_use]
    pub fn register(&self) -> &Handle {
        &self.register
    }

    /// The devices that are found by themselves, where they are looked for.
    pub(crate) fn devices(&self) -> Option<&Devices> {
        self.devices.as_ref()
    }

    /// The till's folder.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The sandbox in this process, in training without a server.
    #[must_use]
    pub fn training(&self) -> Option<&tokio::sync::Mutex<Training>> {
        self.training.as_ref()
    }

    /// Why the stored payment settings could not be opened at the start, if they could not: the till then takes cash only.
    #[must_use]
    pub fn settings_locked(&self) -> Option<MessageView> {
        self.settings_locked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The settings page.
    ///
    /// # Errors
    /// When the register has stopped.
    pub async fn settings(&self) -> Result<SettingsView, CommandError> {
        let mut view = self.ask(|register, _| register.settings_view()).await?;
        view.data_folder = self.folder.path().display().to_string();
        let (training, secrets) = (view.training, self.secrets.clone());
        view.provider = aside(move || provider_in_use(training, &secrets)).await?;
        Ok(view)
    }

    /// Takes a settings file: checked, sealed, in use at once. An empty text unlocks what is stored already.
    ///
    /// Where the money goes is a manager's to say: but for a till's first set-up it takes the PIN, and there is an entry before
    /// anything is sealed.
    ///
    /// # Errors
    /// What is wrong with the file, the passphrase, the PIN or the disk; the old settings then stay.
    pub async fn import_provider(
        &self,
        text: &str,
        passphrase: Option<&str>,
        pin: Option<&str>,
    ) -> Result<SettingsView, CommandError> {
        if self.folder.mode() == Mode::Training {
            return Err(CommandError {
                message: say(
                    "K-93",
                    "培训模式用自带的模拟平台，不需要支付设置",
                    "Training uses its own provider and needs no payment settings",
                ),
            });
        }
        let (secrets, text) = (self.secrets.clone(), Zeroizing::new(text.to_owned()));
        let passphrase = passphrase.map(|text| Zeroizing::new(text.to_owned()));
        let (new, passphrase) = aside(move || {
            let new = NewSettings::look_at(&secrets, &text, passphrase.as_ref().map(|text| text.as_str()))?;
            Ok::<_, CommandError>((new, passphrase))
        })
        .await??;
        let by = match new.from_outside {
            true => self.may_change_provider(pin).await?,
            // What lay sealed may have been put there past the till.
            false => "found",
        };
        let old = if new.other_merchant { self.stop_charging().await? } else { None };
        let (provider, replaced) = (noted(&new.settings), new.replaced.as_ref().map(noted));
        let noting = self.ask(move |register, now| register.note_provider(&provider, by, now)).await?;
        if let Err(error) = noting {
            if old.is_some() {
                self.ask(move |register, now| register.use_connector(old, now)).await?;
            }
            return Err(CommandError { message: words::write(&error) });
        }
        let secrets = self.secrets.clone();
        let taken = aside(move || new.take(&secrets, passphrase.as_ref().map(|text| text.as_str()))).await?;
        let (settings, network) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                self.ask(move |register, now| {
                    // Should the disk refuse this as well, the next start says which settings it found.
                    let _ = replaced.map(|replaced| register.note_provider(&replaced, "kept", now));
                    if old.is_some() {
                        register.use_connector(old, now);
                    }
                })
                .await?;
                return Err(error);
            }
        };
        let (handle, connector) = (self.register.clone(), settings.connector());
        self.ask(move |register, now| {
            // Both at once: no request of one merchant goes out over the other's wire.
            handle.set_wire(Some(Arc::new(network)));
            register.use_connector(Some(connector), now);
        })
        .await?;
        *self.settings_locked.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.settings().await
    }

    /// Who puts other settings in place, for the journal; or why it is not allowed.
    async fn may_change_provider(&self, pin: Option<&str>) -> Result<&'static str, CommandError> {
        let wanted = self.wants_pin_for_provider().await?;
        let has_pin = self.ask(|register, _| register.has_pin()).await?;
        match pin {
            _ if !wanted => Ok("set_up"),
            _ if !has_pin => Err(CommandError { message: words::pin_set_first() }),
            Some(pin) => self.as_manager(pin, |_, _, _| Ok("manager")).await,
            None => Err(CommandError { message: words::managers_only() }),
        }
    }

    /// A payment without a result can only be asked about where it was made: before the merchant changes there must be none,
    /// and none may come up on the way. Gives the connector that was in use.
    async fn stop_charging(&self) -> Result<Option<Box<dyn Connector>>, CommandError> {
        self.ask(|register, now| match register.db().unfinished_payments() {
            Ok(payments) if payments.is_empty() => Ok(register.take_connector(now)),
            Ok(_) | Err(_) => Err(CommandError { message: words::other_merchant_while_in_doubt() }),
        })
        .await?
    }

    /// The health page. Reads the whole journal: it may take a moment.
    ///
    /// # Errors
    /// When the register has stopped.
    pub async fn health(&self) -> Result<HealthView, CommandError> {
        let folder = self.folder.clone();
        self.ask(move |register, now| {
            let mut view = register.health();
            let kept = register.keeping(&folder, register.time(now).wall);
            // What stands for the file itself comes before.
            let behind = view.checks.iter().position(|check| check.name == "journal").map_or(0, |at| at + 1);
            view.checks.splice(behind..behind, kept);
            view
        })
        .await
    }

    /// Tries the settings without moving money.
    ///
    /// # Errors
    /// When there are none, or the register has stopped.
    pub async fn test_provider(&self) -> Result<ProviderTestView, CommandError> {
        let request = self
            .ask(|register, now| {
                let fresh = register.fresh(now);
                register.connector().map(|connector| (connector.test(&fresh), now.steady_ms))
            })
            .await?;
        let (Some((request, started)), Some(wire)) = (request, self.register.wire()) else {
            return Err(CommandError {
                message: say("K-94", "还没有支付设置", "There are no payment settings yet"),
            });
        };
        let reply = wire.exchange(request).await;
        self.ask(move |register, now| {
            let took_ms = u32::try_from(now.steady_ms - started).unwrap_or(0);
            register.note_connection(&reply, now);
            let verdict = match (&reply, register.connector()) {
                (Ok(reply), Some(connector)) => {
                    connector.read_test(reply, now.wall).map_err(|fault| words::settings_fault(&fault))
                }
                (Ok(_), None) | (Err(_), _) => Err(words::cannot_test()),
            };
            let passed = verdict.is_ok();
            let well = say(
                "K-00",
                "测试通过：签名和应答都正确，没有动钱",
                "Passed: both signatures are right; no money moved",
            );
            ProviderTestView { passed, message: verdict.err().unwrap_or(well), took_ms }
        })
        .await
    }

    /// Sets the manager's PIN. The first needs no other; a later one needs the one before.
    ///
    /// # Errors
    /// A malformed new PIN, a wrong old one, or the disk.
    pub async fn set_pin(&self, old: Option<&str>, new: &str) -> Result<(), CommandError> {
        if self.ask(|register, _| register.has_pin()).await? {
            let old = old.ok_or_else(|| CommandError { message: words::managers_only() })?;
            self.as_manager(old, |_, _, _| Ok(())).await?;
        }
        self.keep_pin(new).await
    }

    /// Sets a new PIN where the one before is lost, for whoever has the settings file of the merchant in use: its keys are the owner's.
    ///
    /// # Errors
    /// The file is wrong or of another merchant, the new PIN malformed, or the disk.
    pub async fn set_pin_as_owner(&self, settings: &str, new: &str) -> Result<(), CommandError> {
        let settings = ProviderSettings::from_toml(settings)
            .map_err(|error| CommandError { message: words::settings(&error) })?;
        let mark = settings.merchant_mark();
        let used = self.ask(|register, _| register.db().merchant_in_use()).await?;
        let used = used.map_err(|damage| CommandError { message: words::damage(&damage) })?;
        if used.is_none_or(|(used, _)| used != mark) {
            return Err(CommandError { message: words::not_the_owner() });
        }
        self.keep_pin(new).await
    }

    /// Whether new provider settings are a manager's to put in place: all but a till's first.
    ///
    /// # Errors
    /// When the register has stopped.
    pub async fn wants_pin_for_provider(&self) -> Result<bool, CommandError> {
        let secrets = self.secrets.clone();
        let is_stored = aside(move || secrets.key_place().is_some()).await?;
        // Taking the sealed file away makes no till a new one.
        let is_known = |register: &mut Register| {
            register.has_pin() || !matches!(register.db().merchant_in_use(), Ok(None))
        };
        Ok(is_stored || self.ask(move |register, _| is_known(register)).await?)
    }

    async fn keep_pin(&self, new: &str) -> Result<(), CommandError> {
        let (file, new) = (PinFile::of(&self.folder), Zeroizing::new(new.to_owned()));
        aside(move || file.set(&new)).await?.map_err(|error| CommandError { message: pin_words(&error) })?;
        self.ask(|register, now| register.note_pin_set(now))
            .await?
            .map_err(|message| CommandError { message })
    }

    /// Runs `job` on the register for somebody who knows the manager's PIN.
    ///
    /// # Errors
    /// A wrong PIN, too many of them, or what `job` returns.
    pub async fn as_manager<T: Send + 'static>(
        &self,
        pin: &str,
        job: impl FnOnce(&mut Register, &Manager, Now) -> Result<T, MessageView> + Send + 'static,
    ) -> Result<T, CommandError> {
        let refused = |message| CommandError { message };
        // One try at a time: each costs 46 MiB, and none may slip past the count of the ones before.
        let _one_try = self.pin_tries.lock().await;
        let (has_pin, wait_ms) =
            self.ask(|register, now| (register.has_pin(), register.pin_wait_ms(now))).await?;
        if !has_pin {
            return Err(refused(words::pin_missing()));
        }
        if wait_ms > 0 {
            return Err(refused(words::pin_wait(wait_ms)));
        }
        let (file, pin) = (PinFile::of(&self.folder), Zeroizing::new(pin.to_owned()));
        let right = aside(move || file.check(&pin)).await?.map_err(|error| refused(pin_words(&error)))?;
        self.ask(move |register, now| {
            let manager = register.recognise(right, now)?;
            job(register, &manager, now)
        })
        .await?
        .map_err(refused)
    }

    /// Runs `job`, which adds something up, only if the file is proven whole first: pages, chain, and every derived row. The
    /// first proof of a start walks the whole file; later ones what was written since, and all of it again after some hours.
    ///
    /// # Errors
    /// What is wrong with the file: no total is shown from one that is not whole. Or that the register has stopped.
    pub async fn ask_proven<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Register, Now) -> T + Send + 'static,
    ) -> Result<T, CommandError> {
        let now = self.ask(|register, now| register.time(now).wall).await?;
        self.proofs.renew(self.folder.database(), now).await?;
        self.ask(job).await
    }

    /// Runs `job` on the register.
    ///
    /// # Errors
    /// When the register has stopped.
    pub async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Register, Now) -> T + Send + 'static,
    ) -> Result<T, CommandError> {
        self.register.ask(job).await.map_err(|_| CommandError { message: words::inside() })
    }
}

fn noted(settings: &ProviderSettings) -> NotedProvider {
    NotedProvider {
        kind: settings.kind().to_owned(),
        merchant: settings.merchant_masked(),
        mark: settings.merchant_mark(),
    }
}

/// Runs what takes its time where nobody waits for it.
pub(crate) async fn aside<T: Send + 'static>(
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CommandError> {
    tokio::task::spawn_blocking(job).await.map_err(|_| CommandError { message: words::inside() })
}

fn pin_words(error: &PinError) -> MessageView {
    match error {
        PinError::Malformed => words::pin_malformed(),
        PinError::Lost => words::pin_file_lost(),
        PinError::Disk(error) => say(
            "M-08",
            format!("店长密码文件读写失败，请检查磁盘（{error}）"),
            format!("The file with the manager's PIN cannot be read or written; check the disk ({error})"),
        ),
    }
}

impl Parts {
    fn gather(folder: &Folder, secrets: &Secrets, options: &Options) -> Result<Parts, TillError> {
        match (options.mode, &options.sandbox) {
            (Mode::Training, Some(host)) => {
                let settings = training::settings(host)?;
                let wire: Arc<dyn Wire> = Arc::new(Network::new(&settings)?);
                Ok(Parts {
                    settings: Some(settings),
                    wire: Some(wire),
                    training: None,
                    settings_locked: None,
                })
            }
            (Mode::Training, None) => {
                let training = Training::open(folder).map_err(StartError::Folder)?;
                let wire: Arc<dyn Wire> = Arc::new(training.wire());
                let settings = Some(training::settings(training::IN_PROCESS)?);
                Ok(Parts { settings, wire: Some(wire), training: Some(training), settings_locked: None })
            }
            (Mode::Real, _) => {
                // Locked or unreadable settings do not keep the till from taking cash.
                let passphrase = options.passphrase.as_ref().map(|text| text.as_str());
                let (stored, settings_locked) = match secrets.load(passphrase) {
                    Ok(stored) => (stored, None),
                    Err(error) => (None, Some(secrets_words(&error))),
                };
                let usable = |text: &str| -> Result<(ProviderSettings, Arc<dyn Wire>), SettingsError> {
                    let settings = ProviderSettings::from_toml(text)?;
                    let wire: Arc<dyn Wire> = Arc::new(Network::new(&settings)?);
                    Ok((settings, wire))
                };
                Ok(match stored.map(|text| usable(&text)) {
                    Some(Ok((settings, wire))) => {
                        Parts { settings: Some(settings), wire: Some(wire), training: None, settings_locked }
                    }
                    Some(Err(error)) => Parts {
                        settings: None,
                        wire: None,
                        training: None,
                        settings_locked: Some(words::settings(&error)),
                    },
                    None => Parts { settings: None, wire: None, training: None, settings_locked },
                })
            }
        }
    }
}
