// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask run`: the project's main job. Builds what changed, boots it, and shows what the core says.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fs_err as fs;

use crate::board::Board;
use crate::image::{self, Archive};
use crate::kernel::Variant;
use crate::kernel::build::{self, Built};
use crate::logged;
use crate::paths::Paths;
use crate::qemu::{self, Console, Ending};
use crate::setup;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) variant: Variant,
    #[command(flatten)]
    pub(crate) qemu: qemu::Options,
    /// Run COMMAND in the guest, print its output alone, exit with its status (125 if it could not be run)
    #[arg(long, value_name = "COMMAND")]
    pub(crate) exec: Option<String>,
    /// Add the files of a folder to the image, for this boot (repeatable)
    #[arg(long, value_name = "DIR")]
    pub(crate) overlay: Vec<PathBuf>,
    /// Stop the guest's command after so many seconds
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub(crate) timeout: u64,
}

/// What a run without terminal and without command shows.
///
/// `evl check` exits with 1 when there is something to improve, which is no failure of the run.
const SHOW: &str = "uname -srm && evl info && { evl check; [ $? -le 1 ]; }";

/// Then, how long threads take to respond to a timer while Linux is busy. A kernel without the driver shows nothing.
const SHOW_LATENCY: &str = "[ ! -e /dev/latmus ] || { echo; show-latency --timeout 2; }";

const CONSOLE_TAIL_LINES: usize = 60;

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<ExitCode> {
    let board = Board::load(paths, &args.variant.machine)?;
    for dir in &args.overlay {
        if !dir.is_dir() {
            bail!("--overlay {}: there is no such folder", dir.display());
        }
    }
    qemu::machine(&board, &args.qemu)?;
    setup::run(paths, &setup::Args::default())?;
    let kernel = build::build(paths, &board, &args.variant.fragments)?;
    let image = image::build(paths, board.arch)?;
    if args.exec.is_some() {
        return boot(paths, &board, &kernel, &image, args);
    }
    let latency = args.latency(&board)?;
    if is_terminal() {
        // The shell is the last thing that one sees.
        if let Some(latency) = latency {
            boot(paths, &board, &kernel, &image, &latency)?;
        }
        return boot(paths, &board, &kernel, &image, args);
    }
    let shown = boot(paths, &board, &kernel, &image, args)?;
    match latency {
        Some(latency) if shown == ExitCode::SUCCESS => {
            boot(paths, &board, &kernel, &image, &latency)
        }
        _ => Ok(shown),
    }
}

fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

impl Args {
    /// A run that shows response times under load: on one CPU which counts instructions, so that the figures do not
    /// depend on what else this host does. `None` for a machine that has no such CPU.
    fn latency(&self, board: &Board) -> Result<Option<Self>> {
        if board.emulated()?.smp.is_some() {
            return Ok(None);
        }
        let qemu = qemu::Options {
            smp: Some(1),
            icount: true,
            gdb: false,
            ..self.qemu.clone()
        };
        Ok(Some(Self {
            qemu,
            exec: Some(SHOW_LATENCY.to_owned()),
            ..self.clone()
        }))
    }
}

fn boot(
    paths: &Paths,
    board: &Board,
    kernel: &Built,
    image: &Path,
    args: &Args,
) -> Result<ExitCode> {
    let command = args.exec.as_deref().or((!is_terminal()).then_some(SHOW));
    let initrd = initrd(image, &args.overlay, command)?;
    let log = paths
        .logs()
        .join(format!("console-{}-{}.log", board.name, std::process::id()));
    fs::create_dir_all(paths.logs())?;
    let (console, timeout) = match command {
        Some(_) => (Console::File(&log), Some(Duration::from_secs(args.timeout))),
        None => (Console::Terminal, None),
    };
    let ending = qemu::boot(board, kernel, initrd.path(), &args.qemu, &console, timeout)?;
    let on_screen = command.is_none();
    match ending {
        Ending::Exit(code) => {
            let _ = fs::remove_file(&log);
            Ok(ExitCode::from(code))
        }
        Ending::Died if on_screen => bail!("the guest died (see above)"),
        Ending::TimedOut if on_screen => bail!("the guest was stopped"),
        Ending::Died => bail!(
            "the guest died; its console ended (all of it: {}):\n{}",
            log.display(),
            logged::tail(&log, CONSOLE_TAIL_LINES)?
        ),
        Ending::TimedOut => bail!(
            "the guest was still running after {} s and was stopped; its console ended (all of it: {}):\n{}",
            args.timeout,
            log.display(),
            logged::tail(&log, CONSOLE_TAIL_LINES)?
        ),
    }
}

/// The image, the overlays over it, and the command for the guest's `/init`.
fn initrd(
    image: &Path,
    overlays: &[PathBuf],
    command: Option<&str>,
) -> Result<tempfile::NamedTempFile> {
    let mut overlay = Archive::new();
    for dir in overlays {
        overlay.tree(dir)?;
    }
    if let Some(command) = command {
        overlay.file("etc/evl/exec", 0o644, format!("{command}\n").as_bytes())?;
    }
    let file = tempfile::NamedTempFile::new()?;
    let mut bytes = fs::read(image)?;
    bytes.extend(overlay.finish()?);
    fs::write(file.path(), bytes).context("cannot write the initramfs: is the disk full?")?;
    Ok(file)
}
