//! Finds what this computer lacks, says why it is needed, and installs just that.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{display, shell};

/// What one wants to do next; the smaller the wish, the less is installed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// The rooms without a window.
    Rooms,
    /// The window, for somebody to look at; or, without a screen, to photograph.
    Run,
    /// All of it.
    Everything,
    /// The till's package, and a machine to try it in.
    Machine,
    /// The measurement of readers of codes, with the libraries it compares with.
    Codes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Compiler,
    Window,
    VirtualDisplay,
    EndToEnd,
    OtherReaders,
    Machine,
}

/// A package of Debian or Ubuntu. Where releases name it differently, any of the names will do.
struct Need {
    packages: &'static [&'static str],
    why: &'static str,
    part: Part,
}

const NEEDS: &[Need] = &[
    Need {
        packages: &["build-essential"],
        why: "C compiler and linker, for SQLite and the programs",
        part: Part::Compiler,
    },
    Need { packages: &["cmake"], why: "builds zxing-cpp, the second reader of codes", part: Part::Compiler },
    Need {
        packages: &["pkg-config", "pkgconf"],
        why: "tells the build where libraries are",
        part: Part::Window,
    },
    Need { packages: &["libwebkit2gtk-4.1-dev"], why: "the till's window", part: Part::Window },
    Need { packages: &["fonts-noto-cjk"], why: "Chinese text in the window", part: Part::Window },
    Need {
        packages: &["xvfb"],
        why: "a virtual display, where there is no screen",
        part: Part::VirtualDisplay,
    },
    Need {
        packages: &["xdotool"],
        why: "key strokes of a cashier and a scanner",
        part: Part::VirtualDisplay,
    },
    Need { packages: &["x11-xkb-utils"], why: "keyboards of other countries", part: Part::VirtualDisplay },
    Need { packages: &["scrot"], why: "pictures of the virtual display", part: Part::VirtualDisplay },
    Need { packages: &["dbus"], why: "the message bus a GTK window expects", part: Part::VirtualDisplay },
    Need {
        packages: &["webkit2gtk-driver", "webkitgtk-webdriver"],
        why: "lets the end-to-end tests read the window",
        part: Part::EndToEnd,
    },
    Need { packages: &["fcitx5"], why: "a Chinese input method to scan against", part: Part::EndToEnd },
    Need { packages: &["fcitx5-frontend-gtk3"], why: "brings it into the window", part: Part::EndToEnd },
    Need { packages: &["fcitx5-pinyin"], why: "its pinyin", part: Part::EndToEnd },
    Need { packages: &["libzbar-dev"], why: "ZBar, to be measured", part: Part::OtherReaders },
    Need { packages: &["qemu-system-x86"], why: "a computer in a computer", part: Part::Machine },
    Need { packages: &["mmdebstrap"], why: "fills its disk", part: Part::Machine },
];

const NODE_OLDEST: u32 = 20;

/// Leaves the computer ready for `goal`, or says what a person has to do first.
pub fn prepare(goal: Goal) -> Result<()> {
    match std::env::consts::OS {
        "linux" if Path::new("/etc/debian_version").exists() => install_debian_packages(goal)?,
        "linux" => check_other_linux(goal)?,
        "windows" => println!(
            "Windows: the window needs the WebView2 runtime (part of Windows 11 and of an up-to-date Windows 10) and, to build, the \
             Visual Studio C++ build tools. End-to-end tests run on Linux only."
        ),
        other => {
            println!("{other}: nobody has tried the till here; the set-up of the system is left to you.")
        }
    }
    if matches!(goal, Goal::Rooms | Goal::Codes) {
        return Ok(());
    }
    check_node()?;
    install_ui_packages()
}

fn wanted(goal: Goal) -> impl Iterator<Item = &'static Need> {
    NEEDS.iter().filter(move |need| match (goal, need.part) {
        (_, Part::Compiler)
        | (Goal::Run | Goal::Machine, Part::Window)
        | (Goal::Codes, Part::OtherReaders)
        | (Goal::Machine, Part::Machine) => true,
        (Goal::Everything, part) => !matches!(part, Part::OtherReaders | Part::Machine),
        (Goal::Run, Part::VirtualDisplay) => !display::someone_is_looking(),
        (Goal::Run, Part::EndToEnd | Part::OtherReaders | Part::Machine)
        | (Goal::Machine, Part::VirtualDisplay | Part::EndToEnd | Part::OtherReaders)
        | (Goal::Rooms | Goal::Codes, _) => false,
    })
}

