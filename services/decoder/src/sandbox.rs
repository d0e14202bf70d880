//! What the child gives up before it reads a byte, and what each frame may cost.
//!
//! - It dies with its parent, dumps no core, gains no privileges.
//! - It opens nothing any more: the descriptors it may have are the three it was born with.
//! - A seccomp filter kills it on any system call but those of computing, memory, reading and writing: no network,
//!   no files, no processes.
//! - Address space and processor time are limited by what the frame's declared size may need.

use std::{collections::BTreeMap, io, time::Duration};

use rustix::{
    process::{Resource, Rlimit, Signal, getrlimit, setrlimit},
    thread::ClockId,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// Exit status of a child that could not lock itself in.
pub const NO_SANDBOX: u8 = 3;
/// Exit status after a system call that a decoder does not make, as a signal.
pub const FORBIDDEN_CALL: i32 = libc::SIGSYS;

/// Address space beyond the program itself: for any frame, for each pixel, for each byte of the frame. OpenJPEG
/// needs most: 4 bytes a pixel for the image, 4 for the tile, and what code blocks take.
const BASE_BYTES: u64 = 48 << 20;
const BYTES_PER_PIXEL: u64 = 40;
const BYTES_PER_FRAME_BYTE: u64 = 3;
/// Address space that no frame gets more than, whatever size it declares: enough for 35 million pixels.
const MOST_BYTES: u64 = 1536 << 20;
/// Processor time for any frame, and the pixels that give one second more. The slowest codec (OpenJPEG, 16 bits,
/// reversible) takes 0.1 s for a million pixels.
const BASE_SECONDS: u64 = 2;
const PIXELS_PER_SECOND: u64 = 4_000_000;

/// Address space and processor time of a recording: whatever its size, for each byte or MiB of it, and at most. Parsers
/// keep one copy of it; half an hour of Opus, which is at least one MiB, takes four seconds.
const RECORDING_BYTES: u64 = 96 << 20;
const BYTES_PER_RECORDED_BYTE: u64 = 2;
const RECORDING_SECONDS: u64 = 10;
const SECONDS_PER_MIB: u64 = 4;
const MOST_RECORDING_SECONDS: u64 = 60;

/// Time by the clock that a recording of so many bytes may take.
pub const fn recording_deadline(bytes: usize) -> Duration {
    Duration::from_secs(2 * recording_seconds(bytes))
}

const fn recording_seconds(bytes: usize) -> u64 {
    let seconds = RECORDING_SECONDS + SECONDS_PER_MIB * (bytes as u64 >> 20);
    if seconds < MOST_RECORDING_SECONDS {
        seconds
    } else {
        MOST_RECORDING_SECONDS
    }
}

/// Processor time that a frame may take.
pub const fn processor_seconds(pixels: usize) -> u64 {
    BASE_SECONDS + pixels as u64 / PIXELS_PER_SECOND
}

/// Time by the clock that a frame may take: more, since a busy machine makes a process wait.
pub const fn deadline(pixels: usize) -> Duration {
    Duration::from_secs(2 * processor_seconds(pixels))
}

/// Address space that a frame may take beyond the program itself.
pub const fn memory_bytes(pixels: usize, frame_bytes: usize) -> u64 {
    let bytes = BASE_BYTES + BYTES_PER_PIXEL * pixels as u64 + BYTES_PER_FRAME_BYTE * frame_bytes as u64;
    if bytes < MOST_BYTES { bytes } else { MOST_BYTES }
}

/// A process that locked itself in.
#[derive(Debug)]
pub struct Sandbox {
    /// Address space of the program before its first frame.
    own_bytes: u64,
    /// The limit in force. It only grows: memory of earlier frames is kept by the allocator.
    allowed_bytes: u64,
}

/// Locks this process in. Nothing is undone.
pub fn enter() -> io::Result<Sandbox> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let own_bytes = address_space()?;
    for (resource, most) in [(Resource::Core, 0), (Resource::Fsize, 0), (Resource::Nofile, 3)] {
        setrlimit(
            resource,
            Rlimit {
                current: Some(most),
                maximum: Some(most),
            },
        )?;
    }
    rustix::thread::set_no_new_privs(true)?;
    let filter = filter().map_err(io::Error::other)?;
    seccompiler::apply_filter(&filter).map_err(io::Error::other)?;
    Ok(Sandbox {
        own_bytes,
        allowed_bytes: 0,
    })
}

impl Sandbox {
    /// Sets the limits for a frame, counted from what was used so far.
    pub fn allow(&mut self, pixels: usize, frame_bytes: usize) -> io::Result<()> {
        self.limit(memory_bytes(pixels, frame_bytes), processor_seconds(pixels))
    }

    /// Sets the limits for a recording of so many bytes.
    pub fn allow_recording(&mut self, bytes: usize) -> io::Result<()> {
        let memory = RECORDING_BYTES + BYTES_PER_RECORDED_BYTE * bytes as u64;
        self.limit(memory, recording_seconds(bytes))
    }

    fn limit(&mut self, bytes: u64, processor_seconds: u64) -> io::Result<()> {
        let bytes = self.own_bytes + bytes;
        self.allowed_bytes = self.allowed_bytes.max(bytes);
        set_soft(Resource::As, self.allowed_bytes)?;
        let used = rustix::time::clock_gettime(ClockId::ProcessCPUTime);
        // The limit counts whole seconds, and those begun are lost.
        set_soft(Resource::Cpu, used.tv_sec.unsigned_abs() + 1 + processor_seconds)
    }
}

fn set_soft(resource: Resource, most: u64) -> io::Result<()> {
    let maximum = getrlimit(resource).maximum;
    let current = Some(maximum.map_or(most, |maximum| most.min(maximum)));
    Ok(setrlimit(resource, Rlimit { current, maximum })?)
}

/// Address space in use: the first number of `statm`, in pages (proc(5)).
fn address_space() -> io::Result<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages = statm
        .split(' ')
        .next()
        .and_then(|pages| pages.parse::<u64>().ok());
    let pages = pages.ok_or_else(|| io::Error::other("/proc/self/statm holds no number"))?;
    Ok(pages * rustix::param::page_size() as u64)
}

/// The system calls of a process that computes: everything else kills it.
fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let allowed = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_readv,
        libc::SYS_writev,
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_prlimit64,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        // What abort() needs, so that running out of memory dies by its own signal.
        libc::SYS_gettid,
        libc::SYS_getpid,
        libc::SYS_tgkill,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let rules: BTreeMap<i64, _> = allowed.into_iter().map(|call| (call, Vec::new())).collect();
    SeccompFilter::new(
        rules,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?
    .try_into()
}
