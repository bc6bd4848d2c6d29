//! One run of the program: which till, in which mode, and how it is opened.

use std::path::PathBuf;

use guitai_app::folder::{Folder, StartError, data_root};
use guitai_app::till::{Options, Till};
use guitai_app::{Now, Register};
use guitai_db::{Db, Mode};
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use crate::args::Cli;
use crate::exit::Failure;
use crate::output::Output;

/// Who the journal says did it.
pub const ACTOR: &str = "cli";

pub struct Session {
    root: PathBuf,
    options: Options,
    pub out: Output,
}

impl Session {
    pub fn new(cli: &Cli, out: Output) -> Session {
        let training = cli.training || cli.sandbox.is_some();
        let passphrase = std::env::var("GUITAI_PASSPHRASE").ok().filter(|text| !text.is_empty());
        let options = Options {
            mode: if training { Mode::Training } else { Mode::Real },
            sandbox: cli.sandbox.clone(),
            passphrase: passphrase.map(Zeroizing::new),
            actor: ACTOR,
            devices: false,
        };
        Session { root: cli.data.clone().unwrap_or_else(data_root), options, out }
    }

    pub fn training(&self) -> bool {
        self.options.mode == Mode::Training
    }

    /// Whether the sandbox, and with it the trainee's wallet, is in this process.
    pub fn has_own_sandbox(&self) -> bool {
        self.training() && self.options.sandbox.is_none()
    }

    pub fn passphrase(&self) -> Option<&str> {
        self.options.passphrase.as_ref().map(|text| text.as_str())
    }

    pub fn folder(&self) -> Folder {
        Folder::new(&self.root, self.options.mode)
    }

    /// The folder of a till that was set up before; nothing is made in passing.
    pub fn existing(&self) -> Result<Folder, Failure> {
        let folder = self.folder();
        if folder.has_till() { Ok(folder) } else { Err(StartError::Missing.into()) }
    }

    /// The folder of a till that was here, whatever is left of it.
    pub fn damaged(&self) -> Result<Folder, Failure> {
        let folder = self.folder();
        let was_here = folder.has_till() || folder.witness().exists() || folder.backup_folder().exists();
        if was_here { Ok(folder) } else { Err(StartError::Missing.into()) }
    }

    /// The whole till, with its provider: what was open is taken up.
    pub fn start(&self, changed: impl Fn(&Register, Now) + Send + 'static) -> Result<Till, Failure> {
        self.existing()?;
        self.create(changed)
    }

    /// As [`Session::start`], and sets the till up if there is none.
    pub fn create(&self, changed: impl Fn(&Register, Now) + Send + 'static) -> Result<Till, Failure> {
        Ok(Till::start(&self.root, &self.options, Handle::current(), changed)?)
    }

    /// As [`Session::start`], for what needs the provider: settings that did not open are an error.
    pub fn start_unlocked(&self, changed: impl Fn(&Register, Now) + Send + 'static) -> Result<Till, Failure> {
        let till = self.start(changed)?;
        match till.settings_locked() {
            Some(message) => Err(message.into()),
            None => Ok(till),
        }
    }

    /// The till at rest: looks things up, takes cash, calls nobody.
    pub fn at_rest(&self) -> Result<Till, Failure> {
        self.existing()?;
        Ok(Till::start_at_rest(&self.root, self.options.mode, Handle::current(), ACTOR)?)
    }

    /// The bare database, for upkeep.
    pub fn with_db<T>(&self, job: impl FnOnce(&mut Db) -> Result<T, Failure>) -> Result<T, Failure> {
        let folder = self.existing()?;
        let lock = folder.lock()?;
        job(&mut folder.open(&lock)?)
    }
}
