// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar};

use evl_sys::{
    EVL_T_DELAY, EVL_T_HMOBS, EVL_T_HMSIG, EVL_T_INBAND, EVL_T_MODE_MASK, EVL_T_PEND, EVL_T_USER,
    EVL_T_WEAK, evl_sched_attrs, evl_thread_state,
};
use rustix::io::{self, Errno};

use super::core::{Core, Wait, call, core};
use crate::error::{Error, Result};
use crate::name;
use crate::policy::Policy;

/// What is known of a thread.
pub(super) struct Record {
    name: String,
    public: bool,
    attrs: evl_sched_attrs,
    modes: u32,
    inband: bool,
    pub(super) wait: Option<Wait>,
    pub(super) woken: Option<io::Result<u32>>,
    pub(super) alarm: Arc<Condvar>,
    inband_switches: u32,
    waits: u32,
    calls: u32,
}

impl Record {
    pub(super) fn priority(&self) -> (bool, i32) {
        (!self.is_weak(), self.attrs.sched_priority)
    }

    fn is_weak(&self) -> bool {
        Policy::from_attrs(&self.attrs).is_none_or(|policy| policy.is_weak())
    }

    /// It goes out-of-band for a call.
    pub(super) fn enter_call(&mut self) {
        self.calls = self.calls.wrapping_add(1);
        self.inband = false;
    }

    /// It comes back from one. Weak threads live in-band unless they own a mutex.
    pub(super) fn leave_call(&mut self, owner: bool) {
        if self.is_weak() && !owner {
            self.go_inband();
        }
    }

    fn go_inband(&mut self) {
        if !self.inband {
            self.inband = true;
            self.inband_switches = self.inband_switches.wrapping_add(1);
        }
    }

    fn state(&self, id: u64) -> u32 {
        let mut state = self.modes | EVL_T_USER;
        if self.inband {
            state |= EVL_T_INBAND;
        }
        if self.is_weak() {
            state |= EVL_T_WEAK;
        }
        if let Some(wait) = self.wait {
            if wait.on != id {
                state |= EVL_T_PEND;
            }
            if wait.timed {
                state |= EVL_T_DELAY;
            }
        }
        state
    }
}

/// The id of the current thread, if it is attached.
struct Current(Cell<Option<u64>>);

impl Drop for Current {
    fn drop(&mut self) {
        if let Some(id) = self.0.get() {
            leave(id);
        }
    }
}

thread_local! {
    static ME: Current = const { Current(Cell::new(None)) };
}

/// Its id, if it is attached.
pub(super) fn my_id() -> Option<u64> {
    ME.try_with(|me| me.0.get()).ok().flatten()
}

/// A number that no other time of being attached has, not 0.
pub(crate) fn serial() -> Option<u64> {
    my_id()
}

/// Whether the caller is attached.
pub(crate) fn is_attached() -> bool {
    my_id().is_some()
}

/// Whether the caller is in-band, or not attached.
pub(crate) fn is_inband() -> bool {
    my_id().is_none_or(|me| core().threads.get(&me).is_none_or(|record| record.inband))
}

/// Takes the caller out-of-band.
pub(crate) fn switch_oob() -> io::Result<()> {
    call(|locked, _| (locked, Ok(())))
}

/// Takes the caller in-band.
pub(crate) fn switch_inband() -> io::Result<()> {
    let me = my_id().ok_or(Errno::PERM)?;
    let mut locked = core();
    locked.threads.get_mut(&me).ok_or(Errno::PERM)?.go_inband();
    Ok(())
}

/// Lets others run.
pub(crate) fn yield_now() -> io::Result<()> {
    switch_oob()?;
    std::thread::yield_now();
    Ok(())
}

/// A thread, which may be gone.
#[derive(Debug)]
pub(crate) struct Thread {
    id: u64,
    path: PathBuf,
}

fn path_of(name: &str) -> PathBuf {
    Path::new("/dev/evl/thread").join(name)
}

/// Attaches the caller, as a thread of SCHED_WEAK that is in-band. A public thread has a name.
pub(crate) fn attach(name: Option<&str>, public: bool) -> Result<Thread> {
    name::check(name, public)?;
    if is_attached() {
        return Err(Error::AlreadyAttached);
    }
    let attrs = Policy::default().to_attrs()?;
    let mut locked = core();
    let id = locked.new_id();
    let name = name.map_or_else(|| format!("thread.{id}"), str::to_owned);
    if locked.threads.values().any(|record| record.name == name) {
        return Err(Error::NameInUse {
            class: "thread",
            name,
        });
    }
    let path = path_of(&name);
    let record = Record {
        name,
        public,
        attrs,
        modes: 0,
        inband: true,
        wait: None,
        woken: None,
        alarm: Arc::new(Condvar::new()),
        inband_switches: 0,
        waits: 0,
        calls: 0,
    };
    locked.threads.insert(id, record);
    drop(locked);
    ME.with(|me| me.0.set(Some(id)));
    Ok(Thread { id, path })
}

