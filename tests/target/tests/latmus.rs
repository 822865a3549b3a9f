// SPDX-License-Identifier: MIT OR Apache-2.0
//! The latency driver, by its raw requests.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::thread::JoinHandleExt;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use evl_sys::{
    EVL_LAT_IRQ, EVL_LAT_KERN, EVL_LAT_SIRQ, EVL_LAT_USER, EVL_LATIOC_MEASURE, EVL_LATIOC_PULSE,
    EVL_LATIOC_RESET, EVL_LATIOC_RUN, EVL_LATIOC_TUNE, EVL_THRIOC_UNBLOCK, latmus_measure_args,
    latmus_measurement, latmus_measurement_result, latmus_result, latmus_setup, latmus_setup_args,
};
use evl_target_tests::thread::{Attached, now, oob_ioctl};
use evl_target_tests::worker::eventually;
use evl_target_tests::{ioctl, ioctl_with, open, open_to_read};

const DEVICE: &str = "/dev/latmus";
const GRAVITY: &str = "/sys/devices/virtual/clock/monotonic/gravity";
const MS: u64 = 1_000_000;
const NO_BUFFER: u32 = u32::MAX;
const CELLS: u32 = 200;

fn setup(responder: u32, period: u64) -> latmus_setup {
    latmus_setup {
        type_: responder,
        period,
        priority: 90,
        cpu: 0,
        u: latmus_setup_args {
            measure: latmus_measure_args {
                xfd: NO_BUFFER,
                hcells: CELLS,
            },
        },
        ..latmus_setup::default()
    }
}

fn prepare(device: &File, request: u32, mut setup: latmus_setup) -> Result<i32, i32> {
    let address = std::ptr::from_mut(&mut setup).expose_provenance();
    // SAFETY: the request reads a `latmus_setup`, which has no addresses.
    unsafe { ioctl(device, request, address) }
}

/// Runs a measurement that was prepared.
fn run(device: &File) -> Result<(latmus_measurement, Vec<i32>), i32> {
    let mut last = latmus_measurement::default();
    let mut histogram = vec![-1; CELLS as usize];
    let mut answer = latmus_measurement_result {
        last_ptr: std::ptr::from_mut(&mut last).expose_provenance() as u64,
        histogram_ptr: histogram.as_mut_ptr().expose_provenance() as u64,
        len: CELLS * 4,
        ..latmus_measurement_result::default()
    };
    run_into(
        device,
        std::ptr::from_mut(&mut answer).expose_provenance(),
        size_of::<latmus_measurement_result>() as u32,
    )?;
    Ok((last, histogram))
}

fn run_into(device: &File, address: usize, len: u32) -> Result<i32, i32> {
    let mut request = latmus_result {
        data_ptr: address as u64,
        len,
        ..latmus_result::default()
    };
    let request = std::ptr::from_mut(&mut request).expose_provenance();
    // SAFETY: the kernel reads the request, and writes what `address` leads to, as the callers say.
    unsafe { ioctl(device, EVL_LATIOC_RUN, request) }
}

fn gravity(device: &File) -> Result<u32, i32> {
    let mut found = u32::MAX;
    run_into(
        device,
        std::ptr::from_mut(&mut found).expose_provenance(),
        4,
    )?;
    Ok(found)
}

/// The gravity is everybody's: one test at a time changes it, or measures without any.
fn without_gravity(device: &File) -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let turn = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(reset(device), Ok(0));
    turn
}

extern "C" fn ignore(_: i32) {}

/// Has SIGUSR1 end system calls, and nothing else.
fn ignore_signal() {
    let handler = ignore as extern "C" fn(i32);
    // SAFETY: the handler does nothing.
    unsafe { libc::signal(libc::SIGUSR1, handler as libc::sighandler_t) };
}

/// Has a signal sent to the caller after some time, which ends its system call.
fn end_after(time: Duration) {
    ignore_signal();
    // SAFETY: always succeeds.
    let me = unsafe { libc::pthread_self() } as usize;
    thread::spawn(move || {
        thread::sleep(time);
        // SAFETY: the thread waits in a system call until then.
        unsafe { libc::pthread_kill(me as libc::pthread_t, libc::SIGUSR1) };
    });
}