fn install_debian_packages(goal: Goal) -> Result<()> {
    let missing = missing_from_dpkg(goal);
    if missing.is_empty() {
        println!("System packages: nothing is missing.");
        return Ok(());
    }
    println!("System packages that are missing:");
    for need in &missing {
        println!("  {:<24}{}", need.packages[0], need.why);
    }

    let Some(prefix) = as_root() else {
        let names: Vec<_> = missing.iter().map(|need| need.packages[0]).collect();
        bail!(
            "installing them takes root's rights; please run this, then try again:\n\n    sudo apt-get update && sudo apt-get install -y {}",
            names.join(" ")
        );
    };
    let apt_get = |words: &[&str]| {
        let mut words =
            [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"], words].concat().into_iter();
        let mut command = shell::program(words.next().unwrap_or("env"));
        command.args(words);
        println!("$ {}", shell::describe(&command));
        shell::run(&mut command)
    };
    apt_get(&["update"])?;
    // Asked only after the update: before it, a fresh system knows no package at all.
    let names: Vec<_> = missing.iter().map(|need| name_known_here(need)).collect();
    // Somebody else's apt may be at work: wait for it instead of failing.
    apt_get(&[&["install", "-y", "-o", "DPkg::Lock::Timeout=300"], names.as_slice()].concat())?;

    let still: Vec<_> = missing_from_dpkg(goal).iter().map(|need| need.packages[0]).collect();
    if !still.is_empty() {
        bail!("apt-get ended well, yet these are still missing: {}", still.join(" "));
    }
    Ok(())
}

fn missing_from_dpkg(goal: Goal) -> Vec<&'static Need> {
    // dpkg-query fails as a whole when it does not know one name, but still prints the ones it knows.
    let output = Command::new("dpkg-query").args(["-W", "-f", "${Package} ${db:Status-Status}\n"]).output();
    let listing =
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let installed: BTreeSet<&str> =
        listing.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    wanted(goal).filter(|need| !need.packages.iter().any(|name| installed.contains(name))).collect()
}

fn name_known_here(need: &Need) -> &'static str {
    let known = |name: &&&str| {
        shell::ask(Command::new("apt-cache").args(["show", "--no-all-versions", name])).is_some()
    };
    need.packages.iter().find(known).unwrap_or(&need.packages[0])
}

/// The words that make a command root's: none for root, sudo's where it asks no password, nothing to be done otherwise.
pub fn as_root() -> Option<&'static [&'static str]> {
    if shell::ask(Command::new("id").arg("-u")).as_deref() == Some("0") {
        return Some(&[]);
    }
    shell::ask(Command::new("sudo").args(["-n", "true"])).map(|_| &["sudo", "-n"] as &[_])
}

/// Other distributions name their packages in too many ways; here we only look.
fn check_other_linux(goal: Goal) -> Result<()> {
    let program =
        |name: &str| shell::ask(Command::new("sh").args(["-c", &format!("command -v {name}")])).is_some();
    let library = |name: &str| shell::ask(Command::new("pkg-config").args(["--exists", name])).is_some();
    let missing: Vec<String> = wanted(goal)
        .filter(|need| !match need.packages[0] {
            "build-essential" => program("cc"),
            "pkg-config" => program("pkg-config"),
            "libwebkit2gtk-4.1-dev" => library("webkit2gtk-4.1"),
            "fonts-noto-cjk" => {
                shell::ask(Command::new("fc-list").arg(":lang=zh")).is_none_or(|fonts| !fonts.is_empty())
            }
            "xvfb" => program("Xvfb"),
            "x11-xkb-utils" => program("setxkbmap"),
            "dbus" => program("dbus-daemon"),
            "webkit2gtk-driver" => program("WebKitWebDriver"),
            "libzbar-dev" => library("zbar"),
            "qemu-system-x86" => program("qemu-system-x86_64"),
            name => program(name),
        })
        .map(|need| format!("  {:<24}{}", need.packages[0], need.why))
        .collect();
    if !missing.is_empty() {
        bail!(
            "please install these with your system's package manager, then try again (the names are Debian's):\n{}",
            missing.join("\n")
        );
    }
    Ok(())
}

fn check_node() -> Result<()> {
    let Some(version) = shell::ask(Command::new("node").arg("--version")) else {
        bail!(
            "the screens are built with Node.js {NODE_OLDEST} or newer, and `node` is not here: https://nodejs.org"
        );
    };
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE_OLDEST) {
        bail!(
            "the screens are built with Node.js {NODE_OLDEST} or newer, and this is {version}: https://nodejs.org"
        );
    }
    if shell::ask(shell::npm().arg("--version")).is_none() {
        bail!(
            "`node` is here but `npm` is not; it comes with Node.js from https://nodejs.org, elsewhere as a package of its own"
        );
    }
    Ok(())
}

/// `npm ci`, when package-lock.json is not the one that was installed last.
fn install_ui_packages() -> Result<()> {
    let ui = shell::root().join("ui");
    let lock = fs::read(ui.join("package-lock.json")).context("ui/package-lock.json")?;
    let stamp = ui.join("node_modules/.installed-package-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        println!("Packages of the screens: nothing has changed.");
        return Ok(());
    }
    println!("Packages of the screens: npm ci");
    shell::run(shell::npm().args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, lock).context("could not note what was installed")
}
