//! How much memory something takes, from a counting allocator.

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Bytes that importing one hostile file may take beyond the file itself.
pub const MOST_EXTRA: usize = 64 << 20;

/// Runs something and gives the most bytes that were allocated meanwhile, by all threads, beyond what was there.
pub fn measure<T>(run: impl FnOnce() -> T) -> (T, usize) {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let outcome = run();
    (outcome, ALLOCATOR.peak_usage().saturating_sub(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_freed_again_counts() {
        let ((), extra) = measure(|| drop(std::hint::black_box(vec![0u8; 10 << 20])));
        assert!((10 << 20..11 << 20).contains(&extra), "{extra}");
    }
}