fn check(last: &latmus_measurement, histogram: &[i32]) {
    assert!(last.samples > 50, "{last:?}");
    assert!(i64::from(last.min) * i64::from(last.samples) <= last.sum);
    assert!(i64::from(last.max) * i64::from(last.samples) >= last.sum);
    assert!(last.min >= 0, "there is no gravity: {last:?}");
    let counted: i64 = histogram.iter().copied().map(i64::from).sum();
    assert_eq!(counted, i64::from(last.samples));
    let first = histogram.iter().position(|count| *count > 0).unwrap();
    assert_eq!(first, (last.min as usize / 1000).min(CELLS as usize - 1));
}

fn measure(responder: u32) {
    let device = open(DEVICE);
    let _turn = without_gravity(&device);
    assert_eq!(
        prepare(&device, EVL_LATIOC_MEASURE, setup(responder, MS)),
        Ok(0)
    );
    end_after(Duration::from_millis(500));
    let (last, histogram) = run(&device).unwrap();
    check(&last, &histogram);
}

fn reset(device: &File) -> Result<i32, i32> {
    // SAFETY: the request has no argument.
    unsafe { ioctl(device, EVL_LATIOC_RESET, 0) }
}

#[test]
fn interrupt_handlers_respond() {
    measure(EVL_LAT_IRQ);
}

#[test]
fn kernel_threads_respond() {
    measure(EVL_LAT_KERN);
}

#[test]
fn inband_interrupts_respond() {
    measure(EVL_LAT_SIRQ);
}

/// A thread that responds until its wait is broken; its file, its dates, and how it ended.
fn respond(device: &File, cpu: usize) -> (File, thread::JoinHandle<(Vec<i64>, i32)>) {
    respond_and_count(device, cpu, Arc::default())
}

fn respond_and_count(
    device: &File,
    cpu: usize,
    responses: Arc<AtomicUsize>,
) -> (File, thread::JoinHandle<(Vec<i64>, i32)>) {
    let device = device.try_clone().unwrap();
    let (send, receive) = mpsc::channel();
    let thread = thread::spawn(move || {
        pin(cpu);
        let me = Attached::fifo(90);
        send.send(me.file()).unwrap();
        let mut times = Vec::with_capacity(100_000);
        let mut woken = 0;
        let mut called = 0;
        assert_eq!(me.switch_oob(), Ok(0));
        let isw = me.oob_state().isw;
        let error = loop {
            if let Err(error) = oob_ioctl(&device, EVL_LATIOC_PULSE, &mut woken) {
                break error;
            }
            woken = now();
            let date = (called / MS + 1) * MS;
            if called != 0 {
                times.push(woken as i64 - date as i64);
                responses.store(times.len(), Ordering::Relaxed);
            }
            called = now();
        };
        if error == libc::EINTR {
            assert_eq!(me.oob_state().isw, isw);
        }
        (times, error)
    });
    (receive.recv().unwrap(), thread)
}

fn pin(cpu: usize) {
    // SAFETY: a set of CPUs of our own.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        assert_eq!(
            libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set),
            0
        );
    }
}

#[test]
fn user_threads_respond() {
    let device = open(DEVICE);
    let _turn = without_gravity(&device);
    assert_eq!(
        prepare(&device, EVL_LATIOC_MEASURE, setup(EVL_LAT_USER, MS)),
        Ok(0)
    );
    let (_, responder) = respond(&device, 0);
    end_after(Duration::from_millis(500));
    let (last, histogram) = run(&device).unwrap();
    check(&last, &histogram);
    let (times, error) = responder.join().unwrap();
    // Refused if it did not wait when the run ended.
    assert!(matches!(error, libc::EINTR | libc::EINVAL), "{error}");
    // It knows what the driver knows, but for what is not counted, and for whole periods if a date was missed or served late.
    let within = |time: i64| time.rem_euclid(MS as i64);
    assert!(times.len() > last.samples as usize);
    for time in [last.min, last.max].map(i64::from) {
        assert!(
            times.iter().any(|mine| within(*mine) == within(time)),
            "{last:?}"
        );
    }
}

