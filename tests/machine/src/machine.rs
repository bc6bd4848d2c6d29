//! A computer in a computer: its plugs, its shell and its screen.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::until;

/// Emulated all through: what is under a build server is often a virtual machine itself, and has no hardware to lend.
const EMULATION: [&str; 8] = ["-accel", "tcg,thread=multi", "-cpu", "Nehalem", "-smp", "2", "-m", "2G"];
const KERNEL: &str = "root=/dev/vda rw console=ttyS0 quiet audit=0 mitigations=off";
/// Nothing that is asked of the machine takes longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(300);

/// A machine that runs; it ends with this value.
pub struct Machine {
    qemu: Child,
    plugs: UnixStream,
    shell: BufReader<UnixStream>,
    sockets: TempDir,
    log: PathBuf,
}

impl Machine {
    /// Starts the machine of `image`, with `package` on a disk of its own, and waits for its shell. What it and its person see goes to `log`.
    pub fn start(image: &Path, package: &Path, log: &Path) -> Result<Machine> {
        let sockets = tempfile::tempdir()?;
        let at = |name: &str| sockets.path().join(name).display().to_string();
        let socket = |id: &str| format!("socket,id={id},path={},server=on,wait=off", at(id));
        let disk = |path: &Path, more: &str| format!("file={},if=virtio,format=raw,{more}", path.display());
        // It ends with us, however we end.
        let mut qemu = Command::new("setpriv");
        qemu.args(["--pdeathsig", "KILL", "qemu-system-x86_64"])
            .args(EMULATION)
            .args([
                "-nodefaults",
                "-no-reboot",
                "-display",
                "none",
                "-vga",
                "none",
                "-device",
                "VGA,xres=1440,yres=900",
            ])
            .arg("-kernel")
            .arg(image.join("vmlinuz"))
            .arg("-initrd")
            .arg(image.join("initrd.img"))
            .args(["-append", KERNEL])
            .args(["-drive", &disk(&image.join("disk.img"), "snapshot=on")])
            .args(["-drive", &disk(package, "readonly=on")])
            .args(["-chardev", &socket("plugs"), "-mon", "chardev=plugs"])
            .args(["-device", "virtio-serial", "-chardev", &socket("shell")])
            .args(["-device", "virtserialport,chardev=shell,name=bench"])
            .args(["-device", "qemu-xhci,p2=8,p3=8", "-chardev", &socket("ftdi")])
            .args(["-netdev", "user,id=net", "-device", "virtio-net,netdev=net"])
            .arg("-serial")
            .arg(format!("file:{}", log.join("console.log").display()));
        let child = qemu.stdin(Stdio::null()).stdout(Stdio::null()).spawn().context("qemu-system-x86_64")?;
        // Watched over from here on: whatever fails below ends it.
        let mut child = Guarded(Some(child));
        let plugs = connect(&sockets.path().join("plugs"))?;
        let shell = connect(&sockets.path().join("shell"))?;
        let Some(qemu) = child.0.take() else { anyhow::bail!("it is gone") };
        let shell = BufReader::new(shell);
        let mut machine = Machine { qemu, plugs, shell, sockets, log: log.to_owned() };
        machine.told()?;
        let greeting = machine.answer().context("the machine did not start; see console.log")?;
        ensure!(greeting.1 == "ready", "the machine's shell says {:?}", greeting.1);
        Ok(machine)
    }

    /// Runs a line in the machine's shell, as root.
    pub fn run(&mut self, line: &str) -> Result<String> {
        let (output, status) = self.try_run(line)?;
        // The line may hold a payment code, which no message repeats.
        let word = line.split_whitespace().next().unwrap_or_default();
        ensure!(status, "{word} in the machine: {output}");
        Ok(output)
    }

    /// The same for a line that may fail.
    pub fn try_run(&mut self, line: &str) -> Result<(String, bool)> {
        ensure!(!line.contains('\n'), "one line at a time");
        let mut port = self.shell.get_ref();
        writeln!(port, "{line}")?;
        let (output, status) = self.answer()?;
        Ok((output, status == "0"))
    }

    /// What the machine prints, and the word behind it.
    fn answer(&mut self) -> Result<(String, String)> {
        let mut output = Vec::new();
        self.shell.read_until(0, &mut output)?;
        ensure!(output.pop() == Some(0), "the machine has gone");
        let mut status = String::new();
        self.shell.read_line(&mut status)?;
        Ok((String::from_utf8_lossy(&output).trim_end().to_owned(), status.trim_end().to_owned()))
    }

    /// An order to the machine's hardware: plugs and keys.
    pub fn order(&mut self, order: &str) -> Result<()> {
        writeln!(self.plugs, "{order}")?;
        let told = self.told()?;
        // The order is echoed key by key; what is said about it has a line of its own.
        let wrong = told.lines().find(|line| line.starts_with("Error"));
        ensure!(
            wrong.is_none(),
            "{}: {}",
            order.split_whitespace().next().unwrap_or_default(),
            wrong.unwrap_or_default()
        );
        Ok(())
    }

    /// Everything up to the next prompt.
    fn told(&mut self) -> Result<String> {
        let mut told = Vec::new();
        let mut byte = [0];
        while !told.ends_with(b"(qemu) ") {
            self.plugs.read_exact(&mut byte)?;
            told.push(byte[0]);
        }
        Ok(String::from_utf8_lossy(&told).into_owned())
    }

    /// The other end of the FTDI scanner's line.
    pub fn ftdi(&self) -> Result<UnixStream> {
        connect(&self.sockets.path().join("ftdi"))
    }

    /// Keeps `text` beside the pictures.
    pub fn note(&self, name: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.log.join(name), text)?)
    }

    /// Keeps a picture of the screen.
    pub fn photograph(&mut self, name: &str) -> Result<()> {
        let file = self.log.join(format!("{name}.png"));
        self.order(&format!("screendump {} -f png", file.display()))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

struct Guarded(Option<Child>);

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The machine opens its sockets as it starts.
fn connect(path: &Path) -> Result<UnixStream> {
    let mut stream = None;
    until("the machine's sockets", Duration::from_secs(20), || {
        stream = UnixStream::connect(path).ok();
        Ok(stream.is_some())
    })?;
    let stream = stream.context("no socket")?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    Ok(stream)
}
