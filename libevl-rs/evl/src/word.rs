// SPDX-License-Identifier: MIT OR Apache-2.0
//! The words that applications share with the core, and the steps which they take on them without a system call.
//!
//! The core takes steps on the same words at the same time, each by one atomic operation. Every step here is one
//! compare-and-swap, which either does all of it or tells that the core has to be called:
//!
//! | word | step | from | to |
//! |---|---|---|---|
//! | owner of a gate | lock | 0 | handle of the caller |
//! | | unlock | handle of the caller | 0 |
//! | value of a semaphore | get | more than 0 | one less |
//! | | put | not negative | one more |
//!
//! With [`EVL_GATE_CLAIMED`](evl_sys::EVL_GATE_CLAIMED) or [`EVL_GATE_CEILING`](evl_sys::EVL_GATE_CEILING) set, which the
//! core does at any time, the owner word equals neither 0 nor a handle, so both steps fail.
//!
//! Orderings: a step that gives something to the caller (lock, get) is an acquire, one that gives it away (unlock, put) is
//! a release, on the same word; so what the last owner wrote happens before what the next one reads. The core's
//! steps are both, hence a chain of them passes it on. A failed step reads the word with acquire only to see who
//! owns it: that is the caller, or nobody's business.

use std::sync::atomic::{AtomicU32, Ordering};

use evl_sys::EVL_GATE_OWNER_MASK;

/// An atomic word. A trait, so that a model checker can bring its own.
pub(crate) trait Word {
    /// Reads it.
    fn load(&self, order: Ordering) -> u32;
    /// Writes it.
    fn store(&self, value: u32, order: Ordering);
    /// Replaces `from` by `to`.
    ///
    /// # Errors
    ///
    /// What was found instead.
    fn replace(&self, from: u32, to: u32, success: Ordering) -> Result<(), u32>;
}

impl Word for AtomicU32 {
    fn load(&self, order: Ordering) -> u32 {
        self.load(order)
    }

    fn store(&self, value: u32, order: Ordering) {
        self.store(value, order);
    }

    fn replace(&self, from: u32, to: u32, success: Ordering) -> Result<(), u32> {
        self.compare_exchange(from, to, success, Ordering::Relaxed)
            .map(drop)
    }
}

/// How far a step got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is done.
    Done,
    /// The core has to be called.
    Core,
    /// Not possible: the caller owns the gate that it locks, does not own the one that it unlocks, or the semaphore is
    /// at its end.
    Refused,
}

/// Whether a thread owns a gate.
///
/// Relaxed: only the thread itself makes the answer true, and only it makes it false again.
pub(crate) fn owns(owner: &impl Word, me: u32) -> bool {
    owner.load(Ordering::Relaxed) & EVL_GATE_OWNER_MASK == me
}

/// Takes a free gate.
pub(crate) fn lock(owner: &impl Word, me: u32) -> Step {
    match owner.replace(0, me, Ordering::Acquire) {
        Ok(()) => Step::Done,
        Err(found) if found & EVL_GATE_OWNER_MASK == me => Step::Refused,
        Err(_) => Step::Core,
    }
}

/// Releases a gate that nobody waits for.
pub(crate) fn unlock(owner: &impl Word, me: u32) -> Step {
    match owner.replace(me, 0, Ordering::Release) {
        Ok(()) => Step::Done,
        Err(found) if found & EVL_GATE_OWNER_MASK == me => Step::Core,
        Err(_) => Step::Refused,
    }
}

/// Takes a free gate with a ceiling, which the core puts in force when the caller is preempted or calls it. `pending` is
/// where the core then looks for the handle of the gate.
///
/// There is room for one: who owns another such gate calls the core.
pub(crate) fn lock_ceiling(owner: &impl Word, pending: &impl Word, me: u32, gate: u32) -> Step {
    // Relaxed: the caller alone writes it, and the core reads it on the caller's CPU, or while the caller does not run.
    if pending.load(Ordering::Relaxed) != 0 {
        return if owns(owner, me) {
            Step::Refused
        } else {
            Step::Core
        };
    }
    // First this, then the gate: there must be no time at which the gate is owned and the core does not know. The
    // release ordering keeps the compiler from delaying it; the CPU shows its own stores in order to who interrupts it.
    pending.store(gate, Ordering::Release);
    let step = lock(owner, me);
    if step != Step::Done {
        pending.store(0, Ordering::Release);
    }
    step
}

/// Releases a gate with a ceiling that nobody waits for, and whose ceiling is not in force.
pub(crate) fn unlock_ceiling(owner: &impl Word, pending: &impl Word, me: u32, gate: u32) -> Step {
    let step = unlock(owner, me);
    // Afterwards: the core may look in between, and finds that the caller does not own the gate. If the core is to
    // release it, it needs no hint any more.
    if step != Step::Refused && pending.load(Ordering::Relaxed) == gate {
        pending.store(0, Ordering::Release);
    }
    step
}

/// Takes a unit of a semaphore.
pub(crate) fn get(value: &impl Word) -> Step {
    let mut found = value.load(Ordering::Relaxed);
    // Each turn but the last means that another caller got or put a unit: the system makes progress.
    while found as i32 > 0 {
        match value.replace(found, found - 1, Ordering::Acquire) {
            Ok(()) => return Step::Done,
            Err(other) => found = other,
        }
    }
    Step::Core
}

