// SPDX-License-Identifier: MIT OR Apache-2.0
//! The virtual machine: QEMU's command line, and how it ends.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::board::Board;
use crate::kernel::build::Built;
use crate::ports::Ports;

/// How to boot.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Number of CPUs [default: 2, or what the machine has]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) smp: Option<u8>,
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

const DEFAULT_SMP: u8 = 2;

/// The panic arguments make a broken kernel end the machine at once instead of hanging.
const COMMAND_LINE: &str = "panic=-1 oops=panic";

/// Boots and waits for the end. `stdout` and `stderr` of the guest's command go to ours.
pub(crate) fn boot(
    board: &Board,
    kernel: &Built,
    initrd: &Path,
    options: &Options,
    console: &Console<'_>,
    timeout: Option<Duration>,
) -> Result<Ending> {
    let mut qemu = command(board, options, console)?;
    qemu.arg("-kernel").arg(&kernel.image);
    qemu.arg("-initrd").arg(initrd);
    if let Some(device_tree) = &kernel.device_tree {
        qemu.arg("-dtb").arg(device_tree);
    }
    let ports = Ports::open(&mut qemu, board.emulated()?.serial_port.is_some())?;
    let child = qemu.stdin(console.stdin()).spawn().with_context(|| {
        format!(
            "{} does not start: `cargo xtask setup` installs it",
            qemu.get_program().to_string_lossy()
        )
    })?;
    let ended = wait(child, timeout)?;
    Ok(match ports.close() {
        Some(code) => Ending::Exit(code),
        None if ended => Ending::Died,
        None => Ending::TimedOut,
    })
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
    let smp = match (options.smp, machine.smp) {
        (Some(wanted), Some(smp)) if wanted != smp => {
            bail!("{} has {smp} CPUs: leave --smp out", board.name)
        }
        (wanted, smp) => smp.or(wanted).unwrap_or(DEFAULT_SMP),
    };
    qemu.args(["-smp", &smp.to_string()]);
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
    ]);
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
    let to_host = board
        .qemu
        .as_ref()
        .and_then(|qemu| qemu.serial_port.as_ref());
    // For /init: the kernel hands it what it does not know itself.
    let to_host = to_host.map_or(String::new(), |port| format!("EVL_HOST={port}"));
    let command_line = [
        kernel_log.as_str(),
        COMMAND_LINE,
        of_machine,
        &to_host,
        &options.append,
    ];
    let given = command_line.iter().filter(|part| !part.is_empty());
    let given: Vec<&str> = given.copied().collect();
    qemu.args(["-append", &given.join(" ")]);
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
