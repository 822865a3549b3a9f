// SPDX-License-Identifier: MIT OR Apache-2.0
//! `evl info`.

use std::time::Duration;

use anyhow::Result;
use evl::{Clock, ClockId, Core, System};
use serde::Serialize;

use crate::cli::Status;
use crate::kernel::Kernel;
use crate::{output, table};

/// The JSON object. Keys are only added within a schema number.
#[derive(Debug, Serialize)]
struct Info {
    schema: u32,
    abi: Abi,
    kernel: Kernel,
    core: CoreStatus,
    clocks: Vec<ClockStatus>,
}

#[derive(Debug, Serialize)]
struct Abi {
    base: u32,
    current: u32,
    /// What this program needs.
    needed: u32,
}

#[derive(Debug, Serialize)]
struct CoreStatus {
    state: &'static str,
    oob_cpus: Vec<u32>,
    shm_size: u64,
    fpu_features: u32,
}

#[derive(Debug, Serialize)]
struct ClockStatus {
    name: &'static str,
    resolution_ns: u64,
    time: Time,
}

/// Two numbers, since one in nanoseconds would not fit the doubles of most JSON readers.
#[derive(Debug, Serialize)]
struct Time {
    seconds: u64,
    nanoseconds: u32,
}

impl From<Duration> for Time {
    fn from(time: Duration) -> Self {
        Self {
            seconds: time.as_secs(),
            nanoseconds: time.subsec_nanos(),
        }
    }
}

pub(crate) fn run(system: &System, json: bool) -> Result<Status> {
    let info = collect(system)?;
    if json {
        output::json(&info)?;
    } else {
        output::text(&human(&info))?;
    }
    Ok(Status::Fine)
}

fn collect(system: &System) -> Result<Info> {
    let core = Core::open_in(system)?;
    let info = core.info();
    Ok(Info {
        schema: 1,
        abi: Abi {
            base: info.abi_base,
            current: info.abi_current,
            needed: evl::ABI,
        },
        kernel: Kernel::running(system)?,
        core: CoreStatus {
            state: core.state()?.as_str(),
            oob_cpus: core.oob_cpus()?.iter().collect(),
            shm_size: info.shm_size,
            fpu_features: info.fpu_features,
        },
        clocks: ClockId::ALL
            .into_iter()
            .map(|id| clock_status(&core.clock(id)?))
            .collect::<Result<_>>()?,
    })
}

fn clock_status(clock: &Clock) -> Result<ClockStatus> {
    let resolution = clock.resolution()?;
    Ok(ClockStatus {
        name: clock.id().as_str(),
        resolution_ns: u64::try_from(resolution.as_nanos())?,
        time: clock.core_time()?.into(),
    })
}

fn human(info: &Info) -> String {
    let cpus: evl::CpuList = info.core.oob_cpus.iter().copied().collect();
    let mut rows = vec![
        ["core".to_owned(), info.core.state.to_owned()],
        [
            "ABI".to_owned(),
            format!(
                "{} to {} (needed: {})",
                info.abi.base, info.abi.current, info.abi.needed
            ),
        ],
        [
            "kernel".to_owned(),
            format!("{} {}", info.kernel.release, info.kernel.arch),
        ],
        ["oob CPUs".to_owned(), cpus.to_string()],
        [
            "shared memory".to_owned(),
            format!("{} bytes", info.core.shm_size),
        ],
    ];
    rows.extend(info.clocks.iter().map(|clock| {
        let Time {
            seconds,
            nanoseconds,
        } = clock.time;
        let resolution = clock.resolution_ns;
        [
            format!("clock {}", clock.name),
            format!("{seconds}.{nanoseconds:09} s, resolution {resolution} ns"),
        ]
    }));
    table::format(&rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample() -> Info {
        Info {
            schema: 1,
            abi: Abi {
                base: 36,
                current: 36,
                needed: 36,
            },
            kernel: Kernel {
                release: "6.18.15".to_owned(),
                arch: "arm64".to_owned(),
            },
            core: CoreStatus {
                state: "running",
                oob_cpus: vec![1, 2, 3],
                shm_size: 2_097_152,
                fpu_features: 0,
            },
            clocks: vec![ClockStatus {
                name: "monotonic",
                resolution_ns: 1,
                time: Duration::new(12, 345).into(),
            }],
        }
    }

    #[test]
    fn json_schema_is_stable() {
        let wanted = json!({
            "schema": 1,
            "abi": { "base": 36, "current": 36, "needed": 36 },
            "kernel": { "release": "6.18.15", "arch": "arm64" },
            "core": { "state": "running", "oob_cpus": [1, 2, 3], "shm_size": 2097152, "fpu_features": 0 },
            "clocks": [
                { "name": "monotonic", "resolution_ns": 1, "time": { "seconds": 12, "nanoseconds": 345 } }
            ],
        });
        assert_eq!(
            serde_json::to_value(sample()).expect("serializable"),
            wanted
        );
    }

    #[test]
    fn columns_are_aligned() {
        let text = human(&sample());
        assert!(text.contains("\noob CPUs         1-3\n"), "{text}");
        assert!(
            text.ends_with("clock monotonic  12.000000345 s, resolution 1 ns\n"),
            "{text}"
        );
    }
}
