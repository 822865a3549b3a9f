// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask yocto check`: the layer in a real build configuration, with checkouts of bitbake, OE-core and BSP layers.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use fs_err as fs;

use super::parse::KERNELS;
use super::tools;
use crate::board::Board;
use crate::logged;
use crate::paths::Paths;
use crate::test::results::Results;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Checkout of bitbake
    #[arg(long, value_name = "DIR")]
    bitbake: PathBuf,
    /// Checkout of openembedded-core, of the release that fits bitbake
    #[arg(long, value_name = "DIR")]
    oe_core: PathBuf,
    /// Layers that machines come from: meta-yocto-bsp, meta-raspberrypi
    #[arg(long = "layer", value_name = "DIR")]
    layers: Vec<PathBuf>,
    /// Only these machines
    #[arg(long = "machine", value_name = "NAME")]
    machines: Vec<String>,
    /// Only these kernels
    #[arg(long = "kernel", value_name = "NAME")]
    kernels: Vec<String>,
    /// Lines for local.conf: mirrors, a proxy, shared results
    #[arg(long, value_name = "FILE")]
    conf: Option<PathBuf>,
    /// bitbake's DL_DIR: sources and crates that are already there are not fetched
    #[arg(long, value_name = "DIR")]
    downloads: Option<PathBuf>,
    /// What to check; all of it if none is named
    #[arg(long = "only", value_enum)]
    only: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Parse every recipe, for every machine and kernel
    Parse,
    /// Resolve every task of the images, for every machine
    DryRun,
    /// yocto-check-layer
    CheckLayer,
    /// Build the Rust recipes up to do_compile with the host's Rust
    Rust,
    /// Patch and configure linux-evl-stable with the host's compilers
    Kernel,
}

const IMAGES: [&str; 2] = ["core-image-evl", "core-image-evl-test"];
const RUST_RECIPES: [&str; 3] = ["evl-tools", "evl-tests", "libevl-rs"];
/// The one whose source is a tarball, a twentieth of the Yocto Project's tree with its history.
const KERNEL: &str = "linux-evl-stable";
/// The host's compilers build for the host's own architecture only.
const HOST_MACHINE: &str = "qemux86-64";

pub(crate) fn check(paths: &Paths, args: &Args) -> Result<Results> {
    for (option, folder, file) in [
        ("--bitbake", &args.bitbake, "bin/bitbake"),
        ("--oe-core", &args.oe_core, "meta/conf/bitbake.conf"),
    ] {
        if !folder.join(file).is_file() {
            bail!("{option} {} has no {file}", folder.display());
        }
    }
    let wanted = |part| args.only.is_empty() || args.only.contains(&part);
    let mut results = Results::default();
    for board in Board::all(paths)? {
        if !args.machines.is_empty() && !args.machines.contains(&board.name) {
            continue;
        }
        let build = match Build::new(paths, args, &board.name) {
            Ok(build) => build,
            Err(error) => {
                results.record(&board.name, Err(error));
                continue;
            }
        };
        if wanted(Part::Parse) {
            for kernel in KERNELS {
                if !args.kernels.is_empty() && !args.kernels.iter().any(|name| name == kernel) {
                    continue;
                }
                let name = format!("{}: parse with {kernel}", board.name);
                results.record(
                    &name,
                    build.run(paths, &name, &format!("EVL_KERNEL = \"{kernel}\""), &["-p"]),
                );
            }
        }
        if wanted(Part::DryRun) {
            let name = format!("{}: dry run of {}", board.name, IMAGES.join(", "));
            let command = [["-n"].as_slice(), &IMAGES].concat();
            results.record(
                &name,
                build.run(paths, &name, "BB_NUMBER_THREADS = \"8\"", &command),
            );
        }
        if wanted(Part::Rust) && board.name == HOST_MACHINE {
            let host = tools::folder(paths).join("host-rust.conf");
            for recipe in RUST_RECIPES {
                let name = format!("{}: do_compile of {recipe}", board.name);
                let conf = format!("require {}", host.display());
                results.record(
                    &name,
                    build.run(paths, &name, &conf, &["-c", "compile", recipe]),
                );
            }
        }
        if wanted(Part::Kernel) && board.name == HOST_MACHINE {
            let host = tools::folder(paths).join("host-kernel.conf");
            let name = format!("{}: do_kernel_configcheck of {KERNEL}", board.name);
            let conf = format!("EVL_KERNEL = \"{KERNEL}\"\nrequire {}", host.display());
            let command = ["-c", "kernel_configcheck", KERNEL];
            results.record(&name, build.run(paths, &name, &conf, &command));
            let name = format!("{}: a series that does not apply", board.name);
            results.record(&name, build.refuses_a_patch(paths, &name, &conf));
        }
        if wanted(Part::CheckLayer) && board.name == HOST_MACHINE {
            results.record("yocto-check-layer", build.check_layer(paths));
        }
    }
    Ok(results)
}

/// Lines in which bitbake says how much it did.
const COUNTS: [&str; 2] = ["Parsing of", "NOTE: Tasks Summary"];

/// A build folder for one machine.
#[derive(Debug)]
struct Build {
    folder: PathBuf,
    bitbake: PathBuf,
    oe_core: PathBuf,
    layers: Vec<PathBuf>,
    local_conf: String,
}

