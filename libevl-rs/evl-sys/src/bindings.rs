// SPDX-License-Identifier: MIT OR Apache-2.0
// Generated from kernel-evl/uapi/evl by `cargo xtask bindgen`. Do not edit.
use crate::ctypes::*;

#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct __BindgenBitfieldUnit<Storage> {
    storage: Storage,
}
impl<Storage> __BindgenBitfieldUnit<Storage> {
    #[inline]
    pub const fn new(storage: Storage) -> Self {
        Self { storage }
    }
}
impl<Storage> __BindgenBitfieldUnit<Storage>
where
    Storage: AsRef<[u8]> + AsMut<[u8]>,
{
    #[inline]
    fn extract_bit(byte: u8, index: usize) -> bool {
        let bit_index = if cfg!(target_endian = "big") {
            7 - (index % 8)
        } else {
            index % 8
        };
        let mask = 1 << bit_index;
        byte & mask == mask
    }
    #[inline]
    pub fn get_bit(&self, index: usize) -> bool {
        debug_assert!(index / 8 < self.storage.as_ref().len());
        let byte_index = index / 8;
        let byte = self.storage.as_ref()[byte_index];
        Self::extract_bit(byte, index)
    }
    #[inline]
    pub unsafe fn raw_get_bit(this: *const Self, index: usize) -> bool {
        debug_assert!(index / 8 < core::mem::size_of::<Storage>());
        let byte_index = index / 8;
        let byte = unsafe {
            *(core::ptr::addr_of!((*this).storage) as *const u8)
                .offset(byte_index as isize)
        };
        Self::extract_bit(byte, index)
    }
    #[inline]
    fn change_bit(byte: u8, index: usize, val: bool) -> u8 {
        let bit_index = if cfg!(target_endian = "big") {
            7 - (index % 8)
        } else {
            index % 8
        };
        let mask = 1 << bit_index;
        if val { byte | mask } else { byte & !mask }
    }
    #[inline]
    pub fn set_bit(&mut self, index: usize, val: bool) {
        debug_assert!(index / 8 < self.storage.as_ref().len());
        let byte_index = index / 8;
        let byte = &mut self.storage.as_mut()[byte_index];
        *byte = Self::change_bit(*byte, index, val);
    }
    #[inline]
    pub unsafe fn raw_set_bit(this: *mut Self, index: usize, val: bool) {
        debug_assert!(index / 8 < core::mem::size_of::<Storage>());
        let byte_index = index / 8;
        let byte = unsafe {
            (core::ptr::addr_of_mut!((*this).storage) as *mut u8)
                .offset(byte_index as isize)
        };
        unsafe { *byte = Self::change_bit(*byte, index, val) };
    }
    #[inline]
    pub fn get(&self, bit_offset: usize, bit_width: u8) -> u64 {
        debug_assert!(bit_width <= 64);
        debug_assert!(bit_offset / 8 < self.storage.as_ref().len());
        debug_assert!(
            (bit_offset + (bit_width as usize)) / 8 <= self.storage.as_ref().len(),
        );
        let mut val = 0;
        for i in 0..(bit_width as usize) {
            if self.get_bit(i + bit_offset) {
                let index = if cfg!(target_endian = "big") {
                    bit_width as usize - 1 - i
                } else {
                    i
                };
                val |= 1 << index;
            }
        }
        val
    }
    #[inline]
    pub unsafe fn raw_get(this: *const Self, bit_offset: usize, bit_width: u8) -> u64 {
        debug_assert!(bit_width <= 64);
        debug_assert!(bit_offset / 8 < core::mem::size_of::<Storage>());
        debug_assert!(
            (bit_offset + (bit_width as usize)) / 8 <= core::mem::size_of::<Storage>(),
        );
        let mut val = 0;
        for i in 0..(bit_width as usize) {
            if unsafe { Self::raw_get_bit(this, i + bit_offset) } {
                let index = if cfg!(target_endian = "big") {
                    bit_width as usize - 1 - i
                } else {
                    i
                };
                val |= 1 << index;
            }
        }
        val
    }
    #[inline]
    pub fn set(&mut self, bit_offset: usize, bit_width: u8, val: u64) {
        debug_assert!(bit_width <= 64);
        debug_assert!(bit_offset / 8 < self.storage.as_ref().len());
        debug_assert!(
            (bit_offset + (bit_width as usize)) / 8 <= self.storage.as_ref().len(),
        );
        for i in 0..(bit_width as usize) {
            let mask = 1 << i;
            let val_bit_is_set = val & mask == mask;
            let index = if cfg!(target_endian = "big") {
                bit_width as usize - 1 - i
            } else {
                i
            };
            self.set_bit(index + bit_offset, val_bit_is_set);
        }
    }
    #[inline]
    pub unsafe fn raw_set(this: *mut Self, bit_offset: usize, bit_width: u8, val: u64) {
        debug_assert!(bit_width <= 64);
        debug_assert!(bit_offset / 8 < core::mem::size_of::<Storage>());
        debug_assert!(
            (bit_offset + (bit_width as usize)) / 8 <= core::mem::size_of::<Storage>(),
        );
        for i in 0..(bit_width as usize) {
            let mask = 1 << i;
            let val_bit_is_set = val & mask == mask;
            let index = if cfg!(target_endian = "big") {
                bit_width as usize - 1 - i
            } else {
                i
            };
            unsafe { Self::raw_set_bit(this, index + bit_offset, val_bit_is_set) };
        }
    }
}
#[repr(C)]
#[derive(Default)]
pub struct __IncompleteArrayField<T>(::core::marker::PhantomData<T>, [T; 0]);
impl<T> __IncompleteArrayField<T> {
    #[inline]
    pub const fn new() -> Self {
        __IncompleteArrayField(::core::marker::PhantomData, [])
    }
    #[inline]
    pub fn as_ptr(&self) -> *const T {
        self as *const _ as *const T
    }
    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self as *mut _ as *mut T
    }
    #[inline]
    pub unsafe fn as_slice(&self, len: usize) -> &[T] {
        unsafe { ::core::slice::from_raw_parts(self.as_ptr(), len) }
    }
    #[inline]
    pub unsafe fn as_mut_slice(&mut self, len: usize) -> &mut [T] {
        unsafe { ::core::slice::from_raw_parts_mut(self.as_mut_ptr(), len) }
    }
}
impl<T> ::core::fmt::Debug for __IncompleteArrayField<T> {
    fn fmt(&self, fmt: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        fmt.write_str("__IncompleteArrayField")
    }
}
#[repr(C)]
pub struct __BindgenUnionField<T>(::core::marker::PhantomData<T>);
impl<T> __BindgenUnionField<T> {
    #[inline]
    pub const fn new() -> Self {
        __BindgenUnionField(::core::marker::PhantomData)
    }
    #[inline]
    pub unsafe fn as_ref(&self) -> &T {
        unsafe { ::core::mem::transmute(self) }
    }
    #[inline]
    pub unsafe fn as_mut(&mut self) -> &mut T {
        unsafe { ::core::mem::transmute(self) }
    }
}
impl<T> ::core::default::Default for __BindgenUnionField<T> {
    #[inline]
    fn default() -> Self {
        Self::new()
    }
}
impl<T> ::core::clone::Clone for __BindgenUnionField<T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> ::core::marker::Copy for __BindgenUnionField<T> {}
impl<T> ::core::fmt::Debug for __BindgenUnionField<T> {
    fn fmt(&self, fmt: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        fmt.write_str("__BindgenUnionField")
    }
}
impl<T> ::core::hash::Hash for __BindgenUnionField<T> {
    fn hash<H: ::core::hash::Hasher>(&self, _state: &mut H) {}
}
impl<T> ::core::cmp::PartialEq for __BindgenUnionField<T> {
    fn eq(&self, _other: &__BindgenUnionField<T>) -> bool {
        true
    }
}
impl<T> ::core::cmp::Eq for __BindgenUnionField<T> {}
pub const EVL_NO_HANDLE: u32 = 0;
pub const EVL_CLOCK_MONOTONIC: i32 = -1;
pub const EVL_CLOCK_REALTIME: i32 = 0;
pub const EVL_CLOCK_MONOTONIC_DEV: &::core::ffi::CStr = c"monotonic";
pub const EVL_CLOCK_REALTIME_DEV: &::core::ffi::CStr = c"realtime";
pub const EVL_CLOCK_IOCBASE: u8 = 99u8;
pub const EVL_ABI_BASE: u32 = 36;
pub const EVL_ABI_LEVEL: u32 = 36;
pub const EVL_CONTROL_DEV: &::core::ffi::CStr = c"/dev/evl/control";
pub const EVL_CPU_OOB: u32 = 1;
pub const EVL_CPU_ISOL: u32 = 2;
pub const EVL_CPU_OFFLINE: u32 = 4;
pub const EVL_CONTROL_IOCBASE: u8 = 67u8;
pub const EVL_HECTIC_OOB_WAIT: u32 = 65536;
pub const EVL_HECTIC_IOCBASE: u8 = 72u8;
pub const EVL_LAT_IRQ: u32 = 0;
pub const EVL_LAT_KERN: u32 = 1;
pub const EVL_LAT_USER: u32 = 2;
pub const EVL_LAT_SIRQ: u32 = 3;
pub const EVL_LATMUS_IOCBASE: u8 = 76u8;
pub const EVL_CLOCK_DEV: &::core::ffi::CStr = c"clock";
pub const EVL_MONITOR_DEV: &::core::ffi::CStr = c"monitor";
pub const EVL_OBSERVABLE_DEV: &::core::ffi::CStr = c"observable";
pub const EVL_PROXY_DEV: &::core::ffi::CStr = c"proxy";
pub const EVL_THREAD_DEV: &::core::ffi::CStr = c"thread";
pub const EVL_XBUF_DEV: &::core::ffi::CStr = c"xbuf";
pub const EVL_POLL_DEV: &::core::ffi::CStr = c"poll";
pub const EVL_TRACE_DEV: &::core::ffi::CStr = c"trace";
pub const EVL_CLONE_PRIVATE: u32 = 0;
pub const EVL_CLONE_PUBLIC: u32 = 65536;
pub const EVL_CLONE_OBSERVABLE: u32 = 131072;
pub const EVL_CLONE_NONBLOCK: u32 = 262144;
pub const EVL_CLONE_UNICAST: u32 = 524288;
pub const EVL_CLONE_MASTER: u32 = 524288;
pub const EVL_CLONE_INPUT: u32 = 1048576;
pub const EVL_CLONE_OUTPUT: u32 = 2097152;
pub const EVL_CLONE_COREDEV: u32 = 2147483648;
pub const EVL_CLONE_MASK: u32 = 4294901760;
pub const EVL_ELEMENT_IOCBASE: u8 = 102u8;
pub const EVL_MONITOR_EVENT: u32 = 0;
pub const EVL_MONITOR_GATE: u32 = 1;
pub const EVL_GATE_PI: u32 = 0;
pub const EVL_GATE_PP: u32 = 1;
pub const EVL_EVENT_GATED: u32 = 0;
pub const EVL_EVENT_COUNT: u32 = 1;
pub const EVL_EVENT_MASK: u32 = 2;
pub const EVL_MONITOR_SIGNALED: u32 = 1;
pub const EVL_MONITOR_BROADCAST: u32 = 2;
pub const EVL_MONITOR_TARGETED: u32 = 4;
pub const EVL_GATE_CLAIMED: u32 = 2147483648;
pub const EVL_GATE_CEILING: u32 = 1073741824;
pub const EVL_GATE_OWNER_MASK: u32 = 1073741823;
pub const EVL_MONITOR_NOGATE: u32 = 4294967295;
pub const EVL_MONITOR_IOCBASE: u8 = 109u8;
pub const EVL_NETDEV_IOCBASE: u32 = 239;
pub const EVL_SOCKET_IOCBASE: u32 = 238;
pub const EVL_NOTICE_USER: u32 = 64;
pub const EVL_NOTIFY_ALWAYS: u32 = 0;
pub const EVL_NOTIFY_ONCHANGE: u32 = 1;
pub const EVL_OBSERVABLE_IOCBASE: u8 = 111u8;
pub const EVL_POLL_CTL_ADD: u32 = 0;
pub const EVL_POLL_CTL_DEL: u32 = 1;
pub const EVL_POLL_CTL_MOD: u32 = 2;
pub const EVL_POLL_IOCBASE: u8 = 112u8;
pub const SCHED_WEAK: i32 = 43;
pub const SCHED_QUOTA: i32 = 44;
pub const SCHED_TP: i32 = 45;
pub const EVL_TP_IDLE: i32 = -1;
pub const EVL_HMDIAG_SIGDEMOTE: u32 = 1;
pub const EVL_HMDIAG_SYSDEMOTE: u32 = 2;
pub const EVL_HMDIAG_EXDEMOTE: u32 = 3;
pub const EVL_HMDIAG_WATCHDOG: u32 = 4;
pub const EVL_HMDIAG_LKDEPEND: u32 = 5;
pub const EVL_HMDIAG_LKIMBALANCE: u32 = 6;
pub const EVL_HMDIAG_LKSLEEP: u32 = 7;
pub const EVL_HMDIAG_STAGEX: u32 = 8;
pub const EVL_HMDIAG_OVERRUN: u32 = 9;
pub const EVL_SIGDEBUG_MARKER: u32 = 4241424384;
pub const EVL_SIGDEBUG_MARKER_MASK: u32 = 4294901760;
pub const EVL_SIGDEBUG_CAUSE_MASK: u32 = 255;
pub const PR_OOB_SYSCALL: u32 = 1330594371;
pub const EVL_SYSCALL_OOB_READ: u32 = 0;
pub const EVL_SYSCALL_OOB_WRITE: u32 = 1;
pub const EVL_SYSCALL_OOB_IOCTL: u32 = 2;
pub const EVL_NR_SYSCALLS: u32 = 3;
pub const EVL_T_SUSP: u32 = 1;
pub const EVL_T_PEND: u32 = 2;
pub const EVL_T_DELAY: u32 = 4;
pub const EVL_T_WAIT: u32 = 8;
pub const EVL_T_READY: u32 = 16;
pub const EVL_T_DORMANT: u32 = 32;
pub const EVL_T_ZOMBIE: u32 = 64;
pub const EVL_T_INBAND: u32 = 128;
pub const EVL_T_HALT: u32 = 256;
pub const EVL_T_BOOST: u32 = 512;
pub const EVL_T_PTSYNC: u32 = 1024;
pub const EVL_T_RRB: u32 = 2048;
pub const EVL_T_ROOT: u32 = 4096;
pub const EVL_T_WEAK: u32 = 8192;
pub const EVL_T_USER: u32 = 16384;
pub const EVL_T_WOSS: u32 = 32768;
pub const EVL_T_WOLI: u32 = 65536;
pub const EVL_T_WOSX: u32 = 131072;
pub const EVL_T_PTRACE: u32 = 262144;
pub const EVL_T_OBSERV: u32 = 524288;
pub const EVL_T_HMSIG: u32 = 1048576;
pub const EVL_T_HMOBS: u32 = 2097152;
pub const EVL_T_WOSO: u32 = 4194304;
pub const EVL_T_TIMEO: u32 = 1;
pub const EVL_T_RMID: u32 = 2;
pub const EVL_T_BREAK: u32 = 4;
pub const EVL_T_KICKED: u32 = 8;
pub const EVL_T_WCHAN: u32 = 16;
pub const EVL_T_CANCELD: u32 = 64;
pub const EVL_T_PIALERT: u32 = 128;
pub const EVL_T_SCHEDP: u32 = 256;
pub const EVL_T_BCAST: u32 = 512;
pub const EVL_T_SIGNAL: u32 = 1024;
pub const EVL_T_SXALERT: u32 = 2048;
pub const EVL_T_PTSIG: u32 = 4096;
pub const EVL_T_PTSTOP: u32 = 8192;
pub const EVL_T_PTJOIN: u32 = 16384;
pub const EVL_T_NOMEM: u32 = 32768;
pub const EVL_T_MODE_MASK: u32 = 7569408;
pub const EVL_THREAD_IOCBASE: u8 = 84u8;
pub const EVL_TIMERFD_IOCBASE: u8 = 116u8;
pub const EVL_TRACE_IOCBASE: u8 = 79u8;
pub type __kernel_time64_t = ::core::ffi::c_longlong;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct __kernel_timespec {
    pub tv_sec: __kernel_time64_t,
    pub tv_nsec: ::core::ffi::c_longlong,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of __kernel_timespec"][::core::mem::size_of::<__kernel_timespec>() - 16usize];
    [
        "Alignment of __kernel_timespec",
    ][::core::mem::align_of::<__kernel_timespec>() - 8usize];
    [
        "Offset of field: __kernel_timespec::tv_sec",
    ][::core::mem::offset_of!(__kernel_timespec, tv_sec) - 0usize];
    [
        "Offset of field: __kernel_timespec::tv_nsec",
    ][::core::mem::offset_of!(__kernel_timespec, tv_nsec) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct __kernel_itimerspec {
    pub it_interval: __kernel_timespec,
    pub it_value: __kernel_timespec,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of __kernel_itimerspec",
    ][::core::mem::size_of::<__kernel_itimerspec>() - 32usize];
    [
        "Alignment of __kernel_itimerspec",
    ][::core::mem::align_of::<__kernel_itimerspec>() - 8usize];
    [
        "Offset of field: __kernel_itimerspec::it_interval",
    ][::core::mem::offset_of!(__kernel_itimerspec, it_interval) - 0usize];
    [
        "Offset of field: __kernel_itimerspec::it_value",
    ][::core::mem::offset_of!(__kernel_itimerspec, it_value) - 16usize];
};
/** Handle of an element ("fast user-space handle"), unique in the
 system while the element lives. Zero is never a valid handle. The
 two topmost bits are not part of it: see the owner word of a gate,
 in monitor.h.*/
pub type fundle_t = __u32;
/// Opaque value which travels along with an event.
#[repr(C)]
#[derive(Copy, Clone)]
pub union evl_value {
    pub val: __s32,
    pub lval: __s64,
    pub ptr: *mut ::core::ffi::c_void,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_value"][::core::mem::size_of::<evl_value>() - 8usize];
    ["Alignment of evl_value"][::core::mem::align_of::<evl_value>() - 8usize];
    [
        "Offset of field: evl_value::val",
    ][::core::mem::offset_of!(evl_value, val) - 0usize];
    [
        "Offset of field: evl_value::lval",
    ][::core::mem::offset_of!(evl_value, lval) - 0usize];
    [
        "Offset of field: evl_value::ptr",
    ][::core::mem::offset_of!(evl_value, ptr) - 0usize];
};
impl Default for evl_value {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/// EVL_CTLIOC_GET_COREINFO
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_core_info {
    /// oldest revision served
    pub abi_base: __u32,
    /// newest revision served
    pub abi_current: __u32,
    /// arch-specific FPU feature word
    pub fpu_features: __u32,
    pub __pad: __u32,
    /// length of the shared heap, bytes
    pub shm_size: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_core_info"][::core::mem::size_of::<evl_core_info>() - 24usize];
    ["Alignment of evl_core_info"][::core::mem::align_of::<evl_core_info>() - 8usize];
    [
        "Offset of field: evl_core_info::abi_base",
    ][::core::mem::offset_of!(evl_core_info, abi_base) - 0usize];
    [
        "Offset of field: evl_core_info::abi_current",
    ][::core::mem::offset_of!(evl_core_info, abi_current) - 4usize];
    [
        "Offset of field: evl_core_info::fpu_features",
    ][::core::mem::offset_of!(evl_core_info, fpu_features) - 8usize];
    [
        "Offset of field: evl_core_info::__pad",
    ][::core::mem::offset_of!(evl_core_info, __pad) - 12usize];
    [
        "Offset of field: evl_core_info::shm_size",
    ][::core::mem::offset_of!(evl_core_info, shm_size) - 16usize];
};
/** EVL_CTLIOC_SCHEDCTL: control a scheduling policy on a CPU. param
 and info are union evl_sched_ctlparam and union evl_sched_ctlinfo,
 in sched.h.*/
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_sched_ctlreq {
    pub policy: __s32,
    pub cpu: __s32,
    pub param_ptr: __u64,
    pub info_ptr: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_sched_ctlreq"][::core::mem::size_of::<evl_sched_ctlreq>() - 24usize];
    [
        "Alignment of evl_sched_ctlreq",
    ][::core::mem::align_of::<evl_sched_ctlreq>() - 8usize];
    [
        "Offset of field: evl_sched_ctlreq::policy",
    ][::core::mem::offset_of!(evl_sched_ctlreq, policy) - 0usize];
    [
        "Offset of field: evl_sched_ctlreq::cpu",
    ][::core::mem::offset_of!(evl_sched_ctlreq, cpu) - 4usize];
    [
        "Offset of field: evl_sched_ctlreq::param_ptr",
    ][::core::mem::offset_of!(evl_sched_ctlreq, param_ptr) - 8usize];
    [
        "Offset of field: evl_sched_ctlreq::info_ptr",
    ][::core::mem::offset_of!(evl_sched_ctlreq, info_ptr) - 16usize];
};
/// EVL_CTLIOC_GET_CPUSTATE: state_ptr refers to a __u32, EVL_CPU_*.
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_cpu_state {
    pub cpu: __u32,
    pub __pad: __u32,
    pub state_ptr: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_cpu_state"][::core::mem::size_of::<evl_cpu_state>() - 16usize];
    ["Alignment of evl_cpu_state"][::core::mem::align_of::<evl_cpu_state>() - 8usize];
    [
        "Offset of field: evl_cpu_state::cpu",
    ][::core::mem::offset_of!(evl_cpu_state, cpu) - 0usize];
    [
        "Offset of field: evl_cpu_state::__pad",
    ][::core::mem::offset_of!(evl_cpu_state, __pad) - 4usize];
    [
        "Offset of field: evl_cpu_state::state_ptr",
    ][::core::mem::offset_of!(evl_cpu_state, state_ptr) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct hectic_task_index {
    pub index: __u32,
    pub flags: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of hectic_task_index"][::core::mem::size_of::<hectic_task_index>() - 8usize];
    [
        "Alignment of hectic_task_index",
    ][::core::mem::align_of::<hectic_task_index>() - 4usize];
    [
        "Offset of field: hectic_task_index::index",
    ][::core::mem::offset_of!(hectic_task_index, index) - 0usize];
    [
        "Offset of field: hectic_task_index::flags",
    ][::core::mem::offset_of!(hectic_task_index, flags) - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct hectic_switch_req {
    pub from: __u32,
    pub to: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of hectic_switch_req"][::core::mem::size_of::<hectic_switch_req>() - 8usize];
    [
        "Alignment of hectic_switch_req",
    ][::core::mem::align_of::<hectic_switch_req>() - 4usize];
    [
        "Offset of field: hectic_switch_req::from",
    ][::core::mem::offset_of!(hectic_switch_req, from) - 0usize];
    [
        "Offset of field: hectic_switch_req::to",
    ][::core::mem::offset_of!(hectic_switch_req, to) - 4usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct hectic_error {
    pub last_switch: hectic_switch_req,
    /// FPU register value which was found wrong
    pub fp_val: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of hectic_error"][::core::mem::size_of::<hectic_error>() - 12usize];
    ["Alignment of hectic_error"][::core::mem::align_of::<hectic_error>() - 4usize];
    [
        "Offset of field: hectic_error::last_switch",
    ][::core::mem::offset_of!(hectic_error, last_switch) - 0usize];
    [
        "Offset of field: hectic_error::fp_val",
    ][::core::mem::offset_of!(hectic_error, fp_val) - 8usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct latmus_measure_args {
    /// cross buffer which receives measurements
    pub xfd: __u32,
    /// cells of the histogram
    pub hcells: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of latmus_measure_args",
    ][::core::mem::size_of::<latmus_measure_args>() - 8usize];
    [
        "Alignment of latmus_measure_args",
    ][::core::mem::align_of::<latmus_measure_args>() - 4usize];
    [
        "Offset of field: latmus_measure_args::xfd",
    ][::core::mem::offset_of!(latmus_measure_args, xfd) - 0usize];
    [
        "Offset of field: latmus_measure_args::hcells",
    ][::core::mem::offset_of!(latmus_measure_args, hcells) - 4usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union latmus_setup_args {
    /// EVL_LATIOC_TUNE
    pub verbosity: __u32,
    /// EVL_LATIOC_MEASURE
    pub measure: latmus_measure_args,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of latmus_setup_args"][::core::mem::size_of::<latmus_setup_args>() - 8usize];
    [
        "Alignment of latmus_setup_args",
    ][::core::mem::align_of::<latmus_setup_args>() - 4usize];
    [
        "Offset of field: latmus_setup_args::verbosity",
    ][::core::mem::offset_of!(latmus_setup_args, verbosity) - 0usize];
    [
        "Offset of field: latmus_setup_args::measure",
    ][::core::mem::offset_of!(latmus_setup_args, measure) - 0usize];
};
impl Default for latmus_setup_args {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/// EVL_LATIOC_TUNE, EVL_LATIOC_MEASURE
#[repr(C)]
#[derive(Copy, Clone)]
pub struct latmus_setup {
    pub type_: __u32,
    pub __pad: __u32,
    pub period: __u64,
    pub priority: __s32,
    pub cpu: __u32,
    pub u: latmus_setup_args,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of latmus_setup"][::core::mem::size_of::<latmus_setup>() - 32usize];
    ["Alignment of latmus_setup"][::core::mem::align_of::<latmus_setup>() - 8usize];
    [
        "Offset of field: latmus_setup::type_",
    ][::core::mem::offset_of!(latmus_setup, type_) - 0usize];
    [
        "Offset of field: latmus_setup::__pad",
    ][::core::mem::offset_of!(latmus_setup, __pad) - 4usize];
    [
        "Offset of field: latmus_setup::period",
    ][::core::mem::offset_of!(latmus_setup, period) - 8usize];
    [
        "Offset of field: latmus_setup::priority",
    ][::core::mem::offset_of!(latmus_setup, priority) - 16usize];
    [
        "Offset of field: latmus_setup::cpu",
    ][::core::mem::offset_of!(latmus_setup, cpu) - 20usize];
    [
        "Offset of field: latmus_setup::u",
    ][::core::mem::offset_of!(latmus_setup, u) - 24usize];
};
impl Default for latmus_setup {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/// One second of samples.
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct latmus_measurement {
    pub sum: __s64,
    pub min: __s32,
    pub max: __s32,
    pub overruns: __u32,
    pub samples: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of latmus_measurement",
    ][::core::mem::size_of::<latmus_measurement>() - 24usize];
    [
        "Alignment of latmus_measurement",
    ][::core::mem::align_of::<latmus_measurement>() - 8usize];
    [
        "Offset of field: latmus_measurement::sum",
    ][::core::mem::offset_of!(latmus_measurement, sum) - 0usize];
    [
        "Offset of field: latmus_measurement::min",
    ][::core::mem::offset_of!(latmus_measurement, min) - 8usize];
    [
        "Offset of field: latmus_measurement::max",
    ][::core::mem::offset_of!(latmus_measurement, max) - 12usize];
    [
        "Offset of field: latmus_measurement::overruns",
    ][::core::mem::offset_of!(latmus_measurement, overruns) - 16usize];
    [
        "Offset of field: latmus_measurement::samples",
    ][::core::mem::offset_of!(latmus_measurement, samples) - 20usize];
};
/// What latmus_result.data_ptr refers to, after EVL_LATIOC_MEASURE.
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct latmus_measurement_result {
    /// struct latmus_measurement
    pub last_ptr: __u64,
    /// __s32 cells
    pub histogram_ptr: __u64,
    /// length of the histogram, bytes
    pub len: __u32,
    pub __pad: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of latmus_measurement_result",
    ][::core::mem::size_of::<latmus_measurement_result>() - 24usize];
    [
        "Alignment of latmus_measurement_result",
    ][::core::mem::align_of::<latmus_measurement_result>() - 8usize];
    [
        "Offset of field: latmus_measurement_result::last_ptr",
    ][::core::mem::offset_of!(latmus_measurement_result, last_ptr) - 0usize];
    [
        "Offset of field: latmus_measurement_result::histogram_ptr",
    ][::core::mem::offset_of!(latmus_measurement_result, histogram_ptr) - 8usize];
    [
        "Offset of field: latmus_measurement_result::len",
    ][::core::mem::offset_of!(latmus_measurement_result, len) - 16usize];
    [
        "Offset of field: latmus_measurement_result::__pad",
    ][::core::mem::offset_of!(latmus_measurement_result, __pad) - 20usize];
};
/// EVL_LATIOC_RUN
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct latmus_result {
    pub data_ptr: __u64,
    /// bytes at data_ptr
    pub len: __u32,
    pub __pad: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of latmus_result"][::core::mem::size_of::<latmus_result>() - 16usize];
    ["Alignment of latmus_result"][::core::mem::align_of::<latmus_result>() - 8usize];
    [
        "Offset of field: latmus_result::data_ptr",
    ][::core::mem::offset_of!(latmus_result, data_ptr) - 0usize];
    [
        "Offset of field: latmus_result::len",
    ][::core::mem::offset_of!(latmus_result, len) - 8usize];
    [
        "Offset of field: latmus_result::__pad",
    ][::core::mem::offset_of!(latmus_result, __pad) - 12usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_element_ids {
    /// device minor in the class
    pub minor: __u32,
    pub fundle: fundle_t,
    /// shared state, from the start of the shared heap
    pub state_offset: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_element_ids"][::core::mem::size_of::<evl_element_ids>() - 12usize];
    [
        "Alignment of evl_element_ids",
    ][::core::mem::align_of::<evl_element_ids>() - 4usize];
    [
        "Offset of field: evl_element_ids::minor",
    ][::core::mem::offset_of!(evl_element_ids, minor) - 0usize];
    [
        "Offset of field: evl_element_ids::fundle",
    ][::core::mem::offset_of!(evl_element_ids, fundle) - 4usize];
    [
        "Offset of field: evl_element_ids::state_offset",
    ][::core::mem::offset_of!(evl_element_ids, state_offset) - 8usize];
};
/** EVL_IOC_CLONE. A name is a NUL-terminated string, unique in the
 class; a null name_ptr, for private elements only, asks the core
 for one. attrs_ptr refers to the attributes of the class, if any.*/
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_clone_req {
    pub name_ptr: __u64,
    pub attrs_ptr: __u64,
    pub clone_flags: __u32,
    /// out
    pub eids: evl_element_ids,
    /// out, private elements
    pub efd: __u32,
    pub __pad: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_clone_req"][::core::mem::size_of::<evl_clone_req>() - 40usize];
    ["Alignment of evl_clone_req"][::core::mem::align_of::<evl_clone_req>() - 8usize];
    [
        "Offset of field: evl_clone_req::name_ptr",
    ][::core::mem::offset_of!(evl_clone_req, name_ptr) - 0usize];
    [
        "Offset of field: evl_clone_req::attrs_ptr",
    ][::core::mem::offset_of!(evl_clone_req, attrs_ptr) - 8usize];
    [
        "Offset of field: evl_clone_req::clone_flags",
    ][::core::mem::offset_of!(evl_clone_req, clone_flags) - 16usize];
    [
        "Offset of field: evl_clone_req::eids",
    ][::core::mem::offset_of!(evl_clone_req, eids) - 20usize];
    [
        "Offset of field: evl_clone_req::efd",
    ][::core::mem::offset_of!(evl_clone_req, efd) - 32usize];
    [
        "Offset of field: evl_clone_req::__pad",
    ][::core::mem::offset_of!(evl_clone_req, __pad) - 36usize];
};
/// Creation attributes (evl_clone_req.attrs_ptr).
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_monitor_attrs {
    /// fd, or EVL_CLOCK_*
    pub clockfd: __u32,
    pub _bitfield_align_1: [u8; 0],
    pub _bitfield_1: __BindgenBitfieldUnit<[u8; 1usize]>,
    pub initval: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_monitor_attrs"][::core::mem::size_of::<evl_monitor_attrs>() - 12usize];
    [
        "Alignment of evl_monitor_attrs",
    ][::core::mem::align_of::<evl_monitor_attrs>() - 4usize];
    [
        "Offset of field: evl_monitor_attrs::clockfd",
    ][::core::mem::offset_of!(evl_monitor_attrs, clockfd) - 0usize];
    [
        "Offset of field: evl_monitor_attrs::initval",
    ][::core::mem::offset_of!(evl_monitor_attrs, initval) - 8usize];
};
impl evl_monitor_attrs {
    #[inline]
    pub fn type_(&self) -> __u32 {
        unsafe { ::core::mem::transmute(self._bitfield_1.get(0usize, 2u8) as u32) }
    }
    #[inline]
    pub fn set_type(&mut self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            self._bitfield_1.set(0usize, 2u8, val as u64)
        }
    }
    #[inline]
    pub unsafe fn type__raw(this: *const Self) -> __u32 {
        unsafe {
            ::core::mem::transmute(
                <__BindgenBitfieldUnit<
                    [u8; 1usize],
                >>::raw_get(::core::ptr::addr_of!((*this)._bitfield_1), 0usize, 2u8)
                    as u32,
            )
        }
    }
    #[inline]
    pub unsafe fn set_type_raw(this: *mut Self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            <__BindgenBitfieldUnit<
                [u8; 1usize],
            >>::raw_set(
                ::core::ptr::addr_of_mut!((*this)._bitfield_1),
                0usize,
                2u8,
                val as u64,
            )
        }
    }
    #[inline]
    pub fn protocol(&self) -> __u32 {
        unsafe { ::core::mem::transmute(self._bitfield_1.get(2usize, 4u8) as u32) }
    }
    #[inline]
    pub fn set_protocol(&mut self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            self._bitfield_1.set(2usize, 4u8, val as u64)
        }
    }
    #[inline]
    pub unsafe fn protocol_raw(this: *const Self) -> __u32 {
        unsafe {
            ::core::mem::transmute(
                <__BindgenBitfieldUnit<
                    [u8; 1usize],
                >>::raw_get(::core::ptr::addr_of!((*this)._bitfield_1), 2usize, 4u8)
                    as u32,
            )
        }
    }
    #[inline]
    pub unsafe fn set_protocol_raw(this: *mut Self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            <__BindgenBitfieldUnit<
                [u8; 1usize],
            >>::raw_set(
                ::core::ptr::addr_of_mut!((*this)._bitfield_1),
                2usize,
                4u8,
                val as u64,
            )
        }
    }
    #[inline]
    pub fn new_bitfield_1(
        type_: __u32,
        protocol: __u32,
    ) -> __BindgenBitfieldUnit<[u8; 1usize]> {
        let mut __bindgen_bitfield_unit: __BindgenBitfieldUnit<[u8; 1usize]> = Default::default();
        __bindgen_bitfield_unit
            .set(
                0usize,
                2u8,
                {
                    let type_: u32 = unsafe { ::core::mem::transmute(type_) };
                    type_ as u64
                },
            );
        __bindgen_bitfield_unit
            .set(
                2usize,
                4u8,
                {
                    let protocol: u32 = unsafe { ::core::mem::transmute(protocol) };
                    protocol as u64
                },
            );
        __bindgen_bitfield_unit
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_gate_state {
    pub owner: fundle_t,
    /// 1..99
    pub ceiling: __u32,
    pub _bitfield_align_1: [u32; 0],
    pub _bitfield_1: __BindgenBitfieldUnit<[u8; 4usize]>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_gate_state"][::core::mem::size_of::<evl_gate_state>() - 12usize];
    ["Alignment of evl_gate_state"][::core::mem::align_of::<evl_gate_state>() - 4usize];
    [
        "Offset of field: evl_gate_state::owner",
    ][::core::mem::offset_of!(evl_gate_state, owner) - 0usize];
    [
        "Offset of field: evl_gate_state::ceiling",
    ][::core::mem::offset_of!(evl_gate_state, ceiling) - 4usize];
};
impl evl_gate_state {
    #[inline]
    pub fn recursive(&self) -> __u32 {
        unsafe { ::core::mem::transmute(self._bitfield_1.get(0usize, 1u8) as u32) }
    }
    #[inline]
    pub fn set_recursive(&mut self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            self._bitfield_1.set(0usize, 1u8, val as u64)
        }
    }
    #[inline]
    pub unsafe fn recursive_raw(this: *const Self) -> __u32 {
        unsafe {
            ::core::mem::transmute(
                <__BindgenBitfieldUnit<
                    [u8; 4usize],
                >>::raw_get(::core::ptr::addr_of!((*this)._bitfield_1), 0usize, 1u8)
                    as u32,
            )
        }
    }
    #[inline]
    pub unsafe fn set_recursive_raw(this: *mut Self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            <__BindgenBitfieldUnit<
                [u8; 4usize],
            >>::raw_set(
                ::core::ptr::addr_of_mut!((*this)._bitfield_1),
                0usize,
                1u8,
                val as u64,
            )
        }
    }
    #[inline]
    pub fn nesting(&self) -> __u32 {
        unsafe { ::core::mem::transmute(self._bitfield_1.get(1usize, 31u8) as u32) }
    }
    #[inline]
    pub fn set_nesting(&mut self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            self._bitfield_1.set(1usize, 31u8, val as u64)
        }
    }
    #[inline]
    pub unsafe fn nesting_raw(this: *const Self) -> __u32 {
        unsafe {
            ::core::mem::transmute(
                <__BindgenBitfieldUnit<
                    [u8; 4usize],
                >>::raw_get(::core::ptr::addr_of!((*this)._bitfield_1), 1usize, 31u8)
                    as u32,
            )
        }
    }
    #[inline]
    pub unsafe fn set_nesting_raw(this: *mut Self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            <__BindgenBitfieldUnit<
                [u8; 4usize],
            >>::raw_set(
                ::core::ptr::addr_of_mut!((*this)._bitfield_1),
                1usize,
                31u8,
                val as u64,
            )
        }
    }
    #[inline]
    pub fn new_bitfield_1(
        recursive: __u32,
        nesting: __u32,
    ) -> __BindgenBitfieldUnit<[u8; 4usize]> {
        let mut __bindgen_bitfield_unit: __BindgenBitfieldUnit<[u8; 4usize]> = Default::default();
        __bindgen_bitfield_unit
            .set(
                0usize,
                1u8,
                {
                    let recursive: u32 = unsafe { ::core::mem::transmute(recursive) };
                    recursive as u64
                },
            );
        __bindgen_bitfield_unit
            .set(
                1usize,
                31u8,
                {
                    let nesting: u32 = unsafe { ::core::mem::transmute(nesting) };
                    nesting as u64
                },
            );
        __bindgen_bitfield_unit
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_event_state {
    /// count: -(waiters) if negative
    pub value: __s32,
    /// count: users of poll
    pub pollrefs: __u32,
    /// gated: state of the gate
    pub gate_offset: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_event_state"][::core::mem::size_of::<evl_event_state>() - 12usize];
    [
        "Alignment of evl_event_state",
    ][::core::mem::align_of::<evl_event_state>() - 4usize];
    [
        "Offset of field: evl_event_state::value",
    ][::core::mem::offset_of!(evl_event_state, value) - 0usize];
    [
        "Offset of field: evl_event_state::pollrefs",
    ][::core::mem::offset_of!(evl_event_state, pollrefs) - 4usize];
    [
        "Offset of field: evl_event_state::gate_offset",
    ][::core::mem::offset_of!(evl_event_state, gate_offset) - 8usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union evl_monitor_substate {
    pub gate: evl_gate_state,
    pub event: evl_event_state,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of evl_monitor_substate",
    ][::core::mem::size_of::<evl_monitor_substate>() - 12usize];
    [
        "Alignment of evl_monitor_substate",
    ][::core::mem::align_of::<evl_monitor_substate>() - 4usize];
    [
        "Offset of field: evl_monitor_substate::gate",
    ][::core::mem::offset_of!(evl_monitor_substate, gate) - 0usize];
    [
        "Offset of field: evl_monitor_substate::event",
    ][::core::mem::offset_of!(evl_monitor_substate, event) - 0usize];
};
impl Default for evl_monitor_substate {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/** Shared state of a monitor, at evl_element_ids.state_offset. flags,
 owner and value change concurrently: access them atomically.*/
#[repr(C)]
#[derive(Copy, Clone)]
pub struct evl_monitor_state {
    pub flags: __u32,
    pub u: evl_monitor_substate,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_monitor_state"][::core::mem::size_of::<evl_monitor_state>() - 16usize];
    [
        "Alignment of evl_monitor_state",
    ][::core::mem::align_of::<evl_monitor_state>() - 4usize];
    [
        "Offset of field: evl_monitor_state::flags",
    ][::core::mem::offset_of!(evl_monitor_state, flags) - 0usize];
    [
        "Offset of field: evl_monitor_state::u",
    ][::core::mem::offset_of!(evl_monitor_state, u) - 4usize];
};
impl Default for evl_monitor_state {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/// EVL_MONIOC_WAIT, EVL_MONIOC_WAIT_EXACT
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_monitor_waitreq {
    /// absolute __kernel_timespec; 0/0 never expires
    pub timeout_ptr: __u64,
    /// gated events: the gate to drop, else -1
    pub gatefd: __s32,
    /// out: error of the wait, 0 or -errno
    pub status: __s32,
    /// mask: bits wanted in, bits received out
    pub value: __s32,
    pub __pad: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of evl_monitor_waitreq",
    ][::core::mem::size_of::<evl_monitor_waitreq>() - 24usize];
    [
        "Alignment of evl_monitor_waitreq",
    ][::core::mem::align_of::<evl_monitor_waitreq>() - 8usize];
    [
        "Offset of field: evl_monitor_waitreq::timeout_ptr",
    ][::core::mem::offset_of!(evl_monitor_waitreq, timeout_ptr) - 0usize];
    [
        "Offset of field: evl_monitor_waitreq::gatefd",
    ][::core::mem::offset_of!(evl_monitor_waitreq, gatefd) - 8usize];
    [
        "Offset of field: evl_monitor_waitreq::status",
    ][::core::mem::offset_of!(evl_monitor_waitreq, status) - 12usize];
    [
        "Offset of field: evl_monitor_waitreq::value",
    ][::core::mem::offset_of!(evl_monitor_waitreq, value) - 16usize];
    [
        "Offset of field: evl_monitor_waitreq::__pad",
    ][::core::mem::offset_of!(evl_monitor_waitreq, __pad) - 20usize];
};
/// EVL_MONIOC_BIND
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_monitor_binding {
    pub _bitfield_align_1: [u8; 0],
    pub _bitfield_1: __BindgenBitfieldUnit<[u8; 1usize]>,
    pub eids: evl_element_ids,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of evl_monitor_binding",
    ][::core::mem::size_of::<evl_monitor_binding>() - 16usize];
    [
        "Alignment of evl_monitor_binding",
    ][::core::mem::align_of::<evl_monitor_binding>() - 4usize];
    [
        "Offset of field: evl_monitor_binding::eids",
    ][::core::mem::offset_of!(evl_monitor_binding, eids) - 4usize];
};
impl evl_monitor_binding {
    #[inline]
    pub fn type_(&self) -> __u32 {
        unsafe { ::core::mem::transmute(self._bitfield_1.get(0usize, 2u8) as u32) }
    }
    #[inline]
    pub fn set_type(&mut self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            self._bitfield_1.set(0usize, 2u8, val as u64)
        }
    }
    #[inline]
    pub unsafe fn type__raw(this: *const Self) -> __u32 {
        unsafe {
            ::core::mem::transmute(
                <__BindgenBitfieldUnit<
                    [u8; 1usize],
                >>::raw_get(::core::ptr::addr_of!((*this)._bitfield_1), 0usize, 2u8)
                    as u32,
            )
        }
    }
    #[inline]
    pub unsafe fn set_type_raw(this: *mut Self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            <__BindgenBitfieldUnit<
                [u8; 1usize],
            >>::raw_set(
                ::core::ptr::addr_of_mut!((*this)._bitfield_1),
                0usize,
                2u8,
                val as u64,
            )
        }
    }
    #[inline]
    pub fn protocol(&self) -> __u32 {
        unsafe { ::core::mem::transmute(self._bitfield_1.get(2usize, 4u8) as u32) }
    }
    #[inline]
    pub fn set_protocol(&mut self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            self._bitfield_1.set(2usize, 4u8, val as u64)
        }
    }
    #[inline]
    pub unsafe fn protocol_raw(this: *const Self) -> __u32 {
        unsafe {
            ::core::mem::transmute(
                <__BindgenBitfieldUnit<
                    [u8; 1usize],
                >>::raw_get(::core::ptr::addr_of!((*this)._bitfield_1), 2usize, 4u8)
                    as u32,
            )
        }
    }
    #[inline]
    pub unsafe fn set_protocol_raw(this: *mut Self, val: __u32) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            <__BindgenBitfieldUnit<
                [u8; 1usize],
            >>::raw_set(
                ::core::ptr::addr_of_mut!((*this)._bitfield_1),
                2usize,
                4u8,
                val as u64,
            )
        }
    }
    #[inline]
    pub fn new_bitfield_1(
        type_: __u32,
        protocol: __u32,
    ) -> __BindgenBitfieldUnit<[u8; 1usize]> {
        let mut __bindgen_bitfield_unit: __BindgenBitfieldUnit<[u8; 1usize]> = Default::default();
        __bindgen_bitfield_unit
            .set(
                0usize,
                2u8,
                {
                    let type_: u32 = unsafe { ::core::mem::transmute(type_) };
                    type_ as u64
                },
            );
        __bindgen_bitfield_unit
            .set(
                2usize,
                4u8,
                {
                    let protocol: u32 = unsafe { ::core::mem::transmute(protocol) };
                    protocol as u64
                },
            );
        __bindgen_bitfield_unit
    }
}
/// EVL_NET_GETDEVFD
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_net_devfd {
    /// name of the interface, NUL-terminated
    pub name_ptr: __u64,
    /// out: the device
    pub fd: __u32,
    pub __pad: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_net_devfd"][::core::mem::size_of::<evl_net_devfd>() - 16usize];
    ["Alignment of evl_net_devfd"][::core::mem::align_of::<evl_net_devfd>() - 8usize];
    [
        "Offset of field: evl_net_devfd::name_ptr",
    ][::core::mem::offset_of!(evl_net_devfd, name_ptr) - 0usize];
    [
        "Offset of field: evl_net_devfd::fd",
    ][::core::mem::offset_of!(evl_net_devfd, fd) - 8usize];
    [
        "Offset of field: evl_net_devfd::__pad",
    ][::core::mem::offset_of!(evl_net_devfd, __pad) - 12usize];
};
/** EVL_SOCKIOC_SENDMSG, EVL_SOCKIOC_RECVMSG. Size and content follow the
 documentation of the interface, which is silent on the order of the
 members.*/
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_socket_msghdr {
    pub name_ptr: __u64,
    pub iov_ptr: __u64,
    pub ctl_ptr: __u64,
    pub namelen: __u32,
    pub iovlen: __u32,
    pub ctllen: __u32,
    /// out: bytes transferred
    pub count: __s32,
    pub flags: __u32,
    pub __pad: __u32,
    pub timeout: __kernel_timespec,
    /// out
    pub timestamp: __kernel_timespec,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_socket_msghdr"][::core::mem::size_of::<evl_socket_msghdr>() - 80usize];
    [
        "Alignment of evl_socket_msghdr",
    ][::core::mem::align_of::<evl_socket_msghdr>() - 8usize];
    [
        "Offset of field: evl_socket_msghdr::name_ptr",
    ][::core::mem::offset_of!(evl_socket_msghdr, name_ptr) - 0usize];
    [
        "Offset of field: evl_socket_msghdr::iov_ptr",
    ][::core::mem::offset_of!(evl_socket_msghdr, iov_ptr) - 8usize];
    [
        "Offset of field: evl_socket_msghdr::ctl_ptr",
    ][::core::mem::offset_of!(evl_socket_msghdr, ctl_ptr) - 16usize];
    [
        "Offset of field: evl_socket_msghdr::namelen",
    ][::core::mem::offset_of!(evl_socket_msghdr, namelen) - 24usize];
    [
        "Offset of field: evl_socket_msghdr::iovlen",
    ][::core::mem::offset_of!(evl_socket_msghdr, iovlen) - 28usize];
    [
        "Offset of field: evl_socket_msghdr::ctllen",
    ][::core::mem::offset_of!(evl_socket_msghdr, ctllen) - 32usize];
    [
        "Offset of field: evl_socket_msghdr::count",
    ][::core::mem::offset_of!(evl_socket_msghdr, count) - 36usize];
    [
        "Offset of field: evl_socket_msghdr::flags",
    ][::core::mem::offset_of!(evl_socket_msghdr, flags) - 40usize];
    [
        "Offset of field: evl_socket_msghdr::__pad",
    ][::core::mem::offset_of!(evl_socket_msghdr, __pad) - 44usize];
    [
        "Offset of field: evl_socket_msghdr::timeout",
    ][::core::mem::offset_of!(evl_socket_msghdr, timeout) - 48usize];
    [
        "Offset of field: evl_socket_msghdr::timestamp",
    ][::core::mem::offset_of!(evl_socket_msghdr, timestamp) - 64usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct evl_notice {
    pub tag: __u32,
    pub __pad: __u32,
    pub event: evl_value,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_notice"][::core::mem::size_of::<evl_notice>() - 16usize];
    ["Alignment of evl_notice"][::core::mem::align_of::<evl_notice>() - 8usize];
    [
        "Offset of field: evl_notice::tag",
    ][::core::mem::offset_of!(evl_notice, tag) - 0usize];
    [
        "Offset of field: evl_notice::__pad",
    ][::core::mem::offset_of!(evl_notice, __pad) - 4usize];
    [
        "Offset of field: evl_notice::event",
    ][::core::mem::offset_of!(evl_notice, event) - 8usize];
};
impl Default for evl_notice {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct evl_notification {
    pub tag: __u32,
    /// one more than that of the previous one
    pub serial: __u32,
    /// pid, 0 for the core
    pub issuer: __s32,
    pub __pad: __u32,
    pub event: evl_value,
    pub date: __kernel_timespec,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_notification"][::core::mem::size_of::<evl_notification>() - 40usize];
    [
        "Alignment of evl_notification",
    ][::core::mem::align_of::<evl_notification>() - 8usize];
    [
        "Offset of field: evl_notification::tag",
    ][::core::mem::offset_of!(evl_notification, tag) - 0usize];
    [
        "Offset of field: evl_notification::serial",
    ][::core::mem::offset_of!(evl_notification, serial) - 4usize];
    [
        "Offset of field: evl_notification::issuer",
    ][::core::mem::offset_of!(evl_notification, issuer) - 8usize];
    [
        "Offset of field: evl_notification::__pad",
    ][::core::mem::offset_of!(evl_notification, __pad) - 12usize];
    [
        "Offset of field: evl_notification::event",
    ][::core::mem::offset_of!(evl_notification, event) - 16usize];
    [
        "Offset of field: evl_notification::date",
    ][::core::mem::offset_of!(evl_notification, date) - 24usize];
};
impl Default for evl_notification {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/// EVL_OBSIOC_SUBSCRIBE
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_subscription {
    /// notifications kept for the subscriber
    pub backlog: __u32,
    pub flags: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_subscription"][::core::mem::size_of::<evl_subscription>() - 8usize];
    [
        "Alignment of evl_subscription",
    ][::core::mem::align_of::<evl_subscription>() - 4usize];
    [
        "Offset of field: evl_subscription::backlog",
    ][::core::mem::offset_of!(evl_subscription, backlog) - 0usize];
    [
        "Offset of field: evl_subscription::flags",
    ][::core::mem::offset_of!(evl_subscription, flags) - 4usize];
};
/// EVL_POLIOC_CTL
#[repr(C)]
#[derive(Copy, Clone)]
pub struct evl_poll_ctlreq {
    pub action: __u32,
    pub fd: __u32,
    /// bits of poll(2)
    pub events: __u32,
    pub __pad: __u32,
    /// returned along with each event
    pub pollval: evl_value,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_poll_ctlreq"][::core::mem::size_of::<evl_poll_ctlreq>() - 24usize];
    [
        "Alignment of evl_poll_ctlreq",
    ][::core::mem::align_of::<evl_poll_ctlreq>() - 8usize];
    [
        "Offset of field: evl_poll_ctlreq::action",
    ][::core::mem::offset_of!(evl_poll_ctlreq, action) - 0usize];
    [
        "Offset of field: evl_poll_ctlreq::fd",
    ][::core::mem::offset_of!(evl_poll_ctlreq, fd) - 4usize];
    [
        "Offset of field: evl_poll_ctlreq::events",
    ][::core::mem::offset_of!(evl_poll_ctlreq, events) - 8usize];
    [
        "Offset of field: evl_poll_ctlreq::__pad",
    ][::core::mem::offset_of!(evl_poll_ctlreq, __pad) - 12usize];
    [
        "Offset of field: evl_poll_ctlreq::pollval",
    ][::core::mem::offset_of!(evl_poll_ctlreq, pollval) - 16usize];
};
impl Default for evl_poll_ctlreq {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct evl_poll_event {
    pub fd: __u32,
    pub events: __u32,
    pub pollval: evl_value,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_poll_event"][::core::mem::size_of::<evl_poll_event>() - 16usize];
    ["Alignment of evl_poll_event"][::core::mem::align_of::<evl_poll_event>() - 8usize];
    [
        "Offset of field: evl_poll_event::fd",
    ][::core::mem::offset_of!(evl_poll_event, fd) - 0usize];
    [
        "Offset of field: evl_poll_event::events",
    ][::core::mem::offset_of!(evl_poll_event, events) - 4usize];
    [
        "Offset of field: evl_poll_event::pollval",
    ][::core::mem::offset_of!(evl_poll_event, pollval) - 8usize];
};
impl Default for evl_poll_event {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/// EVL_POLIOC_WAIT
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_poll_waitreq {
    /// absolute, monotonic __kernel_timespec; 0/0 never expires
    pub timeout_ptr: __u64,
    /// array of nrset struct evl_poll_event
    pub pollset_ptr: __u64,
    /// size in, events received out
    pub nrset: __s32,
    pub __pad: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_poll_waitreq"][::core::mem::size_of::<evl_poll_waitreq>() - 24usize];
    [
        "Alignment of evl_poll_waitreq",
    ][::core::mem::align_of::<evl_poll_waitreq>() - 8usize];
    [
        "Offset of field: evl_poll_waitreq::timeout_ptr",
    ][::core::mem::offset_of!(evl_poll_waitreq, timeout_ptr) - 0usize];
    [
        "Offset of field: evl_poll_waitreq::pollset_ptr",
    ][::core::mem::offset_of!(evl_poll_waitreq, pollset_ptr) - 8usize];
    [
        "Offset of field: evl_poll_waitreq::nrset",
    ][::core::mem::offset_of!(evl_poll_waitreq, nrset) - 16usize];
    [
        "Offset of field: evl_poll_waitreq::__pad",
    ][::core::mem::offset_of!(evl_poll_waitreq, __pad) - 20usize];
};
/// Creation attributes (evl_clone_req.attrs_ptr).
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_proxy_attrs {
    /// target file
    pub fd: __u32,
    /// bytes; 0 for a proxy which is only mapped
    pub bufsz: __u32,
    /// bytes a transfer; 0 for any number
    pub granularity: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_proxy_attrs"][::core::mem::size_of::<evl_proxy_attrs>() - 12usize];
    [
        "Alignment of evl_proxy_attrs",
    ][::core::mem::align_of::<evl_proxy_attrs>() - 4usize];
    [
        "Offset of field: evl_proxy_attrs::fd",
    ][::core::mem::offset_of!(evl_proxy_attrs, fd) - 0usize];
    [
        "Offset of field: evl_proxy_attrs::bufsz",
    ][::core::mem::offset_of!(evl_proxy_attrs, bufsz) - 4usize];
    [
        "Offset of field: evl_proxy_attrs::granularity",
    ][::core::mem::offset_of!(evl_proxy_attrs, granularity) - 8usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub struct evl_sched_attrs {
    pub sched_policy: __s32,
    pub sched_priority: __s32,
    pub __bindgen_anon_1: evl_sched_attrs__bindgen_ty_1,
}
#[repr(C)]
#[derive(Copy, Clone)]
pub union evl_sched_attrs__bindgen_ty_1 {
    /// SCHED_RR
    pub sched_rr_quantum: __kernel_timespec,
    /// SCHED_QUOTA
    pub sched_quota_group: __s32,
    /// SCHED_TP
    pub sched_tp_partition: __s32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of evl_sched_attrs__bindgen_ty_1",
    ][::core::mem::size_of::<evl_sched_attrs__bindgen_ty_1>() - 16usize];
    [
        "Alignment of evl_sched_attrs__bindgen_ty_1",
    ][::core::mem::align_of::<evl_sched_attrs__bindgen_ty_1>() - 8usize];
    [
        "Offset of field: evl_sched_attrs__bindgen_ty_1::sched_rr_quantum",
    ][::core::mem::offset_of!(evl_sched_attrs__bindgen_ty_1, sched_rr_quantum) - 0usize];
    [
        "Offset of field: evl_sched_attrs__bindgen_ty_1::sched_quota_group",
    ][::core::mem::offset_of!(evl_sched_attrs__bindgen_ty_1, sched_quota_group)
        - 0usize];
    [
        "Offset of field: evl_sched_attrs__bindgen_ty_1::sched_tp_partition",
    ][::core::mem::offset_of!(evl_sched_attrs__bindgen_ty_1, sched_tp_partition)
        - 0usize];
};
impl Default for evl_sched_attrs__bindgen_ty_1 {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_sched_attrs"][::core::mem::size_of::<evl_sched_attrs>() - 24usize];
    [
        "Alignment of evl_sched_attrs",
    ][::core::mem::align_of::<evl_sched_attrs>() - 8usize];
    [
        "Offset of field: evl_sched_attrs::sched_policy",
    ][::core::mem::offset_of!(evl_sched_attrs, sched_policy) - 0usize];
    [
        "Offset of field: evl_sched_attrs::sched_priority",
    ][::core::mem::offset_of!(evl_sched_attrs, sched_priority) - 4usize];
};
impl Default for evl_sched_attrs {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub const evl_quota_add: evl_quota_ctlop = 0;
pub const evl_quota_remove: evl_quota_ctlop = 1;
pub const evl_quota_force_remove: evl_quota_ctlop = 2;
pub const evl_quota_set: evl_quota_ctlop = 3;
pub const evl_quota_get: evl_quota_ctlop = 4;
/// SCHED_QUOTA: groups of threads sharing a budget on a CPU.
pub type evl_quota_ctlop = ::core::ffi::c_uint;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_quota_group {
    pub tgid: __s32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_quota_group"][::core::mem::size_of::<evl_quota_group>() - 4usize];
    [
        "Alignment of evl_quota_group",
    ][::core::mem::align_of::<evl_quota_group>() - 4usize];
    [
        "Offset of field: evl_quota_group::tgid",
    ][::core::mem::offset_of!(evl_quota_group, tgid) - 0usize];
};
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_quota_setting {
    pub tgid: __s32,
    /// percent of the period
    pub quota: __s32,
    /// percent of the period
    pub quota_peak: __s32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_quota_setting"][::core::mem::size_of::<evl_quota_setting>() - 12usize];
    [
        "Alignment of evl_quota_setting",
    ][::core::mem::align_of::<evl_quota_setting>() - 4usize];
    [
        "Offset of field: evl_quota_setting::tgid",
    ][::core::mem::offset_of!(evl_quota_setting, tgid) - 0usize];
    [
        "Offset of field: evl_quota_setting::quota",
    ][::core::mem::offset_of!(evl_quota_setting, quota) - 4usize];
    [
        "Offset of field: evl_quota_setting::quota_peak",
    ][::core::mem::offset_of!(evl_quota_setting, quota_peak) - 8usize];
};
#[repr(C)]
#[derive(Copy, Clone)]
pub union evl_quota_ctlargs {
    /// and force_remove
    pub remove: evl_quota_group,
    pub set: evl_quota_setting,
    pub get: evl_quota_group,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_quota_ctlargs"][::core::mem::size_of::<evl_quota_ctlargs>() - 12usize];
    [
        "Alignment of evl_quota_ctlargs",
    ][::core::mem::align_of::<evl_quota_ctlargs>() - 4usize];
    [
        "Offset of field: evl_quota_ctlargs::remove",
    ][::core::mem::offset_of!(evl_quota_ctlargs, remove) - 0usize];
    [
        "Offset of field: evl_quota_ctlargs::set",
    ][::core::mem::offset_of!(evl_quota_ctlargs, set) - 0usize];
    [
        "Offset of field: evl_quota_ctlargs::get",
    ][::core::mem::offset_of!(evl_quota_ctlargs, get) - 0usize];
};
impl Default for evl_quota_ctlargs {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Copy, Clone)]
pub struct evl_quota_ctlparam {
    pub op: evl_quota_ctlop,
    pub u: evl_quota_ctlargs,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of evl_quota_ctlparam",
    ][::core::mem::size_of::<evl_quota_ctlparam>() - 16usize];
    [
        "Alignment of evl_quota_ctlparam",
    ][::core::mem::align_of::<evl_quota_ctlparam>() - 4usize];
    [
        "Offset of field: evl_quota_ctlparam::op",
    ][::core::mem::offset_of!(evl_quota_ctlparam, op) - 0usize];
    [
        "Offset of field: evl_quota_ctlparam::u",
    ][::core::mem::offset_of!(evl_quota_ctlparam, u) - 4usize];
};
impl Default for evl_quota_ctlparam {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_quota_ctlinfo {
    pub tgid: __s32,
    pub quota: __s32,
    pub quota_peak: __s32,
    /// over all groups of the CPU
    pub quota_sum: __s32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_quota_ctlinfo"][::core::mem::size_of::<evl_quota_ctlinfo>() - 16usize];
    [
        "Alignment of evl_quota_ctlinfo",
    ][::core::mem::align_of::<evl_quota_ctlinfo>() - 4usize];
    [
        "Offset of field: evl_quota_ctlinfo::tgid",
    ][::core::mem::offset_of!(evl_quota_ctlinfo, tgid) - 0usize];
    [
        "Offset of field: evl_quota_ctlinfo::quota",
    ][::core::mem::offset_of!(evl_quota_ctlinfo, quota) - 4usize];
    [
        "Offset of field: evl_quota_ctlinfo::quota_peak",
    ][::core::mem::offset_of!(evl_quota_ctlinfo, quota_peak) - 8usize];
    [
        "Offset of field: evl_quota_ctlinfo::quota_sum",
    ][::core::mem::offset_of!(evl_quota_ctlinfo, quota_sum) - 12usize];
};
pub const evl_tp_install: evl_tp_ctlop = 0;
pub const evl_tp_uninstall: evl_tp_ctlop = 1;
pub const evl_tp_start: evl_tp_ctlop = 2;
pub const evl_tp_stop: evl_tp_ctlop = 3;
pub const evl_tp_get: evl_tp_ctlop = 4;
pub type evl_tp_ctlop = ::core::ffi::c_uint;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_tp_window {
    /// from the start of the frame
    pub offset: __kernel_timespec,
    pub duration: __kernel_timespec,
    /// partition, or EVL_TP_IDLE
    pub ptid: __s32,
    pub __pad: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_tp_window"][::core::mem::size_of::<evl_tp_window>() - 40usize];
    ["Alignment of evl_tp_window"][::core::mem::align_of::<evl_tp_window>() - 8usize];
    [
        "Offset of field: evl_tp_window::offset",
    ][::core::mem::offset_of!(evl_tp_window, offset) - 0usize];
    [
        "Offset of field: evl_tp_window::duration",
    ][::core::mem::offset_of!(evl_tp_window, duration) - 16usize];
    [
        "Offset of field: evl_tp_window::ptid",
    ][::core::mem::offset_of!(evl_tp_window, ptid) - 32usize];
    [
        "Offset of field: evl_tp_window::__pad",
    ][::core::mem::offset_of!(evl_tp_window, __pad) - 36usize];
};
#[repr(C)]
#[derive(Debug)]
pub struct evl_tp_ctlparam {
    pub op: evl_tp_ctlop,
    pub nr_windows: __s32,
    pub windows: __IncompleteArrayField<evl_tp_window>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_tp_ctlparam"][::core::mem::size_of::<evl_tp_ctlparam>() - 8usize];
    [
        "Alignment of evl_tp_ctlparam",
    ][::core::mem::align_of::<evl_tp_ctlparam>() - 8usize];
    [
        "Offset of field: evl_tp_ctlparam::op",
    ][::core::mem::offset_of!(evl_tp_ctlparam, op) - 0usize];
    [
        "Offset of field: evl_tp_ctlparam::nr_windows",
    ][::core::mem::offset_of!(evl_tp_ctlparam, nr_windows) - 4usize];
    [
        "Offset of field: evl_tp_ctlparam::windows",
    ][::core::mem::offset_of!(evl_tp_ctlparam, windows) - 8usize];
};
impl Default for evl_tp_ctlparam {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
#[derive(Debug, Default)]
pub struct evl_tp_ctlinfo {
    pub nr_windows: __s32,
    pub __pad: __u32,
    pub windows: __IncompleteArrayField<evl_tp_window>,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_tp_ctlinfo"][::core::mem::size_of::<evl_tp_ctlinfo>() - 8usize];
    ["Alignment of evl_tp_ctlinfo"][::core::mem::align_of::<evl_tp_ctlinfo>() - 8usize];
    [
        "Offset of field: evl_tp_ctlinfo::nr_windows",
    ][::core::mem::offset_of!(evl_tp_ctlinfo, nr_windows) - 0usize];
    [
        "Offset of field: evl_tp_ctlinfo::__pad",
    ][::core::mem::offset_of!(evl_tp_ctlinfo, __pad) - 4usize];
    [
        "Offset of field: evl_tp_ctlinfo::windows",
    ][::core::mem::offset_of!(evl_tp_ctlinfo, windows) - 8usize];
};
#[repr(C)]
pub struct evl_sched_ctlparam {
    pub quota: __BindgenUnionField<evl_quota_ctlparam>,
    pub tp: __BindgenUnionField<evl_tp_ctlparam>,
    pub bindgen_union_field: [u64; 2usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    [
        "Size of evl_sched_ctlparam",
    ][::core::mem::size_of::<evl_sched_ctlparam>() - 16usize];
    [
        "Alignment of evl_sched_ctlparam",
    ][::core::mem::align_of::<evl_sched_ctlparam>() - 8usize];
    [
        "Offset of field: evl_sched_ctlparam::quota",
    ][::core::mem::offset_of!(evl_sched_ctlparam, quota) - 0usize];
    [
        "Offset of field: evl_sched_ctlparam::tp",
    ][::core::mem::offset_of!(evl_sched_ctlparam, tp) - 0usize];
};
impl Default for evl_sched_ctlparam {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
#[repr(C)]
pub struct evl_sched_ctlinfo {
    pub quota: __BindgenUnionField<evl_quota_ctlinfo>,
    pub tp: __BindgenUnionField<evl_tp_ctlinfo>,
    pub bindgen_union_field: [u64; 2usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_sched_ctlinfo"][::core::mem::size_of::<evl_sched_ctlinfo>() - 16usize];
    [
        "Alignment of evl_sched_ctlinfo",
    ][::core::mem::align_of::<evl_sched_ctlinfo>() - 8usize];
    [
        "Offset of field: evl_sched_ctlinfo::quota",
    ][::core::mem::offset_of!(evl_sched_ctlinfo, quota) - 0usize];
    [
        "Offset of field: evl_sched_ctlinfo::tp",
    ][::core::mem::offset_of!(evl_sched_ctlinfo, tp) - 0usize];
};
impl Default for evl_sched_ctlinfo {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/** Shared state of a thread, at evl_element_ids.state_offset. The
 owner of a gate whose ceiling is not committed yet writes the
 handle of that gate to pp_pending; the rest is read-only.*/
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_user_window {
    pub state: __u32,
    pub info: __u32,
    pub pp_pending: fundle_t,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_user_window"][::core::mem::size_of::<evl_user_window>() - 12usize];
    [
        "Alignment of evl_user_window",
    ][::core::mem::align_of::<evl_user_window>() - 4usize];
    [
        "Offset of field: evl_user_window::state",
    ][::core::mem::offset_of!(evl_user_window, state) - 0usize];
    [
        "Offset of field: evl_user_window::info",
    ][::core::mem::offset_of!(evl_user_window, info) - 4usize];
    [
        "Offset of field: evl_user_window::pp_pending",
    ][::core::mem::offset_of!(evl_user_window, pp_pending) - 8usize];
};
/// EVL_THRIOC_GET_STATE
#[repr(C)]
#[derive(Copy, Clone)]
pub struct evl_thread_state {
    /// base policy and priority
    pub eattrs: evl_sched_attrs,
    pub cpu: __u32,
    /// EVL_T_SUSP...
    pub state: __u32,
    /// in-band switches
    pub isw: __u32,
    /// context switches
    pub csw: __u32,
    /// oob system calls
    pub sc: __u32,
    /// remote wake-ups
    pub rwa: __u32,
    /// execution time, ns
    pub xtime: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_thread_state"][::core::mem::size_of::<evl_thread_state>() - 56usize];
    [
        "Alignment of evl_thread_state",
    ][::core::mem::align_of::<evl_thread_state>() - 8usize];
    [
        "Offset of field: evl_thread_state::eattrs",
    ][::core::mem::offset_of!(evl_thread_state, eattrs) - 0usize];
    [
        "Offset of field: evl_thread_state::cpu",
    ][::core::mem::offset_of!(evl_thread_state, cpu) - 24usize];
    [
        "Offset of field: evl_thread_state::state",
    ][::core::mem::offset_of!(evl_thread_state, state) - 28usize];
    [
        "Offset of field: evl_thread_state::isw",
    ][::core::mem::offset_of!(evl_thread_state, isw) - 32usize];
    [
        "Offset of field: evl_thread_state::csw",
    ][::core::mem::offset_of!(evl_thread_state, csw) - 36usize];
    [
        "Offset of field: evl_thread_state::sc",
    ][::core::mem::offset_of!(evl_thread_state, sc) - 40usize];
    [
        "Offset of field: evl_thread_state::rwa",
    ][::core::mem::offset_of!(evl_thread_state, rwa) - 44usize];
    [
        "Offset of field: evl_thread_state::xtime",
    ][::core::mem::offset_of!(evl_thread_state, xtime) - 48usize];
};
impl Default for evl_thread_state {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
/** EVL_TFDIOC_SET: both refer to a __kernel_itimerspec. The first shot
 is absolute; an interval of zero means one shot, a value of zero
 stops the timer. ovalue_ptr may be null.*/
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_timer_setreq {
    pub value_ptr: __u64,
    /// receives the previous setting
    pub ovalue_ptr: __u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_timer_setreq"][::core::mem::size_of::<evl_timer_setreq>() - 16usize];
    [
        "Alignment of evl_timer_setreq",
    ][::core::mem::align_of::<evl_timer_setreq>() - 8usize];
    [
        "Offset of field: evl_timer_setreq::value_ptr",
    ][::core::mem::offset_of!(evl_timer_setreq, value_ptr) - 0usize];
    [
        "Offset of field: evl_timer_setreq::ovalue_ptr",
    ][::core::mem::offset_of!(evl_timer_setreq, ovalue_ptr) - 8usize];
};
/// Creation attributes (evl_clone_req.attrs_ptr).
#[repr(C)]
#[derive(Debug, Default, Copy, Clone, PartialEq, Eq)]
pub struct evl_xbuf_attrs {
    /// in-band writes, oob reads
    pub i_bufsz: __u32,
    /// oob writes, in-band reads
    pub o_bufsz: __u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of evl_xbuf_attrs"][::core::mem::size_of::<evl_xbuf_attrs>() - 8usize];
    ["Alignment of evl_xbuf_attrs"][::core::mem::align_of::<evl_xbuf_attrs>() - 4usize];
    [
        "Offset of field: evl_xbuf_attrs::i_bufsz",
    ][::core::mem::offset_of!(evl_xbuf_attrs, i_bufsz) - 0usize];
    [
        "Offset of field: evl_xbuf_attrs::o_bufsz",
    ][::core::mem::offset_of!(evl_xbuf_attrs, o_bufsz) - 4usize];
};
