//! Folders and databases that are not to be used, and disks that do not take anything.

use std::fs;
use std::path::Path;

use guitai_app::folder::Folder;
use guitai_db::Mode;

use crate::shop::{Run, Shop};

#[test]
fn without_a_till_nothing_is_done_and_nothing_is_made() {
    let shop = Shop::real();
    let commands: [&[&str]; 20] = [
        &["charge", "1", "--code-stdin"],
        &["cash", "1"],
        &["resolve"],
        &["desk"],
        &["book", "P0"],
        &["give-back", "P0"],
        &["settle", "P0", "--paid", "--reason", "看过平台了"],
        &["review", "P0", "--reason", "看过平台了"],
        &["void", "S0"],
        &["pin"],
        &["confirm-clock"],
        &["history"],
        &["show", "20261121-7K3QZX-0001"],
        &["reprint", "20261121-7K3QZX-0001"],
        &["report"],
        &["verify"],
        &["rebuild"],
        &["backup", "copy.db"],
        &["test-provider"],
        &["health"],
    ];

    for command in commands {
        shop.run(&[&["--json"], command].concat()).refused(2, "D-22");
    }
    shop.run(&["--json", "--training", "wallet"]).refused(2, "D-22");

    assert_eq!(fs::read_dir(shop.root()).expect("the folder").count(), 0);
}

#[test]
fn a_till_is_set_up_once() {
    let shop = Shop::training();
    let before = shop.json(&["verify"])["entries"].clone();

    shop.run(&["--json", "init"]).refused(2, "D-21");

    assert_eq!(shop.json(&["verify"])["entries"], before);
}

#[test]
fn a_name_that_does_not_fit_is_refused_before_anything_is_made() {
    let shop = Shop::real();

    shop.run(&["--json", "init", "--shop", " "]).refused(2, "K-92");
    shop.run(&["--json", "init", "--till", &"台".repeat(17)]).refused(2, "K-92");

    assert!(!shop.folder().exists());
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let shop = Shop::training();
    let lock = Folder::new(shop.root(), Mode::Training).lock().expect("the lock");

    for command in [&["cash", "1"][..], &["history"], &["verify"], &["wallet"], &["health"], &["resolve"]] {
        shop.run(&[&["--json"], command].concat()).refused(6, "D-20");
    }

    drop(lock);
    assert_eq!(shop.sales(), 0);
}

#[test]
fn a_database_from_another_till_is_refused() {
    let (shop, other) = (Shop::training(), Shop::training());
    assert_eq!(other.run(&["cash", "1"]).exit, 0);
    copy_database(&other.folder(), &shop.folder());

    shop.run(&["--json", "cash", "1"]).refused(7, "D-12");

    fs::remove_file(shop.folder().join("device.key")).expect("the device's secret");
    shop.run(&["--json", "history"]).refused(7, "D-12");
}

#[test]
fn training_records_are_never_used_as_real_ones() {
    let shop = Shop::training();
    let real = Shop::real();
    fs::create_dir(real.folder()).expect("a folder");
    copy_database(&shop.folder(), &real.folder());
    fs::copy(shop.folder().join("device.key"), real.folder().join("device.key")).expect("the secret");

    real.run(&["--json", "cash", "1"]).refused(7, "D-13");
}

#[test]
fn a_file_that_is_not_ours_newer_or_damaged_is_refused() {
    type Spoil = fn(&Shop);
    let spoil: [(&str, Spoil); 4] = [
        ("D-10", |shop| put(shop, b"this was never a database, and it is longer than a header")),
        ("D-10", |shop| shop.database().pragma_update(None, "application_id", 7).expect("a pragma")),
        ("D-11", |shop| shop.database().pragma_update(None, "user_version", 99).expect("a pragma")),
        ("D-04", |shop| {
            shop.database().pragma_update(None, "wal_checkpoint", "TRUNCATE").expect("a checkpoint");
            let mut bytes = fs::read(shop.folder().join("till.db")).expect("the file");
            bytes[100..4096].fill(0xAA);
            put(shop, &bytes);
        }),
    ];

    for (code, spoil) in spoil {
        let shop = Shop::training();
        spoil(&shop);
        shop.run(&["--json", "cash", "1"]).refused(7, code);
    }
}

