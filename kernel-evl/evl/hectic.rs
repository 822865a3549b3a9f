// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The context switch test, `/dev/hectic`.
//!
//! Each file that is open is a test of its own: a number of tasks, one of which has the turn, and
//! passes it on. The others wait, out-of-band or in-band. Tasks are threads of the application, which
//! look after their own registers, out-of-band kernel threads, which use none of SIMD, and in-band
//! ones, which pass the turn on in the middle of using them.

use kernel::{bindings, c_str, error::to_result, prelude::*, str::CString};

use crate::{
    class::{Class, Command, Ops, Request, Where},
    clock::{now, ClockId},
    element::{Element, Handle, Hold},
    errno::errno,
    ffi,
    kthread::Kthread,
    lock::HardSpinLock,
    logic::{
        priority::Policy,
        status::{Block, Release},
        table::ThreadId,
    },
    once::Once,
    stage::{running_oob, with_hard_irqs_off, Call, HardIrqs, HardIrqsOff},
    thread,
    waits::pause,
};

/// How many files can be open.
const NR_TESTS: usize = bindings::EVL_NR_HECTICS as usize;

/// The most tasks of a test.
const MAX_TASKS: u32 = bindings::EVL_HECTIC_TASKS;

/// The longest pause, in us: whoever waits for the end of a test is not to wait for ever.
const MAX_PAUSE: u32 = 1_000_000;

/// The priority of kernel threads, in SCHED_FIFO.
const PRIORITY: i32 = 1;

/// A task of a test.
#[derive(Clone, Copy, Default)]
struct Task {
    /// It was registered.
    known: bool,
    /// It waits out-of-band.
    waiter: Option<ThreadId>,
    /// To how many the kernel passed the turn on for it.
    passed: u32,
}

/// A switch from a task to another.
#[derive(Clone, Copy, Default)]
struct Switch {
    from: u32,
    to: u32,
}

struct Test {
    tasks: KVVec<Task>,
    kthreads: KVec<Kthread>,
    cpu: u32,
    /// How long an out-of-band kernel thread sleeps before it passes the turn on, in ns.
    pause: u64,
    /// Who has the turn; nobody at first.
    turn: Option<u32>,
    switches: u32,
    last: Switch,
    /// The last switch before a register was found wrong, and what was in it.
    error: Option<(Switch, u32)>,
    closing: bool,
}

impl Test {
    const fn new() -> Self {
        Self {
            tasks: KVVec::new(),
            kthreads: KVec::new(),
            cpu: 0,
            pause: 0,
            turn: None,
            switches: 0,
            last: Switch { from: 0, to: 0 },
            error: None,
            closing: false,
        }
    }

    fn task(&mut self, index: u32) -> Result<&mut Task> {
        self.tasks.get_mut(index as usize).ok_or(EINVAL)
    }

    /// Makes a task known.
    fn register(&mut self, index: u32) -> Result {
        let task = self.task(index)?;
        if core::mem::replace(&mut task.known, true) {
            return Err(EBUSY);
        }
        Ok(())
    }

    fn pass(&mut self, from: u32, to: u32, irqs: &HardIrqsOff<'_>) -> Result {
        if self.turn.is_some_and(|turn| turn != from) || !self.task(to)?.known {
            return Err(EINVAL);
        }
        self.turn = Some(to);
        self.switches = self.switches.wrapping_add(1);
        self.last = Switch { from, to };
        if let Some(waiter) = self.task(to)?.waiter.take() {
            thread::release(waiter, Release::Timeout, irqs);
        }
        Ok(())
    }

    /// Whom a kernel thread passes the turn on to: each other task in its turn.
    fn next(&mut self, from: u32) -> Option<u32> {
        let count = self.tasks.len() as u32;
        let others = count.checked_sub(1)?;
        let task = self.task(from).ok()?;
        task.passed = task.passed.wrapping_add(1);
        let step = task.passed.checked_rem(others)?;
        from.wrapping_add(1).wrapping_add(step).checked_rem(count)
    }
}

/// The record of a test.
struct TestRecord {
    element: Element,
    index: u32,
    test: HardSpinLock<Test>,
}

static TESTS: Once<TestRecord> = Once::new();

/// Makes the table. Once, in-band, may sleep.
pub(crate) fn init() -> Result {
    TESTS.fill(NR_TESTS, |index| TestRecord {
        element: Element::new(),
        index,
        test: HardSpinLock::new(Test::new()),
    })
}