/// Returns a unit to a semaphore.
///
/// If `pollrefs`, its users of poll sets, is not 0, the core has to tell them. A user who comes while this looks sees the
/// unit: the core looks at the value after it has counted itself.
pub(crate) fn put(value: &impl Word, pollrefs: &impl Word) -> Step {
    let mut found = value.load(Ordering::Relaxed);
    while found as i32 >= 0 && pollrefs.load(Ordering::Acquire) == 0 {
        if found as i32 == i32::MAX {
            return Step::Refused;
        }
        match value.replace(found, found + 1, Ordering::Release) {
            Ok(()) => return Step::Done,
            Err(other) => found = other,
        }
    }
    Step::Core
}

#[cfg(test)]
mod tests {
    use super::*;
    use evl_sys::{EVL_GATE_CEILING, EVL_GATE_CLAIMED};

    const ME: u32 = 5;
    const OTHER: u32 = 6;
    const GATE: u32 = 9;

    fn word(value: u32) -> AtomicU32 {
        AtomicU32::new(value)
    }

    #[test]
    fn a_gate_is_taken_and_released_only_without_bits() {
        for (found, lock_step, unlock_step) in [
            (0, Step::Done, Step::Refused),
            (ME, Step::Refused, Step::Done),
            (ME | EVL_GATE_CLAIMED, Step::Refused, Step::Core),
            (ME | EVL_GATE_CEILING, Step::Refused, Step::Core),
            (OTHER, Step::Core, Step::Refused),
            (OTHER | EVL_GATE_CLAIMED, Step::Core, Step::Refused),
            (EVL_GATE_CLAIMED, Step::Core, Step::Refused),
        ] {
            let owner = word(found);
            assert_eq!(lock(&owner, ME), lock_step, "lock {found:#x}");
            let expected = if found == 0 { ME } else { found };
            assert_eq!(owner.into_inner(), expected);
            let owner = word(found);
            assert_eq!(unlock(&owner, ME), unlock_step, "unlock {found:#x}");
            let expected = if found == ME { 0 } else { found };
            assert_eq!(owner.into_inner(), expected);
        }
    }

    #[test]
    fn one_ceiling_is_pending_at_a_time() {
        let (owner, pending) = (word(0), word(0));
        assert_eq!(lock_ceiling(&owner, &pending, ME, GATE), Step::Done);
        assert_eq!(pending.load(Ordering::Relaxed), GATE);
        assert_eq!(lock_ceiling(&owner, &pending, ME, GATE), Step::Refused);
        let second = word(0);
        assert_eq!(lock_ceiling(&second, &pending, ME, GATE + 1), Step::Core);
        assert_eq!(pending.load(Ordering::Relaxed), GATE);
        // The second one, which the core took, leaves the first one's hint.
        second.store(ME | EVL_GATE_CEILING, Ordering::Relaxed);
        assert_eq!(unlock_ceiling(&second, &pending, ME, GATE + 1), Step::Core);
        assert_eq!(pending.load(Ordering::Relaxed), GATE);
        assert_eq!(unlock_ceiling(&owner, &pending, ME, GATE), Step::Done);
        assert_eq!(pending.load(Ordering::Relaxed), 0);
        let taken = word(OTHER);
        assert_eq!(lock_ceiling(&taken, &pending, ME, GATE), Step::Core);
        assert_eq!(pending.load(Ordering::Relaxed), 0);
    }

    /// An owner word, which looks at what is pending whenever it is about to change: the core may do so then.
    struct Watched<'a>(AtomicU32, &'a AtomicU32);

    impl Word for Watched<'_> {
        fn load(&self, order: Ordering) -> u32 {
            Word::load(&self.0, order)
        }

        fn store(&self, value: u32, order: Ordering) {
            Word::store(&self.0, value, order);
        }

        fn replace(&self, from: u32, to: u32, success: Ordering) -> Result<(), u32> {
            assert_eq!(self.1.load(Ordering::Relaxed), GATE);
            self.0.replace(from, to, success)
        }
    }

    #[test]
    fn a_ceiling_is_pending_as_long_as_its_gate_is_owned() {
        let pending = word(0);
        let owner = Watched(word(0), &pending);
        assert_eq!(lock_ceiling(&owner, &pending, ME, GATE), Step::Done);
        assert_eq!(unlock_ceiling(&owner, &pending, ME, GATE), Step::Done);
        assert_eq!(pending.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn units_move_between_values_that_are_not_negative() {
        for (found, get_step, put_step) in [
            (0, Step::Core, Step::Done),
            (1, Step::Done, Step::Done),
            (i32::MAX, Step::Done, Step::Refused),
            (-1, Step::Core, Step::Core),
            (i32::MIN, Step::Core, Step::Core),
        ] {
            let value = word(found as u32);
            assert_eq!(get(&value), get_step, "get {found}");
            let taken = i32::from(get_step == Step::Done);
            assert_eq!(value.into_inner() as i32, found - taken);
            let value = word(found as u32);
            assert_eq!(put(&value, &word(0)), put_step, "put {found}");
            let added = i32::from(put_step == Step::Done);
            assert_eq!(value.into_inner() as i32, found + added);
            let value = word(found as u32);
            assert_eq!(put(&value, &word(1)), Step::Core, "polled");
        }
    }
}
