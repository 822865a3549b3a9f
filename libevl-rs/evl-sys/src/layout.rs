// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compile-time check of the bindings against the numbers of EVL ABI 36, which are written out here on purpose.

use core::mem::{offset_of, size_of};

use crate::bindings::*;
use crate::ioctl::*;

macro_rules! constants {
    ($($name:ident = $number:expr;)*) => { $(const _: () = assert!($name == $number, stringify!($name));)* };
}

macro_rules! structures {
    ($($name:ident: $size:literal { $($($field:ident).+ @ $offset:literal,)* })*) => { $(
        const _: () = assert!(size_of::<$name>() == $size, concat!("size of ", stringify!($name)));
        $(const _: () = assert!(
            offset_of!($name, $($field).+) == $offset,
            concat!("offset of ", stringify!($name), ".", stringify!($($field).+))
        );)*
    )* };
}

constants! {
    PR_OOB_SYSCALL = 0x4f4f_4243;
    EVL_SYSCALL_OOB_READ = 0;
    EVL_SYSCALL_OOB_WRITE = 1;
    EVL_SYSCALL_OOB_IOCTL = 2;
    EVL_NR_SYSCALLS = 3;
    EVL_ABI_BASE = 36;
    EVL_ABI_LEVEL = 36;
    EVL_CPU_OOB = 1;
    EVL_CPU_ISOL = 2;
    EVL_CPU_OFFLINE = 4;
    EVL_CLONE_PRIVATE = 0;
    EVL_CLONE_PUBLIC = 1 << 16;
    EVL_CLONE_OBSERVABLE = 1 << 17;
    EVL_CLONE_NONBLOCK = 1 << 18;
    EVL_CLONE_UNICAST = 1 << 19;
    EVL_CLONE_MASTER = 1 << 19;
    EVL_CLONE_INPUT = 1 << 20;
    EVL_CLONE_OUTPUT = 1 << 21;
    EVL_CLONE_COREDEV = 1 << 31;
    SCHED_WEAK = 43;
    SCHED_QUOTA = 44;
    SCHED_TP = 45;
    evl_quota_add = 0;
    evl_quota_remove = 1;
    evl_quota_force_remove = 2;
    evl_quota_set = 3;
    evl_quota_get = 4;
    evl_tp_install = 0;
    evl_tp_uninstall = 1;
    evl_tp_start = 2;
    evl_tp_stop = 3;
    evl_tp_get = 4;
    EVL_TP_IDLE = -1;
    EVL_T_SUSP = 0x1;
    EVL_T_PEND = 0x2;
    EVL_T_DELAY = 0x4;
    EVL_T_WAIT = 0x8;
    EVL_T_READY = 0x10;
    EVL_T_DORMANT = 0x20;
    EVL_T_ZOMBIE = 0x40;
    EVL_T_INBAND = 0x80;
    EVL_T_HALT = 0x100;
    EVL_T_BOOST = 0x200;
    EVL_T_PTSYNC = 0x400;
    EVL_T_RRB = 0x800;
    EVL_T_ROOT = 0x1000;
    EVL_T_WEAK = 0x2000;
    EVL_T_USER = 0x4000;
    EVL_T_WOSS = 0x8000;
    EVL_T_WOLI = 0x10000;
    EVL_T_WOSX = 0x20000;
    EVL_T_PTRACE = 0x40000;
    EVL_T_OBSERV = 0x80000;
    EVL_T_HMSIG = 0x100000;
    EVL_T_HMOBS = 0x200000;
    EVL_T_WOSO = 0x400000;
    EVL_T_MODE_MASK = 0x738000;
    EVL_T_TIMEO = 0x1;
    EVL_T_RMID = 0x2;
    EVL_T_BREAK = 0x4;
    EVL_T_KICKED = 0x8;
    EVL_T_WCHAN = 0x10;
    EVL_T_CANCELD = 0x40;
    EVL_T_PIALERT = 0x80;
    EVL_T_SCHEDP = 0x100;
    EVL_T_BCAST = 0x200;
    EVL_T_SIGNAL = 0x400;
    EVL_T_SXALERT = 0x800;
    EVL_T_PTSIG = 0x1000;
    EVL_T_PTSTOP = 0x2000;
    EVL_T_PTJOIN = 0x4000;
    EVL_T_NOMEM = 0x8000;
    EVL_HMDIAG_SIGDEMOTE = 1;
    EVL_HMDIAG_SYSDEMOTE = 2;
    EVL_HMDIAG_EXDEMOTE = 3;
    EVL_HMDIAG_WATCHDOG = 4;
    EVL_HMDIAG_LKDEPEND = 5;
    EVL_HMDIAG_LKIMBALANCE = 6;
    EVL_HMDIAG_LKSLEEP = 7;
    EVL_HMDIAG_STAGEX = 8;
    EVL_HMDIAG_OVERRUN = 9;
    EVL_SIGDEBUG_MARKER = 0xfccf_0000;
    EVL_SIGDEBUG_MARKER_MASK = 0xffff_0000;
    EVL_SIGDEBUG_CAUSE_MASK = 0xff;
    EVL_MONITOR_EVENT = 0;
    EVL_MONITOR_GATE = 1;
    EVL_GATE_PI = 0;
    EVL_GATE_PP = 1;
    EVL_EVENT_GATED = 0;
    EVL_EVENT_COUNT = 1;
    EVL_EVENT_MASK = 2;
    EVL_MONITOR_SIGNALED = 1;
    EVL_MONITOR_BROADCAST = 2;
    EVL_MONITOR_TARGETED = 4;
    EVL_GATE_CLAIMED = 1 << 31;
    EVL_GATE_CEILING = 1 << 30;
    EVL_GATE_OWNER_MASK = (1 << 30) - 1;
    EVL_MONITOR_NOGATE = 0xffff_ffff;
    EVL_CLOCK_MONOTONIC = -1;
    EVL_CLOCK_REALTIME = 0;
    EVL_POLL_CTL_ADD = 0;
    EVL_POLL_CTL_DEL = 1;
    EVL_POLL_CTL_MOD = 2;
    EVL_NOTICE_USER = 64;
    EVL_NOTIFY_ALWAYS = 0;
    EVL_NOTIFY_ONCHANGE = 1;
    EVL_LAT_IRQ = 0;
    EVL_LAT_KERN = 1;
    EVL_LAT_USER = 2;
    EVL_LAT_SIRQ = 3;
    EVL_HECTIC_OOB_WAIT = 0x10000;
}