fn of(index: u32) -> Option<&'static TestRecord> {
    TESTS.get().get(index as usize)
}

fn of_minor(minor: u32) -> Option<&'static TestRecord> {
    of(minor.checked_sub(1)?)
}

/// What counts the references to a test.
pub(crate) fn element(minor: u32) -> Option<&'static Element> {
    Some(&of_minor(minor)?.element)
}

/// The device is being opened: a test for the file. In-band.
///
/// # Errors
///
/// [`ENXIO`] unless the core runs, [`EAGAIN`] if there are too many.
pub(crate) fn open() -> Result<Hold> {
    let class = bindings::evl_class_id_EVL_CLASS_HECTIC;
    Hold::claim(class, TESTS.get(), |record| &record.element)
}

/// Nobody refers to a test any more: ends its kernel threads. In-band, may sleep.
pub(crate) fn reap(minor: u32) {
    let Some(record) = of_minor(minor) else {
        return;
    };
    let kthreads = record.with(|test, _| {
        test.closing = true;
        core::mem::take(&mut test.kthreads)
    });
    drop(kthreads);
    ffi::evl_hectic_stop(record.index);
    let old = record.with(|test, _| core::mem::replace(test, Test::new()));
    drop(old);
}

impl TestRecord {
    fn handle(&self) -> Handle {
        let minor = self.index.saturating_add(1);
        Handle::new(bindings::evl_class_id_EVL_CLASS_HECTIC, minor)
    }

    fn with<R>(&self, f: impl FnOnce(&mut Test, &HardIrqsOff<'_>) -> R) -> R {
        with_hard_irqs_off(|irqs| f(&mut self.test.lock(&irqs), &irqs))
    }

    /// Passes the turn on. On any stage.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] if it is not the turn of `from`, or there is no task `to`.
    fn pass(&self, from: u32, to: u32) -> Result {
        self.with(|test, irqs| test.pass(from, to, irqs))?;
        ffi::evl_notify_inband(self.handle().raw());
        Ok(())
    }

    /// The same for a kernel thread, which passes it to each of the others in turn.
    fn pass_on(&self, from: u32) {
        if let Some(to) = self.with(|test, _| test.next(from)) {
            // It fails if not all tasks are there yet: the turn stays.
            let _ = self.pass(from, to);
        }
    }

    /// Waits for the turn of a task, on the stage of the caller.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] if there is no such task, [`EBUSY`] if somebody waits as that task, [`EPERM`] if
    /// the caller is not attached and out-of-band, [`EINTR`].
    fn wait(&self, me: Option<ThreadId>, index: u32) -> Result {
        self.with(|test, _| test.task(index).map(drop))?;
        if running_oob() {
            self.wait_oob(me.ok_or(EPERM)?, index)
        } else {
            to_result(ffi::evl_hectic_wait(self.index, index)).map_err(|_| EINTR)
        }
    }

    fn wait_oob(&self, me: ThreadId, index: u32) -> Result {
        let guard = HardIrqs::off();
        let irqs = guard.token();
        {
            let mut test = self.test.lock(&irqs);
            if test.closing {
                return Err(EINTR);
            }
            if test.turn == Some(index) {
                return Ok(());
            }
            let task = test.task(index)?;
            if task.waiter.is_some() {
                return Err(EBUSY);
            }
            thread::block(me, Block::Sleep, &irqs).map_err(errno)?;
            task.waiter = Some(me);
        }
        let woken = pause(&guard, me, None);
        let mut test = self.test.lock(&irqs);
        let task = test.task(index)?;
        if task.waiter == Some(me) {
            task.waiter = None;
        }
        woken.map_err(errno)
    }

    /// Sleeps for the pause of the test, out-of-band.
    fn rest(&self, me: ThreadId) -> Result {
        let time = self.with(|test, _| test.pause);
        if time == 0 {
            return Ok(());
        }
        let date = now(ClockId::Monotonic).saturating_add(time);
        let guard = HardIrqs::off();
        thread::block(me, Block::Sleep, &guard.token()).map_err(errno)?;
        pause(&guard, me, Some((ClockId::Monotonic, date))).map_err(errno)
    }
}

/// What an out-of-band kernel thread does.
fn switch_in_kernel(me: ThreadId, arg: u32) {
    let (Some(record), Some(index)) = (
        arg.checked_div(MAX_TASKS).and_then(of),
        arg.checked_rem(MAX_TASKS),
    ) else {
        return;
    };
    while record.wait_oob(me, index).is_ok() && record.rest(me).is_ok() {
        record.pass_on(index);
    }
}

// `#[export]` takes no function that is safe to call, hence the comparison by type.
const _: [bindings::evl_hectic_fn; 2] = [Some(bindings::evl_hectic_pass), Some(evl_hectic_pass)];
const _: [bindings::evl_hectic_test_fn; 2] =
    [Some(bindings::evl_hectic_is_turn), Some(evl_hectic_is_turn)];
const _: [bindings::evl_hectic_error_fn; 2] = [
    Some(bindings::evl_hectic_mismatch),
    Some(evl_hectic_mismatch),
];
const _: [bindings::evl_hectic_handle_fn; 2] =
    [Some(bindings::evl_hectic_handle), Some(evl_hectic_handle)];

/// An in-band kernel thread passes the turn on.
#[no_mangle]
extern "C" fn evl_hectic_pass(run: u32, task: u32) {
    if let Some(record) = of(run) {
        record.pass_on(task);
    }
}

/// Whether it is the turn of a task.
#[no_mangle]
extern "C" fn evl_hectic_is_turn(run: u32, task: u32) -> bool {
    of(run).is_some_and(|record| record.with(|test, _| test.turn == Some(task)))
}

/// An in-band kernel thread found that a register was not as it left it.
#[no_mangle]
extern "C" fn evl_hectic_mismatch(run: u32, _task: u32, value: u32) {
    if let Some(record) = of(run) {
        // 0 stands for none.
        record.with(|test, _| test.error = Some((test.last, value.max(1))));
    }
}

/// The handle of a test.
#[no_mangle]
extern "C" fn evl_hectic_handle(run: u32) -> u32 {
    of(run).map_or(0, |record| record.handle().raw())
}

/// The test of a file.
fn target(request: &Request) -> Result<&'static TestRecord> {
    of_minor(request.element.minor()).ok_or(EBADF)
}

