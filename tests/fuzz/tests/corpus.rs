//! Every corpus file through every target, whatever it was found with. One test, because memory is counted over all
//! threads.

use std::fs;
use std::path::{Path, PathBuf};

use hilum_fuzz::memory::{self, MOST_EXTRA};
use hilum_fuzz::targets::TARGETS;

/// Bytes of all corpus files together.
const LARGEST_CORPUS: u64 = 1_000_000;

fn corpus() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut files = Vec::new();
    for target in TARGETS {
        let folder = root.join(target.name);
        let entries = fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} has a folder", target.name));
        let before = files.len();
        files.extend(entries.map(|entry| entry.unwrap().path()));
        assert!(files.len() > before, "{} has a corpus", target.name);
    }
    let folders = fs::read_dir(&root).unwrap().count();
    assert_eq!(folders, TARGETS.len(), "every folder of the corpus is a target");
    files
}

#[test]
fn every_file_through_every_target() {
    let files = corpus();
    let size: u64 = files.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(size <= LARGEST_CORPUS, "the corpus has {size} bytes");
    for path in files {
        let bytes = fs::read(&path).unwrap();
        for target in TARGETS {
            let ((), extra) = memory::measure(|| (target.run)(&bytes));
            assert!(
                extra <= MOST_EXTRA,
                "{} took {extra} bytes for {}",
                target.name,
                path.display()
            );
        }
    }
}
