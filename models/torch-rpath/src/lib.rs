//! Build-time help for crates that link libtorch.
//!
//! Link arguments reach only the crate whose build script prints them, so every crate that makes a test
//! or a binary over tch calls [`emit`] from its own `build.rs`.

use std::{env, fs};

/// Prints the linker argument that lets a binary find libtorch where this build found it.
///
/// `LIBTORCH` (set by `.cargo/config.toml`) is a link in the tree; the rpath holds the folder it resolves to,
/// since the target folder may lie anywhere. Without it (a system-wide libtorch) nothing is printed.
#[expect(
    clippy::print_stdout,
    reason = "cargo reads build script instructions from standard output"
)]
pub fn emit() {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    if let Some(home) = env::var_os("LIBTORCH")
        && let Ok(home) = fs::canonicalize(home)
    {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", home.join("lib").display());
    }
}
