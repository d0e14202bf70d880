//! How much a recording may be.

/// Bounds of one recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioLimits {
    /// Bytes of the file.
    pub input_bytes: usize,
    /// Length of the sound in seconds.
    pub seconds: u32,
}

impl Default for AudioLimits {
    /// 256 MiB: half an hour of stereo at 48 kHz and 24 bits fits. Thirty minutes: a dictation of a chest CT takes two;
    /// its samples are 115 MB.
    fn default() -> Self {
        Self {
            input_bytes: 256 << 20,
            seconds: 30 * 60,
        }
    }
}
