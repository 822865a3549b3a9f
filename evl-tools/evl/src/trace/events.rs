// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which events there are, by group and by name.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::instance::Instance;

/// A name for events that belong together: `SYSTEM/EVENT`, or a whole `SYSTEM`.
struct Group {
    name: &'static str,
    about: &'static str,
    events: &'static [&'static str],
}

const GROUPS: &[Group] = &[
    Group {
        name: "evl",
        about: "all events of the core",
        events: &["evl"],
    },
    Group {
        name: "timer",
        about: "from the interrupt of a timer to the thread that waits for it",
        events: &[
            "irq/irq_pipeline_entry",
            "evl/evl_timer_expire",
            "evl/evl_wakeup_thread",
            "evl/evl_schedule",
            "evl/evl_pick_next",
            "evl/evl_switch_context",
            "evl/evl_switch_tail",
            "evl/evl_finish_wait",
            "evl/evl_oob_sysexit",
            "evl/evl_timer_shot",
            "evl/evl_trigger",
            "evl/evl_latspot",
        ],
    },
    Group {
        name: "irq",
        about: "interrupts of both stages",
        events: &[
            "irq/irq_pipeline_entry",
            "irq/irq_pipeline_exit",
            "irq/irq_handler_entry",
            "irq/irq_handler_exit",
            "irq/softirq_entry",
            "irq/softirq_exit",
            "evl/evl_timer_shot",
            "evl/evl_trigger",
            "evl/evl_latspot",
        ],
    },
    Group {
        name: "stage",
        about: "what goes in-band, and why",
        events: &[
            "evl/evl_switch_oob",
            "evl/evl_switch_inband",
            "evl/evl_trigger",
        ],
    },
    Group {
        name: "sched",
        about: "what Linux switches to and wakes up",
        events: &[
            "sched/sched_switch",
            "sched/sched_wakeup",
            "sched/sched_wakeup_new",
            "sched/sched_waking",
        ],
    },
];

/// Switches events on.
pub(super) fn enable(instance: &Instance, wanted: &[String]) -> Result<()> {
    for name in wanted {
        match GROUPS.iter().find(|group| group.name == name) {
            Some(group) => enable_group(instance, group)?,
            None => enable_one(instance, name)?,
        }
    }
    Ok(())
}

/// Kernels differ: some of a group may be missing, but not all of what it has of the core.
fn enable_group(instance: &Instance, group: &Group) -> Result<()> {
    let mut found = false;
    for event in group.events {
        if instance.has(&switch(event)) {
            instance.set(&switch(event), "1")?;
            found = true;
        }
    }
    if found {
        return Ok(());
    }
    super::missing(&format!("of the group {}", group.name))
}

/// `SYSTEM:EVENT`, or `SYSTEM` for all of it.
fn enable_one(instance: &Instance, name: &str) -> Result<()> {
    let event = name.replacen(':', "/", 1);
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if event.split('/').count() > 2
        || !event.split('/').all(plain)
        || !instance.has(&switch(&event))
    {
        return super::missing(name);
    }
    instance.set(&switch(&event), "1")
}

fn switch(event: &str) -> String {
    format!("events/{event}/enable")
}

/// The groups, and the events of the core.
pub(super) fn list(tracing: &Path) -> Result<String> {
    let mut text = String::from("Groups:\n");
    for group in GROUPS {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {:<6} {}", group.name, group.about);
    }
    let path = tracing.join("available_events");
    let all = fs::read_to_string(&path).with_context(|| super::instance::cannot("read", &path))?;
    text += "Events:\n";
    let mut events: Vec<&str> = all.lines().collect();
    events.sort_unstable();
    for event in events {
        let _ = writeln!(text, "  {event}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_have_one_name_each() {
        let mut names: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
        names.dedup();
        assert_eq!(names.len(), GROUPS.len());
        for event in GROUPS.iter().flat_map(|group| group.events) {
            assert!(event.split('/').count() <= 2, "{event}");
        }
    }
}
