//! A screen that exists only in memory, and a message bus beside it.

use std::{
    env,
    ffi::OsString,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{leash::Leashed, shell};

/// Whether somebody could see a window.
pub fn someone_is_looking() -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Both end when this value is dropped.
pub struct VirtualDisplay {
    env: Vec<(&'static str, OsString)>,
    _screen: Leashed,
    _bus: Option<Leashed>,
}

impl VirtualDisplay {
    /// Xvfb picks a free display number itself and prints it.
    pub fn start() -> Result<Self> {
        let mut xvfb = shell::program("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", "1366x768x24", "-nolisten", "tcp", "-noreset"]);
        let mut screen = Leashed::start(&xvfb, Stdio::piped(), Stdio::null())?;
        let number = screen.first_line().context("Xvfb, the virtual display")?;

        // A software renderer draws the same on every computer. xdotool matches a Chinese window title only in a UTF-8 locale.
        let mut env: Vec<(&'static str, OsString)> = vec![
            ("DISPLAY", format!(":{number}").into()),
            ("GDK_BACKEND", "x11".into()),
            ("LIBGL_ALWAYS_SOFTWARE", "1".into()),
            ("WEBKIT_DISABLE_DMABUF_RENDERER", "1".into()),
            ("LANG", "C.UTF-8".into()),
            ("LC_ALL", "C.UTF-8".into()),
        ];
        let bus = if env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none() {
            let mut daemon = shell::program("dbus-daemon");
            daemon.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
            daemon.envs(env.iter().map(|(key, value)| (key, value)));
            let mut bus = Leashed::start(&daemon, Stdio::piped(), Stdio::null())?;
            let address = bus.first_line().context("dbus-daemon, the session bus")?;
            env.push(("DBUS_SESSION_BUS_ADDRESS", address.into()));
            Some(bus)
        } else {
            None
        };
        Ok(Self { env, _screen: screen, _bus: bus })
    }

    /// Makes `command` open its windows here.
    pub fn host<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env_remove("WAYLAND_DISPLAY");
        command.envs(self.env.iter().map(|(key, value)| (key, value)))
    }
}
