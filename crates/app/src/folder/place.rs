//! Where a till's data may lie: not on a network drive, where SQLite's log does not work, and no real till on what somebody
//! pulls out. Told only where it can be told; whatever is not known is let pass.

use std::path::Path;

/// Why a place is not fit for a till's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is on another computer.
    Network(String),
    /// It can be pulled out.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux tells it without asking by hand")
    )]
    Removable(String),
}

/// What is wrong with `path`, whose nearest folder that exists is looked at.
#[cfg(target_os = "linux")]
pub(super) fn unfit(path: &Path) -> Option<Unfit> {
    let existing = path.ancestors().find_map(|path| std::fs::canonicalize(path).ok())?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let of_data = linux::Mount::of(&mounts, &existing)?;
    let of_system = linux::Mount::of(&mounts, Path::new("/"));
    linux::unfit(&of_data, of_system.as_ref(), Path::new("/sys"))
}

/// A drive that somebody has mapped is listed for its user; a share is named as one.
#[cfg(windows)]
pub(super) fn unfit(path: &Path) -> Option<Unfit> {
    use std::path::{Component, Prefix};

    let existing = path.ancestors().find_map(|path| std::fs::canonicalize(path).ok())?;
    let Some(Component::Prefix(prefix)) = existing.components().next() else { return None };
    match prefix.kind() {
        Prefix::UNC(server, _) | Prefix::VerbatimUNC(server, _) => {
            Some(Unfit::Network(server.to_string_lossy().into_owned()))
        }
        Prefix::Disk(letter) | Prefix::VerbatimDisk(letter) => {
            let letter = char::from(letter).to_string();
            let user = winreg::RegKey::predef(winreg::enums::HKEY_CURRENT_USER);
            user.open_subkey(format!(r"Network\{letter}")).ok().map(|_| Unfit::Network(format!("{letter}:")))
        }
        Prefix::Verbatim(_) | Prefix::DeviceNS(_) => None,
    }
}