/// `EVL_HECIOC_SET_TASKS_COUNT`: once, before anything else.
///
/// # Errors
///
/// [`EINVAL`] for less than 2 or too many, [`EBUSY`] if it was done, [`ENOMEM`].
fn set_tasks_count(call: &mut Call, request: &Request) -> Result {
    let record = target(request)?;
    let count: u32 = call.read(request.arg)?;
    if !(2..=MAX_TASKS).contains(&count) {
        return Err(EINVAL);
    }
    let tasks = KVVec::from_elem(Task::default(), count as usize, GFP_KERNEL)?;
    let kthreads = KVec::with_capacity(count as usize, GFP_KERNEL)?;
    let unused = record.with(|test, _| {
        if !test.tasks.is_empty() {
            return Err((tasks, kthreads));
        }
        test.tasks = tasks;
        test.kthreads = kthreads;
        Ok(())
    });
    unused.map_err(|_| EBUSY)
}

/// `EVL_HECIOC_SET_CPU`: where kernel threads are created from now on.
///
/// # Errors
///
/// [`EINVAL`] if that CPU is not for out-of-band work, or offline.
fn set_cpu(call: &mut Call, request: &Request) -> Result {
    let record = target(request)?;
    let cpu = call.read(request.arg)?;
    if !ffi::evl_is_oob_cpu(cpu) || !ffi::evl_is_online(cpu) {
        return Err(EINVAL);
    }
    record.with(|test, _| test.cpu = cpu);
    Ok(())
}

/// `EVL_HECIOC_SET_PAUSE`: how long out-of-band kernel threads sleep before they pass the turn on,
/// in us.
///
/// # Errors
///
/// [`EINVAL`] for more than a second.
fn set_pause(call: &mut Call, request: &Request) -> Result {
    let record = target(request)?;
    let pause: u32 = call.read(request.arg)?;
    if pause > MAX_PAUSE {
        return Err(EINVAL);
    }
    record.with(|test, _| test.pause = u64::from(pause).saturating_mul(1000));
    Ok(())
}

/// `EVL_HECIOC_REGISTER_UTASK`: the task is a thread of the application.
///
/// # Errors
///
/// [`EINVAL`] if there is no such task, [`EBUSY`] if it is registered.
fn register_utask(call: &mut Call, request: &Request) -> Result {
    let record = target(request)?;
    let [index, _]: [u32; 2] = call.read(request.arg)?;
    record.with(|test, _| test.register(index))
}