// Requests.
constants! {
    EVL_CTLIOC_GET_COREINFO = 0x8018_4300;
    EVL_CTLIOC_SCHEDCTL = 0xc018_4301;
    EVL_CTLIOC_GET_CPUSTATE = 0x8010_4302;
    EVL_IOC_CLONE = 0xc028_6600;
    EVL_THRIOC_SIGNAL = 0x4004_5400;
    EVL_THRIOC_SET_SCHEDPARAM = 0x4018_5401;
    EVL_THRIOC_GET_SCHEDPARAM = 0x8018_5402;
    EVL_THRIOC_JOIN = 0x5403;
    EVL_THRIOC_GET_STATE = 0x8038_5404;
    EVL_THRIOC_SWITCH_OOB = 0x5405;
    EVL_THRIOC_SWITCH_INBAND = 0x5406;
    EVL_THRIOC_DETACH_SELF = 0x5407;
    EVL_THRIOC_SET_MODE = 0xc004_5408;
    EVL_THRIOC_CLEAR_MODE = 0xc004_5409;
    EVL_THRIOC_UNBLOCK = 0x540a;
    EVL_THRIOC_DEMOTE = 0x540b;
    EVL_THRIOC_YIELD = 0x540c;
    EVL_MONIOC_ENTER = 0x4010_6d00;
    EVL_MONIOC_TRYENTER = 0x6d01;
    EVL_MONIOC_EXIT = 0x6d02;
    EVL_MONIOC_WAIT = 0xc018_6d03;
    EVL_MONIOC_UNWAIT = 0xc004_6d04;
    EVL_MONIOC_BIND = 0x8010_6d05;
    EVL_MONIOC_SIGNAL = 0x4004_6d06;
    EVL_MONIOC_BROADCAST = 0x4004_6d07;
    EVL_MONIOC_WAIT_EXACT = 0xc018_6d08;
    EVL_MONIOC_TRYWAIT = 0xc004_6d09;
    EVL_MONIOC_TRYWAIT_EXACT = 0xc004_6d0a;
    EVL_CLKIOC_SLEEP = 0x4010_6300;
    EVL_CLKIOC_GET_RES = 0x8010_6301;
    EVL_CLKIOC_GET_TIME = 0x8010_6302;
    EVL_CLKIOC_SET_TIME = 0x4010_6303;
    EVL_CLKIOC_NEW_TIMER = 0x6305;
    EVL_TFDIOC_SET = 0xc010_7400;
    EVL_TFDIOC_GET = 0x8020_7401;
    EVL_POLIOC_CTL = 0x4018_7000;
    EVL_POLIOC_WAIT = 0xc018_7001;
    EVL_OBSIOC_SUBSCRIBE = 0x4008_6f00;
    EVL_OBSIOC_UNSUBSCRIBE = 0x6f01;
    EVL_TRCIOC_SNAPSHOT = 0x4f00;
    EVL_SOCKIOC_DEACTIVATE = 0xee03;
    EVL_SOCKIOC_SENDMSG = 0x4050_ee04;
    EVL_SOCKIOC_RECVMSG = 0xc050_ee05;
    EVL_NET_GETDEVFD = 0xc010_ef00;
    EVL_NDEVIOC_SETRXEBPF = 0x4004_ef00;
    EVL_LATIOC_TUNE = 0xc020_4c00;
    EVL_LATIOC_MEASURE = 0xc020_4c01;
    EVL_LATIOC_RUN = 0x8010_4c02;
    EVL_LATIOC_PULSE = 0x4008_4c03;
    EVL_LATIOC_RESET = 0x4c04;
    EVL_HECIOC_SET_TASKS_COUNT = 0x4004_4800;
    EVL_HECIOC_SET_CPU = 0x4004_4801;
    EVL_HECIOC_REGISTER_UTASK = 0x4008_4802;
    EVL_HECIOC_CREATE_KTASK = 0xc008_4803;
    EVL_HECIOC_PEND = 0x8008_4804;
    EVL_HECIOC_SWITCH_TO = 0x8008_4805;
    EVL_HECIOC_GET_SWITCHES_COUNT = 0x8004_4806;
    EVL_HECIOC_GET_LAST_ERROR = 0x800c_4807;
    EVL_HECIOC_SET_PAUSE = 0x4004_4808;
    EVL_HECIOC_LOCK_STAX = 0x4809;
    EVL_HECIOC_UNLOCK_STAX = 0x480a;
}

