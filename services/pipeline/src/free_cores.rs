//! How many processor cores have nothing to do.

use std::{fs, num::NonZero, thread};

/// Cores that this process may use and that nobody else is computing on right now, at least one. Threads of whisper.cpp
/// wait by spinning: one too many makes all of them slow.
///
/// Linux counts tasks that run or wait for a core in `/proc/loadavg` (proc(5), fourth field); the caller is one of them.
pub fn free_cores() -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let busy = fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|line| running(&line))
        .unwrap_or(cores);
    let others = busy.saturating_sub(1);
    cores.saturating_sub(others).max(1)
}

fn running(line: &str) -> Option<usize> {
    let (running, _) = line.split_ascii_whitespace().nth(3)?.split_once('/')?;
    running.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_running_tasks_is_read() {
        assert_eq!(running("0.60 0.95 1.24 3/234 5678\n"), Some(3));
        assert_eq!(running("0.60 0.95"), None);
        let cores = thread::available_parallelism().unwrap().get();
        assert!((1..=cores).contains(&free_cores()));
    }
}