/// `EVL_HECIOC_CREATE_KTASK`: the task is a new kernel thread, out-of-band with
/// `EVL_HECTIC_OOB_WAIT`, else in-band.
///
/// # Errors
///
/// Those of [`register_utask`] and of [`Kthread::run`].
fn create_ktask(call: &mut Call, request: &Request) -> Result {
    let record = target(request)?;
    let [index, flags]: [u32; 2] = call.read(request.arg)?;
    record.with(|test, _| test.register(index))?;
    let started = if flags & bindings::EVL_HECTIC_OOB_WAIT == 0 {
        let cpu = record.with(|test, _| test.cpu);
        to_result(ffi::evl_hectic_run(record.index, index, cpu))
    } else {
        run_kthread(record, index)
    };
    if started.is_err() {
        record.with(|test, _| test.task(index).map(|task| task.known = false))?;
    }
    started
}

fn run_kthread(record: &'static TestRecord, index: u32) -> Result {
    let cpu = record.with(|test, _| test.cpu);
    let name = CString::try_from_fmt(fmt!("hectic.{}.{}", record.index, index))?;
    let priority = Policy::Fifo.priority(PRIORITY).map_err(errno)?;
    let arg = record.index.wrapping_mul(MAX_TASKS).wrapping_add(index);
    let kthread = Kthread::run(&name, cpu, priority, switch_in_kernel, arg)?;
    // There is room for as many as there are tasks.
    let unused = record.with(|test, _| test.kthreads.push_within_capacity(kthread));
    unused.map_err(|_| ENOMEM)
}

/// `EVL_HECIOC_PEND`: waits for the turn of a task.
///
/// # Errors
///
/// Those of [`TestRecord::wait`].
fn pend(call: &mut Call, request: &Request) -> Result {
    let record = target(request)?;
    let [index, _]: [u32; 2] = call.read(request.arg)?;
    record.wait(request.me, index)
}

/// `EVL_HECIOC_SWITCH_TO`: passes the turn on, and waits until it comes back.
///
/// # Errors
///
/// [`EINVAL`] if it is not the turn of the task, or there is no such task; those of
/// [`TestRecord::wait`], after it was passed on.
fn switch_to(call: &mut Call, request: &Request) -> Result {
    let record = target(request)?;
    let [from, to]: [u32; 2] = call.read(request.arg)?;
    record.pass(from, to)?;
    record.wait(request.me, from)
}

/// `EVL_HECIOC_GET_SWITCHES_COUNT`: how often the turn was passed on.
fn get_switches_count(call: &mut Call, request: &Request) -> Result {
    let count = target(request)?.with(|test, _| test.switches);
    call.write(request.arg, &count)
}

/// `EVL_HECIOC_GET_LAST_ERROR`: what an in-band kernel thread found; the last switch, and 0, if
/// nothing.
fn get_last_error(call: &mut Call, request: &Request) -> Result {
    static_assert!(size_of::<bindings::hectic_error>() == size_of::<[u32; 3]>());

    let record = target(request)?;
    let (switch, value) = record.with(|test, _| test.error.unwrap_or((test.last, 0)));
    call.write(request.arg, &[switch.from, switch.to, value])
}

const COMMANDS: &[Command] = &[
    (
        bindings::EVL_HECIOC_SET_TASKS_COUNT,
        Where::Inband,
        set_tasks_count,
    ),
    (bindings::EVL_HECIOC_SET_CPU, Where::Inband, set_cpu),
    (
        bindings::EVL_HECIOC_REGISTER_UTASK,
        Where::Inband,
        register_utask,
    ),
    (
        bindings::EVL_HECIOC_CREATE_KTASK,
        Where::Inband,
        create_ktask,
    ),
    (bindings::EVL_HECIOC_PEND, Where::Both, pend),
    (bindings::EVL_HECIOC_SWITCH_TO, Where::Both, switch_to),
    (
        bindings::EVL_HECIOC_GET_SWITCHES_COUNT,
        Where::Inband,
        get_switches_count,
    ),
    (
        bindings::EVL_HECIOC_GET_LAST_ERROR,
        Where::Inband,
        get_last_error,
    ),
    (bindings::EVL_HECIOC_SET_PAUSE, Where::Inband, set_pause),
];

/// What tests do.
pub(crate) static OPS: Ops = Ops {
    commands: COMMANDS,
    read: None,
    write: None,
    poll: None,
};

/// Registers the device.
pub(crate) fn register() -> Result<Class> {
    let class = Class::register(bindings::evl_class_id_EVL_CLASS_HECTIC, 1)?;
    class.add_device(0, c_str!("hectic"))?;
    Ok(class)
}
