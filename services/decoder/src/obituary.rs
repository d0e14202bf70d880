//! What became of a child, in words.

use std::{
    io::Read,
    os::unix::process::ExitStatusExt as _,
    process::{Child, ExitStatus},
    time::Duration,
};

use crate::sandbox;

/// Bytes of a child's standard error that are looked at.
const LAST_WORDS: u64 = 1024;

/// Kills a child that is still there, and says why it is none any more. `late` is the deadline when that was missed.
pub(crate) fn of(mut child: Child, late: Option<Duration>) -> String {
    // It may have ended by itself: then this does nothing.
    drop(child.kill());
    let status = child.wait();
    if let Some(deadline) = late {
        return format!(
            "the decoder was killed: it took longer than {} s",
            deadline.as_secs_f32()
        );
    }
    let mut words = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        // What is there: the pipe does not block, see `Worker::new`.
        drop(stderr.take(LAST_WORDS).read_to_end(&mut words));
    }
    match status {
        Ok(status) => cause(status, String::from_utf8_lossy(&words).trim()),
        Err(error) => format!("the decoder was lost: {error}"),
    }
}

fn cause(status: ExitStatus, words: &str) -> String {
    if words.starts_with("memory allocation of") {
        return "the decoder ran out of the memory that an input of this size may take".to_owned();
    }
    match (status.signal(), status.code()) {
        (Some(libc::SIGXCPU), _) => {
            "the decoder took more processor time than an input of this size may take".to_owned()
        }
        (Some(sandbox::FORBIDDEN_CALL), _) => "the decoder was killed at a forbidden system call".to_owned(),
        (Some(signal), _) => format!("the decoder crashed with signal {signal} ({})", name(signal)),
        (None, Some(code)) if code == i32::from(sandbox::NO_SANDBOX) => {
            format!("the decoder could not lock itself in: {words}")
        }
        (None, code) => format!("the decoder ended with status {}", code.unwrap_or_default()),
    }
}

fn name(signal: i32) -> &'static str {
    match signal {
        libc::SIGSEGV => "invalid memory",
        libc::SIGBUS => "bus error",
        libc::SIGABRT => "abort",
        libc::SIGFPE => "arithmetic",
        libc::SIGILL => "illegal instruction",
        libc::SIGKILL => "killed from outside",
        _ => "signal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_of_death() {
        let rows = [
            (libc::SIGSEGV, "", "crashed with signal 11 (invalid memory)"),
            (libc::SIGXCPU, "", "processor time"),
            (libc::SIGSYS, "", "forbidden system call"),
            (
                libc::SIGABRT,
                "memory allocation of 9 bytes failed",
                "ran out of the memory",
            ),
            (libc::SIGABRT, "", "crashed with signal 6 (abort)"),
            (
                3 << 8,
                "hilum-decode: no seccomp",
                "could not lock itself in: hilum-decode: no seccomp",
            ),
            (1 << 8, "", "ended with status 1"),
        ];
        for (raw, words, expected) in rows {
            let text = cause(ExitStatus::from_raw(raw), words);
            assert!(text.contains(expected), "{raw}: {text}");
        }
    }
}