/// Root may write where nobody else may: the program then runs as the user `nobody`.
#[cfg(unix)]
#[test]
fn a_read_only_database_is_refused_in_clear_words() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let shop = Shop::training();
    let database = shop.folder().join("till.db");
    // Only this file may be in the way.
    for (path, mode) in [
        (shop.root().to_owned(), 0o755),
        (shop.folder(), 0o777),
        (shop.folder().join("lock"), 0o666),
        (shop.folder().join("device.key"), 0o444),
        (database.clone(), 0o444),
    ] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
    }
    for name in ["till.db-wal", "till.db-shm"] {
        // Left by the process that set the till up.
        let _ = fs::set_permissions(shop.folder().join(name), fs::Permissions::from_mode(0o666));
    }
    let mut command = if fs::OpenOptions::new().append(true).open(&database).is_ok() {
        let program = shop.root().join("guitaictl");
        fs::copy(env!("CARGO_BIN_EXE_guitaictl"), &program).expect("a copy that nobody may run");
        let mut command = shop.command_of(&program, &[], &["--json", "cash", "1"]);
        command.uid(65_534).gid(65_534);
        command
    } else {
        shop.command(&["--json", "cash", "1"])
    };

    let run = Run::of(command.output().expect("the program runs"));

    run.refused(7, "D-02");
    assert!(run.json()["error"]["en"].as_str().expect("words").contains("read-only"));
}

/// Every write beyond a few kilobytes fails, as on a disk that breaks.
#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more_records_no_sale() {
    let shop = Shop::training();
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    let before = ["-c", script, "sh", env!("CARGO_BIN_EXE_guitaictl")];

    let run = Run::of(shop.command_of("sh", &before, &["--json", "cash", "1"]).output().expect("it runs"));

    assert_eq!(run.exit, 7, "{run:?}");
    assert_eq!(shop.sales(), 0);
}

/// A disk of 1 MB, filled to the brim. Only root may mount one; elsewhere the test above stands for it alone.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_records_no_sale_and_says_so() {
    use std::io::Write;
    use std::process::Command;

    let shop = Shop::real();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "guitaictl-test"])
        .arg(shop.root())
        .output()
        .expect("mount is there");
    if !mounted.status.success() {
        let why = String::from_utf8_lossy(&mounted.stderr);
        println!("no small disk could be mounted ({}); the failing disk above is the test here", why.trim());
        return;
    }
    let _unmount = Unmount(shop.root());
    let training = |command: &[&str]| shop.run(&[&["--training", "--json"], command].concat());
    assert_eq!(training(&["init"]).exit, 0);
    assert_eq!(training(&["cash", "1"]).exit, 0);
    let mut filler = fs::File::create(shop.root().join("filler")).expect("a file");
    while filler.write_all(&[0; 512]).is_ok() {}

    // What is left of the log's last page may still take a few.
    let full =
        (0..200).map(|_| training(&["cash", "1"])).find(|run| run.exit != 0).expect("the disk is full");

    full.refused(7, "D-01");
    drop(filler);
    fs::remove_file(shop.root().join("filler")).expect("room again");
    let verified = training(&["verify"]);
    assert_eq!(verified.exit, 0, "nothing half-written: {verified:?}");
    let report = training(&["report"]).json();
    assert_eq!(report["salesCount"].to_string() + ".00", report["netTotal"].as_str().expect("a total"));
}

#[cfg(target_os = "linux")]
struct Unmount<'a>(&'a Path);

#[cfg(target_os = "linux")]
impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0).status();
    }
}

fn copy_database(from: &Path, to: &Path) {
    for name in ["till.db", "till.db-wal", "till.db-shm"] {
        let _ = fs::remove_file(to.join(name));
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).expect("a copy");
        }
    }
}

fn put(shop: &Shop, bytes: &[u8]) {
    for name in ["till.db-wal", "till.db-shm"] {
        let _ = fs::remove_file(shop.folder().join(name));
    }
    fs::write(shop.folder().join("till.db"), bytes).expect("the file");
}