/// A thread is not attached any more. Its mutexes go to who waits for them.
fn leave(id: u64) {
    let mut locked = core();
    locked.threads.remove(&id);
    let monitors: Vec<u64> = locked.monitors.keys().copied().collect();
    for monitor in monitors {
        locked.release_gate(monitor, id);
    }
}

impl Thread {
    /// Opens a public thread.
    pub(crate) fn open(name: &str) -> Result<Self> {
        let locked = core();
        let mut threads = locked.threads.iter();
        let found = threads.find(|(_, record)| record.public && record.name == name);
        let (id, _) = found.ok_or_else(|| Error::NotFound {
            class: "thread",
            name: name.to_owned(),
        })?;
        Ok(Self {
            id: *id,
            path: path_of(name),
        })
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    fn with<R>(&self, body: impl FnOnce(&mut Core, u64) -> R) -> io::Result<R> {
        let mut locked = core();
        if !locked.threads.contains_key(&self.id) {
            return Err(Errno::STALE);
        }
        Ok(body(&mut locked, self.id))
    }

    fn with_record<R>(&self, body: impl FnOnce(&mut Record) -> R) -> io::Result<R> {
        let mut locked = core();
        locked
            .threads
            .get_mut(&self.id)
            .map(body)
            .ok_or(Errno::STALE)
    }

    /// Detaches the caller, which this is.
    pub(crate) fn detach(&self) -> io::Result<()> {
        if my_id() != Some(self.id) {
            return Err(Errno::PERM);
        }
        ME.with(|me| me.0.set(None));
        leave(self.id);
        Ok(())
    }

    /// Sets policy and priority.
    pub(crate) fn set_attrs(&self, attrs: evl_sched_attrs) -> io::Result<()> {
        match Policy::from_attrs(&attrs) {
            // There are no groups, and no partitions.
            None | Some(Policy::Quota { .. } | Policy::Partition { .. }) => Err(Errno::INVAL),
            Some(_) => self.with_record(|record| record.attrs = attrs),
        }
    }

    /// What is known of it.
    pub(crate) fn state(&self) -> io::Result<evl_thread_state> {
        self.with_record(|record| evl_thread_state {
            eattrs: record.attrs,
            cpu: 0,
            state: record.state(self.id),
            isw: record.inband_switches,
            csw: record.waits,
            sc: record.calls,
            rwa: 0,
            xtime: 0,
        })
    }

    /// Ends its wait.
    pub(crate) fn unblock(&self) -> io::Result<()> {
        self.with(|core, id| core.wake(id, Err(Errno::INTR)))
    }

    /// Makes it one of SCHED_WEAK, in-band.
    pub(crate) fn demote(&self) -> io::Result<()> {
        let attrs = Policy::default().to_attrs().map_err(|_| Errno::INVAL)?;
        self.with(|core, id| {
            core.wake(id, Err(Errno::INTR));
            if let Some(record) = core.threads.get_mut(&id) {
                record.attrs = attrs;
                record.go_inband();
            }
        })
    }

    /// Sets modes: those before.
    pub(crate) fn set_mode(&self, modes: u32) -> io::Result<u32> {
        self.change_mode(modes, |now| {
            let what = EVL_T_MODE_MASK & !(EVL_T_HMSIG | EVL_T_HMOBS);
            let then = now | modes;
            if then & what != 0 {
                then | EVL_T_HMSIG
            } else {
                then
            }
        })
    }

    /// Clears modes: those before.
    pub(crate) fn clear_mode(&self, modes: u32) -> io::Result<u32> {
        self.change_mode(modes, |now| {
            let what = EVL_T_MODE_MASK & !(EVL_T_HMSIG | EVL_T_HMOBS);
            let then = now & !modes;
            if then & what != 0 { then } else { 0 }
        })
    }

    fn change_mode(&self, modes: u32, change: impl Fn(u32) -> u32) -> io::Result<u32> {
        if modes & !EVL_T_MODE_MASK != 0 || modes & EVL_T_HMOBS != 0 {
            return Err(Errno::INVAL);
        }
        self.with_record(|record| {
            let before = record.modes;
            record.modes = change(before);
            before
        })
    }

    /// The node that it would be known by.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
