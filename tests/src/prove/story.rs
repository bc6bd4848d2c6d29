//! A reference flow, as the machines live through it.

use std::sync::LazyLock;

use guitai_connectors::Connector;
use guitai_db::SaleState;
use guitai_sandbox::World;
use guitai_test_disk::{Call, Disk};

use crate::check_books;
use crate::desk::{MORNING_MS, TestRegister};
use crate::flows::{Flow, flows, play};
use crate::life::v2_connector;

/// The flows that are also tried with a provider that signs with RSA; with all of them it would be the same again, slowly.
const SLOW_TOO: [&str; 2] = ["captured", "reversed"];

const SETTING_UP: Flow = Flow { name: "setting_up", acts: &[], receipts: 0 };

/// A till that was set up and started once.
static SET_UP: LazyLock<Disk> = LazyLock::new(|| {
    let disk = Disk::new();
    TestRegister::with_disk(disk.clone(), 1).kill();
    disk
});

/// A flow, and how the provider is spoken to.
#[derive(Clone, Copy)]
pub(crate) struct Story {
    pub flow: &'static Flow,
    is_v3: bool,
}

/// A story as it went undisturbed.
pub(crate) struct Undisturbed {
    /// Its storage calls.
    pub log: Vec<Call>,
    /// How many of them there had been when each request left.
    pub left_at: Vec<u64>,
}

impl Story {
    /// Setting a till up, and then every flow on a till that was set up.
    pub fn all() -> Vec<Story> {
        let fast = flows().map(|flow| Story { flow, is_v3: false });
        let slow = flows().filter(|flow| SLOW_TOO.contains(&flow.name));
        let slow = slow.map(|flow| Story { flow, is_v3: true });
        [Story { flow: &SETTING_UP, is_v3: false }].into_iter().chain(fast).chain(slow).collect()
    }

    pub fn name(&self) -> String {
        format!("{} ({})", self.flow.name, if self.is_v3 { "v3" } else { "v2" })
    }

    /// The disk it begins on.
    pub fn disk(&self) -> Disk {
        if self.flow.name == SETTING_UP.name { Disk::new() } else { SET_UP.copied() }
    }

    /// A till on this disk, at which nothing has been done yet.
    pub fn desk(&self, disk: Disk) -> TestRegister {
        let is_v3 = self.is_v3;
        let speak = Box::new(move |v3: Box<dyn Connector>| if is_v3 { v3 } else { v2_connector() });
        TestRegister::interposed(disk, World::new(7, MORNING_MS), MORNING_MS, 1, speak, Box::new(|| {}))
    }

    /// Lives through it once.
    pub fn undisturbed(&self) -> Result<Undisturbed, String> {
        let disk = self.disk();
        let mut desk = self.desk(disk.clone());
        play(&mut desk, self.flow);
        let (log, left_at) = (disk.log(), desk.seen.left_at.clone());
        desk.come_to_rest(self.flow.with_late_money());
        check_books(&mut desk).map_err(|why| format!("{} undisturbed: {why}", self.name()))?;
        match receipts(&desk) {
            right if right == self.flow.receipts => Ok(Undisturbed { log, left_at }),
            wrong => Err(format!("{} undisturbed ends with {wrong} receipts", self.name())),
        }
    }

    /// That there are not more receipts than there should be.
    pub fn check_receipts(&self, desk: &TestRegister) -> Result<(), String> {
        let (found, most) = (receipts(desk), self.flow.receipts);
        if found <= most {
            Ok(())
        } else {
            Err(format!("{found} receipts, and there should be {most} at most"))
        }
    }
}

fn receipts(desk: &TestRegister) -> usize {
    desk.sales().iter().filter(|sale| sale.state == SaleState::Completed).count()
}
