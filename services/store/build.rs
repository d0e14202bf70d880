//! Rebuilds when a migration is added: the macro that embeds them sees changes, not new files.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/sqlite");
}