#[cfg(not(any(target_os = "linux", windows)))]
pub(super) fn unfit(_: &Path) -> Option<Unfit> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::Unfit;

    /// Kinds of file systems whose files lie on another computer, or behind a program that pretends.
    const NETWORK: [&str; 25] = [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "coda",
        "9p",
        "ceph",
        "glusterfs",
        "lustre",
        "beegfs",
        "davfs",
        "vboxsf",
        "prl_fs",
        "fuse.sshfs",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.davfs2",
        "fuse.curlftpfs",
        "fuse.gvfsd-fuse",
        "fuse.vmhgfs-fuse",
        "fuse.cephfs",
    ];

    /// What is mounted where a path is.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct Mount {
        pub kind: String,
        pub source: String,
    }

    impl Mount {
        /// The mount that `path` is on: the last of those with the longest way to it.
        pub fn of(mounts: &str, path: &Path) -> Option<Mount> {
            let mut best: Option<(usize, Mount)> = None;
            for line in mounts.lines() {
                let Some((before, after)) = line.split_once(" - ") else { continue };
                let Some(point) = before.split(' ').nth(4).map(unescaped) else { continue };
                let mut after = after.split(' ');
                let (Some(kind), Some(source)) = (after.next(), after.next()) else { continue };
                let length = point.iter().count();
                let is_deeper = best.as_ref().is_none_or(|(deepest, _)| length >= *deepest);
                if path.starts_with(&point) && is_deeper {
                    best = Some((
                        length,
                        Mount { kind: kind.to_owned(), source: unescaped(source).display().to_string() },
                    ));
                }
            }
            best.map(|(_, mount)| mount)
        }
    }

    pub(super) fn unfit(of_data: &Mount, of_system: Option<&Mount>, sys: &Path) -> Option<Unfit> {
        if NETWORK.contains(&of_data.kind.as_str()) {
            return Some(Unfit::Network(format!("{} ({})", of_data.source, of_data.kind)));
        }
        let disk = disk_of(&of_data.source, sys)?;
        // A computer that runs from a stick may keep its data there.
        let is_the_systems =
            of_system.and_then(|system| disk_of(&system.source, sys)).is_some_and(|other| other == disk);
        (!is_the_systems && can_be_pulled_out(&disk)).then(|| Unfit::Removable(of_data.source.clone()))
    }

    /// The disk that a device is a part of, or lies on: its folder in the system's tree of devices.
    fn disk_of(source: &str, sys: &Path) -> Option<PathBuf> {
        let device = Path::new(source);
        let name = match fs::canonicalize(device) {
            Ok(real) => real.file_name()?.to_owned(),
            Err(_) => device.file_name()?.to_owned(),
        };
        let mut folder = fs::canonicalize(sys.join("class/block").join(name)).ok()?;
        // What is encrypted or joined together lies on something else.
        for _ in 0..4 {
            let Some(below) = fs::read_dir(folder.join("slaves")).ok().and_then(|mut below| below.next())
            else {
                break;
            };
            folder = fs::canonicalize(below.ok()?.path()).ok()?;
        }
        if folder.join("partition").exists() { folder.parent().map(Path::to_owned) } else { Some(folder) }
    }

    fn can_be_pulled_out(disk: &Path) -> bool {
        let says_so = fs::read_to_string(disk.join("removable")).is_ok_and(|text| text.trim() == "1");
        says_so || disk.iter().any(|part| part.to_string_lossy().starts_with("usb"))
    }

    /// A path as the system writes it in lists: a space is `\040`.
    fn unescaped(text: &str) -> PathBuf {
        let mut parts = text.split('\\');
        let mut path = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let code = part.get(..3).and_then(|code| u8::from_str_radix(code, 8).ok());
            match code {
                Some(code) if code.is_ascii() => {
                    path.push(char::from(code));
                    path.push_str(&part[3..]);
                }
                Some(_) | None => {
                    path.push('\\');
                    path.push_str(part);
                }
            }
        }
        PathBuf::from(path)
    }

    #[cfg(test)]
    mod tests {
        use std::os::unix::fs::symlink;

        use super::*;

        const MOUNTS: &str = "\
22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
23 22 0:21 / /proc rw - proc proc rw
40 22 8:17 / /media/shop\\040stick rw - vfat /dev/sdb1 rw
41 22 0:50 / /mnt/office rw - nfs4 office:/data rw
42 41 0:51 / /mnt/office/here rw - cifs //office/here rw
43 22 0:60 / /home/a/far rw - fuse.sshfs a@b: rw
44 22 254:0 / /home rw - btrfs /dev/mapper/home rw
45 22 0:70 / /dev/shm rw - tmpfs tmpfs rw
a line that is none";

        fn mount(path: &str) -> Mount {
            Mount::of(MOUNTS, Path::new(path)).expect("a mount")
        }

        #[test]
        fn a_path_is_on_the_deepest_mount_above_it() {
            let cases = [
                ("/", "ext4"),
                ("/var/lib", "ext4"),
                ("/mnt/office", "nfs4"),
                ("/mnt/office/here/x", "cifs"),
                ("/mnt/officer", "ext4"),
                ("/media/shop stick/data", "vfat"),
                ("/home/a", "btrfs"),
                ("/home/a/far/x", "fuse.sshfs"),
            ];
            for (path, kind) in cases {
                assert_eq!(mount(path).kind, kind, "{path}");
            }
            assert_eq!(Mount::of("", Path::new("/")), None);
        }

        /// A tree of devices: an inner disk with the system and an encrypted home, a stick, a card, a USB disk that denies it.
        fn devices() -> tempfile::TempDir {
            let sys = tempfile::tempdir().expect("a folder");
            let device = |path: &str, removable: &str, is_part: bool| {
                let folder = sys.path().join("devices").join(path);
                fs::create_dir_all(&folder).expect("a device");
                let name = if is_part { "partition" } else { "removable" };
                fs::write(folder.join(name), format!("{removable}\n")).expect("a fact");
                let link = sys.path().join("class/block").join(folder.file_name().expect("a name"));
                fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
                symlink(&folder, link).expect("a link");
                folder
            };
            device("pci0/ata1/block/sda", "0", false);
            let home = device("pci0/ata1/block/sda/sda3", "3", true);
            device("pci0/ata1/block/sda/sda2", "2", true);
            let mapped = device("virtual/block/home", "0", false);
            fs::create_dir(mapped.join("slaves")).expect("a folder");
            symlink(home, mapped.join("slaves/sda3")).expect("a link");
            device("pci0/usb1/1-2/block/sdb", "1", false);
            device("pci0/usb1/1-2/block/sdb/sdb1", "1", true);
            device("pci0/mmc0/block/mmcblk0", "1", false);
            device("pci0/usb2/2-1/block/sdc", "0", false);
            sys
        }

        fn judged(kind: &str, source: &str, system: &str) -> Option<Unfit> {
            let sys = devices();
            let mount = |kind: &str, source: &str| Mount { kind: kind.to_owned(), source: source.to_owned() };
            unfit(&mount(kind, source), Some(&mount("ext4", system)), sys.path())
        }

        #[test]
        fn a_network_drive_and_what_can_be_pulled_out_are_unfit() {
            let network =
                |source: &str| matches!(judged("nfs4", source, "/dev/sda2"), Some(Unfit::Network(_)));
            assert!(network("office:/data"));
            assert!(matches!(judged("fuse.sshfs", "a@b:", "/dev/sda2"), Some(Unfit::Network(_))));
            for fit in ["/dev/sda2", "/dev/home", "tmpfs", "overlay", "/dev/unknown"] {
                assert_eq!(judged("ext4", fit, "/dev/sda2"), None, "{fit}");
            }
            for unfit in ["/dev/sdb1", "/dev/mmcblk0", "/dev/sdc"] {
                assert_eq!(
                    judged("ext4", unfit, "/dev/sda2"),
                    Some(Unfit::Removable(unfit.to_owned())),
                    "{unfit}"
                );
            }
            assert_eq!(judged("ext4", "/dev/sdb1", "/dev/sdb"), None, "the system itself runs from it");
        }

        #[test]
        fn this_computers_temporary_folder_is_fit() {
            assert_eq!(super::super::unfit(&std::env::temp_dir().join("not/there/yet")), None);
        }
    }
}
