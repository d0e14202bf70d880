//! Makes a CUDA libtorch usable where one is installed.

/// Loads `libtorch_cuda.so` when the dynamic loader finds it (for example through `LD_LIBRARY_PATH`).
///
/// The program links the CPU part only. The CUDA part announces itself to torch from its static
/// initialisers, so it must be mapped, with its symbols visible, before the first torch call. Its absence is
/// the normal case on a machine without a GPU.
#[expect(
    unsafe_code,
    reason = "loading a shared library runs its initialisers; this one is torch's own"
)]
pub(crate) fn load_cuda_backend() {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    // SAFETY: the initialisers of libtorch_cuda register kernels and touch nothing of ours; it is never unloaded.
    if let Ok(library) = unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) } {
        std::mem::forget(library);
    }
}
