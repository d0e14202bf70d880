//! Writes the seeds into the corpus: `cargo run -p hilum-fuzz --bin seeds`.

use std::fs;
use std::path::Path;

fn main() -> anyhow::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, name, bytes) in hilum_fuzz::seeds::seeds()? {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