impl Build {
    fn new(paths: &Paths, args: &Args, machine: &str) -> Result<Self> {
        let oe_core = fs::canonicalize(&args.oe_core)?;
        let mut layers = vec![oe_core.join("meta")];
        layers.extend(layer_of(args, &oe_core, machine)?);
        let conf = match &args.conf {
            Some(file) => format!("require {}\n", fs::canonicalize(file)?.display()),
            None => String::new(),
        };
        let downloads = match &args.downloads {
            Some(folder) => fs::canonicalize(folder)?,
            None => paths.build.join("yocto/downloads"),
        };
        Ok(Self {
            folder: paths.build.join("yocto").join(machine),
            bitbake: fs::canonicalize(&args.bitbake)?,
            oe_core,
            layers,
            local_conf: format!(
                "MACHINE = \"{machine}\"\nCONF_VERSION = \"2\"\nPATCHRESOLVE = \"noop\"\nDL_DIR = \"{}\"\n\
                 BB_SIGNATURE_HANDLER = \"OEBasicHash\"\nBB_HASHSERVE = \"\"\nCONNECTIVITY_CHECK_URIS = \"\"\n\
                 INHERIT:remove = \"uninative\"\n{conf}",
                downloads.display()
            ),
        })
    }

    /// Runs bitbake with the switch on; a warning is a failure.
    fn run(&self, paths: &Paths, name: &str, conf: &str, args: &[&str]) -> Result<()> {
        let layer = paths.repo.join("meta-evl");
        let layers: Vec<&Path> = self
            .layers
            .iter()
            .map(PathBuf::as_path)
            .chain([layer.as_path()])
            .collect();
        self.configure(&layers, &format!("OE_FRAGMENTS += \"evl/evl\"\n{conf}\n"))?;
        let log = self.log(name);
        logged::run(
            self.command(self.bitbake.join("bin/bitbake")).args(args),
            name,
            &log,
            |line| line.contains("Running task"),
        )?;
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        for line in text
            .lines()
            .filter(|line| COUNTS.iter().any(|start| line.starts_with(start)))
        {
            println!("    {line}");
        }
        no_warnings(&text)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder
            .join(format!("{}.log", name.replace([' ', ':', ','], "-")))
    }

    /// A patch for a file that is not so ends `do_patch`, which says what to do.
    fn refuses_a_patch(&self, paths: &Paths, name: &str, conf: &str) -> Result<()> {
        let patch = tools::folder(paths).join("does-not-apply.patch");
        let uri = format!(
            "SRC_URI:append:pn-{KERNEL} = \" file://{}\"",
            patch.display()
        );
        if self
            .run(
                paths,
                name,
                &format!("{conf}\n{uri}"),
                &["-c", "patch", KERNEL],
            )
            .is_ok()
        {
            bail!("it was applied");
        }
        let log = String::from_utf8_lossy(&fs::read(self.log(name))?).into_owned();
        if !log.contains("Could not apply patches") {
            bail!(
                "it failed, and did not say why: {}",
                self.log(name).display()
            );
        }
        Ok(())
    }

    /// It adds the layer to the configuration itself, and leaves it switched off.
    fn check_layer(&self, paths: &Paths) -> Result<()> {
        let layers: Vec<&Path> = self.layers.iter().map(PathBuf::as_path).collect();
        self.configure(&layers, "SKIP_EVL_SANITY_CHECK = \"1\"\n")?;
        let log = self.folder.join("yocto-check-layer.log");
        let mut command = self.command(self.oe_core.join("scripts/yocto-check-layer"));
        command
            .arg(paths.repo.join("meta-evl"))
            .arg("--no-auto-dependency");
        logged::run_plain(&mut command, "yocto-check-layer", &log)
    }

    fn configure(&self, layers: &[&Path], conf: &str) -> Result<()> {
        let folder = self.folder.join("conf");
        fs::create_dir_all(&folder)?;
        let layers: Vec<String> = layers
            .iter()
            .map(|layer| layer.display().to_string())
            .collect();
        fs::write(
            folder.join("bblayers.conf"),
            format!(
                "BBPATH = \"${{TOPDIR}}\"\nBBFILES ?= \"\"\nBBLAYERS = \"{}\"\n",
                layers.join(" ")
            ),
        )?;
        fs::write(
            folder.join("local.conf"),
            format!("{}{conf}", self.local_conf),
        )?;
        Ok(())
    }

    fn command(&self, program: PathBuf) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .env(
                "PATH",
                format!("{}:{path}", self.bitbake.join("bin").display()),
            )
            .env("LC_ALL", "en_US.UTF-8")
            .env("BBPATH", &self.folder)
            .env("BUILDDIR", &self.folder);
        command
    }
}

/// The layer that has the machine, if it is not OE-core.
fn layer_of(args: &Args, oe_core: &Path, machine: &str) -> Result<Option<PathBuf>> {
    let file = format!("conf/machine/{machine}.conf");
    if oe_core.join("meta").join(&file).is_file() {
        return Ok(None);
    }
    let layer = args
        .layers
        .iter()
        .find(|layer| layer.join(&file).is_file())
        .with_context(|| format!("no layer has {file}: name the one that has it with --layer"))?;
    Ok(Some(fs::canonicalize(layer)?))
}

fn no_warnings(log: &str) -> Result<()> {
    let warnings: Vec<&str> = log
        .lines()
        .filter(|line| line.starts_with("WARNING:") || line.starts_with("ERROR:"))
        .collect();
    if !warnings.is_empty() {
        bail!("{}", warnings.join("\n"));
    }
    Ok(())
}