#[test]
fn a_gravity_is_found_and_reset() {
    for (responder, name) in [(EVL_LAT_IRQ, 'i'), (EVL_LAT_KERN, 'k')] {
        let device = open(DEVICE);
        let _turn = without_gravity(&device);
        let period = MS / 2;
        assert_eq!(
            prepare(&device, EVL_LATIOC_TUNE, setup(responder, period)),
            Ok(0)
        );
        let found = gravity(&device).unwrap();
        let shown = std::fs::read_to_string(GRAVITY).unwrap();
        assert!(
            shown.contains(&format!("{found}{name}")),
            "{found}: {shown}"
        );
        assert_eq!(reset(&device), Ok(0));
        assert_eq!(std::fs::read_to_string(GRAVITY).unwrap(), "0i 0k 0u\n");
        // There is nothing to run any more.
        assert_eq!(gravity(&device), Err(libc::EINVAL));
    }
}

/// What the image does at boot.
#[test]
fn a_gravity_is_kept_for_the_next_boot() {
    let folder = std::env::temp_dir().join(format!("latmus-{}", std::process::id()));
    let kept = folder.join("gravity");
    let latmus = |args: &[&str]| {
        let output = Command::new("latmus").args(args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), stderr)
    };
    let restore = format!("--restore={}", kept.display());
    let save = format!("--save={}", kept.display());
    let fine = (Some(0), String::new());

    let (code, stderr) = latmus(&[&restore]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("cannot read"), "{stderr}");

    let _turn = without_gravity(&open(DEVICE));
    std::fs::write(GRAVITY, "0i 0k 77u").unwrap();
    assert_eq!(latmus(&["-q", "-t", "-i", "-p", "500", &save]), fine);
    let found = std::fs::read_to_string(GRAVITY).unwrap();
    assert!(found.ends_with(" 0k 77u\n"), "{found}");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), found);
    assert_eq!(latmus(&["-q", "-r"]), fine);
    assert_eq!(latmus(&["-q", &restore]), fine);
    for clock in [GRAVITY, &GRAVITY.replace("monotonic", "realtime")] {
        assert_eq!(std::fs::read_to_string(clock).unwrap(), found, "{clock}");
    }

    // Half a file changes nothing.
    std::fs::write(&kept, "1i 2k\n").unwrap();
    let (code, stderr) = latmus(&[&restore]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("\"1i 2k\""), "{stderr}");
    assert_eq!(std::fs::read_to_string(GRAVITY).unwrap(), found);

    assert_eq!(latmus(&["-q", "-r"]), fine);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_signal_ends_a_search_that_finds_nothing() {
    let device = open(DEVICE);
    let _turn = without_gravity(&device);
    std::fs::write(GRAVITY, "77u").unwrap();
    assert_eq!(
        prepare(&device, EVL_LATIOC_TUNE, setup(EVL_LAT_USER, MS)),
        Ok(0)
    );
    end_after(Duration::from_millis(100));
    // Nobody responds.
    assert_eq!(gravity(&device), Err(libc::EINTR));
    assert_eq!(std::fs::read_to_string(GRAVITY).unwrap(), "0i 0k 77u\n");
    assert_eq!(reset(&device), Ok(0));
}

#[test]
fn bad_setups_are_refused() {
    let device = open(DEVICE);
    let good = setup(EVL_LAT_KERN, MS);
    let bad = [
        latmus_setup { type_: 4, ..good },
        latmus_setup { period: 0, ..good },
        latmus_setup {
            period: 9_999,
            ..good
        },
        latmus_setup {
            period: 1_000_000_001,
            ..good
        },
        latmus_setup {
            priority: 0,
            ..good
        },
        latmus_setup {
            priority: 100,
            ..good
        },
        latmus_setup {
            cpu: u32::MAX,
            ..good
        },
        latmus_setup { cpu: 8, ..good },
    ];
    for setup in bad {
        for request in [EVL_LATIOC_MEASURE, EVL_LATIOC_TUNE] {
            assert_eq!(prepare(&device, request, setup), Err(libc::EINVAL));
        }
    }
    let measure = |xfd, hcells| latmus_setup {
        u: latmus_setup_args {
            measure: latmus_measure_args { xfd, hcells },
        },
        ..good
    };
    let request = EVL_LATIOC_MEASURE;
    assert_eq!(
        prepare(&device, request, measure(NO_BUFFER, 10_001)),
        Err(libc::EINVAL)
    );
    assert_eq!(prepare(&device, request, measure(500, 0)), Err(libc::EBADF));
    let other = open("/dev/evl/control");
    assert_eq!(
        prepare(&device, request, measure(other.as_raw_fd() as u32, 0)),
        Err(libc::EINVAL)
    );
    // An in-band interrupt has no gravity of its own.
    assert_eq!(
        prepare(&device, EVL_LATIOC_TUNE, setup(EVL_LAT_SIRQ, MS)),
        Err(libc::EINVAL)
    );
    // Interrupts have no priority.
    let irq = latmus_setup {
        priority: 0,
        ..setup(EVL_LAT_IRQ, MS)
    };
    assert_eq!(prepare(&device, request, irq), Ok(0));
    assert_eq!(run_into(&device, 0, 23), Err(libc::EINVAL));
    assert_eq!(
        ioctl_with(&open_to_read(DEVICE), request, &mut [0; 32]),
        Err(libc::EBADF)
    );
    // SAFETY: nothing is at that address.
    assert_eq!(unsafe { ioctl(&device, request, 8) }, Err(libc::EFAULT));
    // SAFETY: as above.
    assert_eq!(unsafe { ioctl(&device, 0x4c05, 0) }, Err(libc::ENOTTY));
}