structures! {
    fundle_t: 4 {}
    evl_value: 8 {}
    __kernel_timespec: 16 {}
    __kernel_itimerspec: 32 {}
    evl_core_info: 24 {
        abi_base @ 0,
        abi_current @ 4,
        fpu_features @ 8,
        shm_size @ 16,
    }
    evl_sched_ctlreq: 24 {
        policy @ 0,
        cpu @ 4,
        param_ptr @ 8,
        info_ptr @ 16,
    }
    evl_cpu_state: 16 {
        cpu @ 0,
        state_ptr @ 8,
    }
    evl_element_ids: 12 {
        minor @ 0,
        fundle @ 4,
        state_offset @ 8,
    }
    evl_clone_req: 40 {
        name_ptr @ 0,
        attrs_ptr @ 8,
        clone_flags @ 16,
        eids @ 20,
        efd @ 32,
    }
    evl_sched_attrs: 24 {
        sched_policy @ 0,
        sched_priority @ 4,
        __bindgen_anon_1.sched_rr_quantum @ 8,
        __bindgen_anon_1.sched_quota_group @ 8,
        __bindgen_anon_1.sched_tp_partition @ 8,
    }
    evl_quota_ctlparam: 16 {
        op @ 0,
        u.remove.tgid @ 4,
        u.set.tgid @ 4,
        u.set.quota @ 8,
        u.set.quota_peak @ 12,
        u.get.tgid @ 4,
    }
    evl_quota_ctlinfo: 16 {
        quota_sum @ 12,
    }
    evl_tp_window: 40 {
        offset @ 0,
        duration @ 16,
        ptid @ 32,
    }
    evl_tp_ctlparam: 8 {
        nr_windows @ 4,
        windows @ 8,
    }
    evl_tp_ctlinfo: 8 {
        windows @ 8,
    }
    evl_sched_ctlparam: 16 {}
    evl_sched_ctlinfo: 16 {}
    evl_user_window: 12 {
        state @ 0,
        info @ 4,
        pp_pending @ 8,
    }
    evl_thread_state: 56 {
        eattrs @ 0,
        cpu @ 24,
        state @ 28,
        isw @ 32,
        csw @ 36,
        sc @ 40,
        rwa @ 44,
        xtime @ 48,
    }
    evl_monitor_attrs: 12 {
        clockfd @ 0,
        initval @ 8,
    }
    evl_monitor_state: 16 {
        flags @ 0,
        u.gate.owner @ 4,
        u.gate.ceiling @ 8,
        u.event.value @ 4,
        u.event.pollrefs @ 8,
        u.event.gate_offset @ 12,
    }
    evl_monitor_waitreq: 24 {
        timeout_ptr @ 0,
        gatefd @ 8,
        status @ 12,
        value @ 16,
    }
    evl_monitor_binding: 16 {
        eids @ 4,
    }
    evl_timer_setreq: 16 {
        value_ptr @ 0,
        ovalue_ptr @ 8,
    }
    evl_poll_ctlreq: 24 {
        action @ 0,
        fd @ 4,
        events @ 8,
        pollval @ 16,
    }
    evl_poll_event: 16 {
        fd @ 0,
        events @ 4,
        pollval @ 8,
    }
    evl_poll_waitreq: 24 {
        timeout_ptr @ 0,
        pollset_ptr @ 8,
        nrset @ 16,
    }
    evl_notice: 16 {
        tag @ 0,
        event @ 8,
    }
    evl_notification: 40 {
        tag @ 0,
        serial @ 4,
        issuer @ 8,
        event @ 16,
        date @ 24,
    }
    evl_subscription: 8 {
        backlog @ 0,
        flags @ 4,
    }
    evl_proxy_attrs: 12 {
        fd @ 0,
        bufsz @ 4,
        granularity @ 8,
    }
    evl_xbuf_attrs: 8 {
        i_bufsz @ 0,
        o_bufsz @ 4,
    }
    evl_socket_msghdr: 80 {}
    evl_net_devfd: 16 {
        name_ptr @ 0,
        fd @ 8,
    }
    latmus_setup: 32 {
        type_ @ 0,
        period @ 8,
        priority @ 16,
        cpu @ 20,
        u.verbosity @ 24,
        u.measure.xfd @ 24,
        u.measure.hcells @ 28,
    }
    latmus_measurement: 24 {
        sum @ 0,
        min @ 8,
        max @ 12,
        overruns @ 16,
        samples @ 20,
    }
    latmus_measurement_result: 24 {
        histogram_ptr @ 8,
        len @ 16,
    }
    latmus_result: 16 {
        len @ 8,
    }
    hectic_task_index: 8 {
        flags @ 4,
    }
    hectic_switch_req: 8 {
        to @ 4,
    }
    hectic_error: 12 {
        fp_val @ 8,
    }
}
