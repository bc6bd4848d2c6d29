//! A scanner on a pseudo-terminal. It can be pulled out, and another plugged in.

use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use guitai_devices::DeviceId;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

use super::ENDINGS;
use crate::chance::Chance;

pub(super) struct Scanner {
    folder: TempDir,
    /// Which of the kinds is plugged in.
    kind: usize,
    line: Option<OwnedFd>,
    device: DeviceId,
}

impl Scanner {
    pub(super) fn plug_in(chance: &mut Chance) -> Result<Scanner, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut scanner = Scanner { folder, kind: 0, line: None, device: DeviceId(String::new()) };
        scanner.plug_in_another(chance)?;
        Ok(scanner)
    }

    /// Pulls this one out and plugs in one of another kind, or the same again.
    pub(super) fn plug_in_another(&mut self, chance: &mut Chance) -> Result<(), String> {
        let fails = |error: std::io::Error| error.to_string();
        let _ = std::fs::remove_file(self.path(self.kind));
        self.line = None;
        self.kind = usize::try_from(chance.below(ENDINGS.len() as u64)).expect("a place in a list");
        self.device = DeviceId(format!("serial:{}", self.path(self.kind).display()));
        let line = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
            .map_err(|error| fails(error.into()))?;
        grantpt(&line).and_then(|()| unlockpt(&line)).map_err(|error| fails(error.into()))?;
        let name = ptsname(&line, Vec::new()).map_err(|error| fails(error.into()))?;
        symlink(name.to_string_lossy().as_ref(), self.path(self.kind)).map_err(fails)?;
        self.line = Some(line);
        Ok(())
    }

    /// The devices of all kinds.
    pub(super) fn devices(&self) -> [DeviceId; ENDINGS.len()] {
        std::array::from_fn(|kind| DeviceId(format!("serial:{}", self.path(kind).display())))
    }

    /// The one that is plugged in.
    pub(super) fn device(&self) -> &DeviceId {
        &self.device
    }

    pub(super) fn ending(&self) -> &'static str {
        ENDINGS[self.kind].1
    }

    /// A code as this kind sends it.
    pub(super) fn framed(&self, code: &str) -> Vec<u8> {
        let (begin, end) = (if self.ending() == "\u{3}" { "\u{2}" } else { "" }, self.ending());
        format!("{begin}{code}{end}").into_bytes()
    }

    pub(super) fn write(&self, mut bytes: &[u8]) -> Result<(), String> {
        let line = self.line.as_ref().ok_or("nothing is plugged in")?;
        while !bytes.is_empty() {
            let written = rustix::io::write(line, bytes).map_err(|error| error.to_string())?;
            bytes = &bytes[written..];
        }
        Ok(())
    }

    fn path(&self, kind: usize) -> PathBuf {
        self.folder.path().join(format!("scanner-{kind}"))
    }
}