#[test]
fn nothing_runs_that_was_not_set_up() {
    let device = open(DEVICE);
    assert_eq!(run(&device).map(drop), Err(libc::EINVAL));
    let me = Attached::fifo(10);
    let mut woken = 0_u64;
    assert_eq!(
        oob_ioctl(&device, EVL_LATIOC_PULSE, &mut woken),
        Err(libc::EINVAL)
    );
    me.switch_inband();
    // Others respond.
    assert_eq!(
        prepare(&device, EVL_LATIOC_MEASURE, setup(EVL_LAT_IRQ, MS)),
        Ok(0)
    );
    assert_eq!(
        oob_ioctl(&device, EVL_LATIOC_PULSE, &mut woken),
        Err(libc::EINVAL)
    );
    me.switch_inband();
    // A pulse is for out-of-band.
    assert_eq!(
        ioctl_with(&device, EVL_LATIOC_PULSE, &mut [0; 8]),
        Err(libc::ENOTTY)
    );
}

#[test]
fn one_thread_responds_and_one_runs() {
    let device = open(DEVICE);
    assert_eq!(
        prepare(&device, EVL_LATIOC_MEASURE, setup(EVL_LAT_USER, MS)),
        Ok(0)
    );
    let responses = Arc::new(AtomicUsize::new(0));
    let (first, waiting) = respond_and_count(&device, 0, responses.clone());
    thread::sleep(Duration::from_millis(50));
    let (_, second) = respond(&device, 0);
    assert_eq!(second.join().unwrap().1, libc::EBUSY);
    let runner = {
        let device = device.try_clone().unwrap();
        ignore_signal();
        thread::spawn(move || run(&device).map(|(last, _)| last.samples))
    };
    // More than is not counted at the start, and less than a bulk.
    while responses.load(Ordering::Relaxed) < 200 {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(run(&device).map(drop), Err(libc::EBUSY));
    assert_eq!(
        prepare(&device, EVL_LATIOC_MEASURE, setup(EVL_LAT_IRQ, MS)),
        Err(libc::EBUSY)
    );
    // It ends a wait, and a thread that does not wait goes on.
    eventually("the responder to end", || {
        // SAFETY: the request has no argument.
        let unblocked = unsafe { ioctl(&first, EVL_THRIOC_UNBLOCK, 0) };
        assert!(
            matches!(unblocked, Ok(0) | Err(libc::ESTALE)),
            "{unblocked:?}"
        );
        waiting.is_finished()
    });
    assert_eq!(waiting.join().unwrap().1, libc::EINTR);
    // SAFETY: it has not been joined.
    let signaled = unsafe { libc::pthread_kill(runner.as_pthread_t(), libc::SIGUSR1) };
    assert_eq!(signaled, 0);
    assert!(runner.join().unwrap().unwrap() > 0);
}

#[test]
fn there_are_as_many_measurements_as_records() {
    let mut files = Vec::new();
    let error = loop {
        match File::options().read(true).write(true).open(DEVICE) {
            Ok(file) => files.push(file),
            Err(error) => break error,
        }
    };
    assert_eq!(error.raw_os_error(), Some(libc::EAGAIN));
    assert!(files.len() >= 8);
    files.pop();
    open(DEVICE);
}
