// SPDX-License-Identifier: MIT OR Apache-2.0
//! The virtual machine: QEMU's command line, and the ports through which guest and host talk.

use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fs_err as fs;

use crate::board::Board;

/// How to boot.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Number of CPUs
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) smp: u8,
    /// Version of the interrupt controller (arm64)
    #[arg(long, value_name = "2|3")]
    pub(crate) gic: Option<u8>,
    /// Add to the kernel's command line
    #[arg(long, default_value = "", value_name = "ARGUMENTS")]
    pub(crate) append: String,
    /// Make time count instructions, one a nanosecond: the same program gives the same figures every time
    #[arg(long)]
    pub(crate) icount: bool,
    /// Wait for a debugger on TCP port 1234
    #[arg(long)]
    pub(crate) gdb: bool,
}

/// Where the kernel's console goes.
#[derive(Debug)]
pub(crate) enum Console<'a> {
    Terminal,
    File(&'a Path),
}

/// The guest's last word.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It powered off in good order, with this status of its command.
    Exit(u8),
    /// The machine is gone, and the guest had not said so: a panic, a reset, a fault.
    Died,
    /// It was still running when its time was up.
    TimedOut,
}

/// The panic arguments make a broken kernel end the machine at once instead of hanging.
const COMMAND_LINE: &str = "panic=-1 oops=panic";

/// Boots and waits for the end. `stdout` and `stderr` of the guest's command go to ours.
pub(crate) fn boot(
    board: &Board,
    kernel: &Path,
    initrd: &Path,
    options: &Options,
    console: &Console<'_>,
    timeout: Option<Duration>,
) -> Result<Ending> {
    let ports = tempfile::Builder::new().prefix("evl-").tempdir()?;
    let mut qemu = command(board, options, console)?;
    qemu.arg("-kernel").arg(kernel).arg("-initrd").arg(initrd);
    let stdout = Port::open(&mut qemu, ports.path(), "stdout", |stream| {
        copy(stream, io::stdout())
    })?;
    let stderr = Port::open(&mut qemu, ports.path(), "stderr", |stream| {
        copy(stream, io::stderr())
    })?;
    let status = Port::open(&mut qemu, ports.path(), "status", |stream| {
        let mut text = Vec::new();
        copy(stream, &mut text);
        text
    })?;
    let child = qemu.stdin(console.stdin()).spawn().with_context(|| {
        format!(
            "{} does not start: `cargo xtask setup` installs it",
            qemu.get_program().to_string_lossy()
        )
    })?;
    let ended = wait(child, timeout)?;
    stdout.close();
    stderr.close();
    let word = status.close().unwrap_or_default();
    let word = String::from_utf8_lossy(&word);
    Ok(
        match word
            .trim()
            .strip_prefix("exit ")
            .and_then(|code| code.parse().ok())
        {
            Some(code) => Ending::Exit(code),
            None if ended => Ending::Died,
            None => Ending::TimedOut,
        },
    )
}

impl Console<'_> {
    fn stdin(&self) -> Stdio {
        match self {
            Self::Terminal => Stdio::inherit(),
            Self::File(_) => Stdio::null(),
        }
    }
}

/// QEMU with the machine of `board` and the wanted interrupt controller, or why there is none. Cheap: ask before a build.
pub(crate) fn machine(board: &Board, options: &Options) -> Result<Command> {
    let machine = board.emulated()?;
    let gic = match (options.gic, machine.gic.first()) {
        (Some(_), None) => bail!("{} has no GIC: leave --gic out", board.name),
        (Some(version), _) if !machine.gic.contains(&version) => {
            let known: Vec<String> = machine.gic.iter().map(u8::to_string).collect();
            bail!(
                "{} has no GIC version {version} (it has: {})",
                board.name,
                known.join(", ")
            );
        }
        (chosen, default) => chosen.or(default.copied()),
    };
    let mut qemu = Command::new(&machine.program);
    for arg in &machine.args {
        qemu.arg(gic.map_or(arg.clone(), |gic| arg.replace("{gic}", &gic.to_string())));
    }
    Ok(qemu)
}

fn command(board: &Board, options: &Options, console: &Console<'_>) -> Result<Command> {
    let mut qemu = machine(board, options)?;
    qemu.args([
        "-nodefaults",
        "-no-reboot",
        "-display",
        "none",
        "-nic",
        "none",
    ])
    .args(["-smp", &options.smp.to_string()])
    .args(["-device", "virtio-rng-pci", "-device", "virtio-serial-pci"]);
    match console {
        Console::Terminal => qemu.args([
            "-chardev",
            "stdio,id=console,mux=on,signal=off",
            "-mon",
            "console",
        ]),
        Console::File(path) => qemu
            .arg("-chardev")
            .arg(format!("file,id=console,path={}", path.display())),
    };
    qemu.args(["-serial", "chardev:console"]);
    let kernel_log = format!("console={},{}", board.console.device, board.console.baud);
    let of_machine = board.qemu.as_ref().map_or("", |qemu| qemu.append.as_str());
    let command_line = [
        kernel_log.as_str(),
        COMMAND_LINE,
        of_machine,
        &options.append,
    ];
    qemu.args(["-append", command_line.join(" ").trim_end()]);
    if options.icount {
        qemu.args(["-icount", "shift=0,sleep=off"]);
    }
    if options.gdb {
        qemu.args(["-s", "-S"]);
    }
    Ok(qemu)
}

/// Returns false when the time was up and QEMU had to be stopped.
fn wait(mut child: Child, timeout: Option<Duration>) -> Result<bool> {
    let deadline = timeout.map(|timeout| Instant::now() + timeout);
    loop {
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                bail!("QEMU itself failed ({status})");
            }
            return Ok(true);
        }
        if deadline.is_some_and(|deadline| Instant::now() > deadline) {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// A virtio serial port `evl.NAME` of the guest, read by a thread of ours.
struct Port<T> {
    path: PathBuf,
    reader: JoinHandle<Option<T>>,
}

impl<T: Send + 'static> Port<T> {
    fn open(
        qemu: &mut Command,
        folder: &Path,
        name: &str,
        read: impl FnOnce(UnixStream) -> T + Send + 'static,
    ) -> Result<Self> {
        let path = folder.join(name);
        let listener = UnixListener::bind(&path)
            .with_context(|| format!("cannot listen on {}", path.display()))?;
        qemu.arg("-chardev")
            .arg(format!("socket,id={name},path={}", path.display()));
        qemu.arg("-device")
            .arg(format!("virtserialport,chardev={name},name=evl.{name}"));
        let reader = thread::spawn(move || listener.accept().ok().map(|(stream, _)| read(stream)));
        Ok(Self { path, reader })
    }

    /// Call it when QEMU is gone. The connection of our own ends a reader that QEMU never connected to.
    fn close(self) -> Option<T> {
        let _ = UnixStream::connect(&self.path);
        let _ = fs::remove_file(&self.path);
        self.reader.join().ok().flatten()
    }
}

/// Like `io::copy`, but shows each piece as it comes.
fn copy(mut from: impl Read, mut to: impl Write) {
    let mut buffer = [0; 4096];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0
            || to
                .write_all(&buffer[..count])
                .and_then(|()| to.flush())
                .is_err()
        {
            return;
        }
    }
}
