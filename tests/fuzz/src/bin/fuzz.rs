//! The program that libFuzzer drives. `HILUM_FUZZ_TARGET` names the target; arguments are libFuzzer's own.
#![no_main]

use std::sync::OnceLock;

use hilum_fuzz::memory::{self, MOST_EXTRA};
use hilum_fuzz::targets::{self, Target};
use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: {
        let name = std::env::var("HILUM_FUZZ_TARGET").expect("HILUM_FUZZ_TARGET names the target");
        let target = targets::find(&name).expect("HILUM_FUZZ_TARGET is one of the targets");
        TARGET.get_or_init(|| target);
        // On this thread alone, so that coverage and memory belong to one input.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
        pool.build_global().expect("no other thread pool is there yet");
    },
    |bytes: &[u8]| {
        let target = TARGET.get().expect("the target is chosen");
        let ((), extra) = memory::measure(|| (target.run)(bytes));
        assert!(extra <= MOST_EXTRA, "{extra} bytes of extra memory");
    }
);
