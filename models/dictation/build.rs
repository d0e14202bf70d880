//! Lets the tests and binaries of this crate find libtorch where the build found it.
fn main() {
    hilum_torch_rpath::emit();
}
