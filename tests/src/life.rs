//! How a till at the desk starts, dies and starts again.

use std::sync::LazyLock;

use guitai_app::till::TillError;
use guitai_app::view::MessageView;
use guitai_app::{Register, training};
use guitai_connectors::{Connector, ProviderSettings};
use guitai_sandbox::Sandbox;
use guitai_test_disk::Disk;

use crate::desk::{OnItsWay, TestRegister};
use crate::wire::OtherSide;

static SETTINGS: LazyLock<ProviderSettings> =
    LazyLock::new(|| training::settings(training::IN_PROCESS).expect("the sandbox's settings"));

static V2: LazyLock<ProviderSettings> = LazyLock::new(|| {
    let kit = Sandbox::merchant();
    let text = format!(
        "kind = \"wechat_pay_v2\"\nmchid = \"{}\"\nappid = \"{}\"\nmerchant_certificate = '''\n{}'''\n\
         merchant_private_key = '''\n{}'''\napiv2_key = \"{}\"\nhosts = [\"{}\"]\n",
        kit.mchid,
        kit.appid,
        kit.certificate_pem,
        kit.private_key_pem,
        kit.apiv2_key,
        training::IN_PROCESS,
    );
    ProviderSettings::from_toml(&text).expect("the sandbox's settings")
});

/// A connector that speaks the older protocol, which signs without RSA: many times as fast.
pub(crate) fn v2_connector() -> Box<dyn Connector> {
    V2.connector()
}

impl<W: OtherSide> TestRegister<W> {
    /// Whether the till runs: it was started, and its disk has not stopped it since.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.register.is_some() && !self.disk().is_some_and(Disk::is_frozen)
    }

    /// Why the till did not start, in its own words.
    #[must_use]
    pub fn refused(&self) -> Option<&MessageView> {
        self.refused.as_ref()
    }

    /// The disk in memory, if its file is on one.
    #[must_use]
    pub fn disk(&self) -> Option<&Disk> {
        self.folder.disk()
    }

    pub(crate) fn start(&mut self) {
        self.starts += 1;
        // A steady clock begins anywhere, and elsewhere after each start.
        self.steady_from = self.true_ms - self.chance.between(0, 1_000_000);
        let seed = self.chance.seed();
        (self.refused, self.seen.serial) = (None, 0);
        match self.try_start(seed) {
            Ok(register) => self.register = Some(register),
            // A disk in trouble keeps a till from starting; a folder never does.
            Err(error) if self.disk().is_some() => {
                let message = error.message();
                self.seen.messages.push(message.code.clone());
                self.refused = Some(message);
            }
            Err(error) => panic!("the till does not start: {error}"),
        }
    }

    /// Somebody unlocks the settings that a start found locked.
    pub fn unlock(&mut self) {
        if !std::mem::take(&mut self.locked) || !self.is_on() {
            return;
        }
        let connector = self.connector();
        let now = self.now();
        self.register_mut().use_connector(Some(connector), now);
        self.settle();
    }

    fn connector(&self) -> Box<dyn Connector> {
        let connector = SETTINGS.connector();
        match &self.interpose {
            Some(interpose) => interpose(connector),
            None => connector,
        }
    }

    fn try_start(&self, seed: [u8; 32]) -> Result<Register, TillError> {
        let db = self.folder.open_or_create()?;
        let connector = (!self.locked).then(|| self.connector());
        Ok(Register::open(db, connector, seed, "cashier", self.now())?)
    }

    /// The till dies without notice and is started again from its file. What was on its way to it is lost, what was on
    /// its way to the provider is not.
    pub fn restart(&mut self) {
        self.restart_after(0);
    }

    /// As [`restart`](TestRegister::restart), with the till off for so long.
    pub fn restart_after(&mut self, ms: i64) {
        if self.disk().is_some_and(Disk::is_frozen) {
            return;
        }
        self.kill();
        self.turn_on_after(ms);
    }

    /// The till dies without notice, and stays off until it is [turned on](TestRegister::turn_on_after).
    pub fn kill(&mut self) {
        if let Some(disk) = self.disk() {
            disk.thaw();
        }
        self.go_off();
    }

    /// The power fails: the till is off, and of what it wrote and did not sync `choose` decides what is there.
    pub fn cut_power(&mut self, choose: impl FnMut(u64) -> u64) {
        if let Some(disk) = self.disk() {
            disk.power_cut(choose);
        }
        self.go_off();
    }

    fn go_off(&mut self) {
        self.register = None;
        self.seen.died_with.extend(self.seen.head);
        self.under_way.clear();
        self.on_its_way.retain(|_, what| matches!(what, OnItsWay::Charge(_)));
    }

    /// Starts a till that is off, after so long.
    pub fn turn_on_after(&mut self, ms: i64) {
        self.true_ms += ms;
        self.deliver_late_charges();
        self.start();
        self.settle();
    }

    fn deliver_late_charges(&mut self) {
        // The till is off: nothing but charges is on its way.
        while let Some(((at, _), what)) = self.take_due() {
            if let OnItsWay::Charge(charge) = what {
                let _ = self.world.handle(&charge, at);
            }
        }
    }
}
