// SPDX-License-Identifier: MIT OR Apache-2.0
//! Is there a core, does it speak our language, is it in service?

use evl::{Core, CoreState, Error, System};

use super::super::report::{Check, Status};

/// Also returns the error which says that the kernel has no core, if that is so.
pub(super) fn check(system: &System) -> (Vec<Check>, Option<Error>) {
    let (interface, no_core) = interface(system);
    (vec![interface, state(system)], no_core)
}

fn interface(system: &System) -> (Check, Option<Error>) {
    let mut check = Check {
        id: "core.interface".to_owned(),
        subject: "EVL core".to_owned(),
        looked_at: "/dev/evl/control".to_owned(),
        found: String::new(),
        wanted: format!("ABI {}", evl::ABI),
        status: Status::Ok,
        reason: "Programs reach the core through this device.".to_owned(),
        action: None,
    };
    let error = match Core::open_in(system) {
        Ok(core) => {
            let info = core.info();
            check.found = format!("ABI {} to {}", info.abi_base, info.abi_current);
            return (check, None);
        }
        Err(error) => error,
    };
    (check.found, check.status) = verdict(&error);
    check.action = Some(error.to_string());
    let no_core = matches!(error, Error::NoCore { .. }).then_some(error);
    (check, no_core)
}

/// What is found, and how bad it is, if the core cannot be connected to.
fn verdict(error: &Error) -> (String, Status) {
    match error {
        Error::NoCore { .. } => ("no core".to_owned(), Status::Fail),
        Error::NoDriver { .. } => ("no driver".to_owned(), Status::Fail),
        Error::Disabled { .. } => ("disabled".to_owned(), Status::Fail),
        Error::Abi { base, current, .. } => (format!("ABI {base} to {current}"), Status::Fail),
        Error::Permission { .. } => ("permission denied".to_owned(), Status::Unknown),
        _ => ("no answer".to_owned(), Status::Fail),
    }
}

fn state(system: &System) -> Check {
    let (found, status, action) = match system.core_state() {
        Ok(CoreState::Running) => ("running", Status::Ok, None),
        Ok(CoreState::Disabled) => (
            "disabled",
            Status::Fail,
            Some("Remove evl.state=disabled from the kernel's command line.".to_owned()),
        ),
        Ok(state) => (
            state.as_str(),
            Status::Fail,
            Some(
                "Start the core: write start to /sys/devices/virtual/evl/control/state.".to_owned(),
            ),
        ),
        Err(Error::NoCore { .. }) => (
            "no core",
            Status::Fail,
            Some("Boot a kernel with CONFIG_EVL=y.".to_owned()),
        ),
        Err(error) => ("unknown", Status::Unknown, Some(error.to_string())),
    };
    Check {
        id: "core.state".to_owned(),
        subject: "state of the core".to_owned(),
        looked_at: "/sys/devices/virtual/evl/control/state".to_owned(),
        found: found.to_owned(),
        wanted: "running".to_owned(),
        status,
        reason: "A core which is not running is out of service.".to_owned(),
        action,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fake;
    use super::*;

    fn status_of(state_attribute: &str) -> (Status, bool) {
        let (_root, system) = fake(&[("sys/devices/virtual/evl/control/state", state_attribute)]);
        let check = state(&system);
        (check.status, check.action.is_some())
    }

    #[test]
    fn only_running_will_do() {
        assert_eq!(status_of("running\n"), (Status::Ok, false));
        assert_eq!(status_of("stopped\n"), (Status::Fail, true));
        assert_eq!(status_of("disabled\n"), (Status::Fail, true));
        assert_eq!(status_of("confused\n"), (Status::Unknown, true));
    }

    #[test]
    fn a_disabled_core_is_named() {
        let (found, status) = verdict(&Error::Disabled {
            path: "/dev/evl/control".into(),
        });
        assert_eq!((found.as_str(), status), ("disabled", Status::Fail));
    }

    #[test]
    fn without_sysfs_the_state_is_unknown() {
        let (_root, system) = fake(&[]);
        let check = state(&system);
        assert_eq!(check.status, Status::Unknown);
        let action = check.action.expect("action");
        assert!(action.contains("Mount sysfs on /sys"), "{action}");
    }

    #[test]
    fn a_core_which_does_not_answer_is_not_a_missing_core() {
        let (_root, system) = fake(&[("dev/evl/control", "")]);
        let (check, no_core) = interface(&system);
        assert_eq!(check.status, Status::Fail);
        assert!(no_core.is_none());
    }
}
