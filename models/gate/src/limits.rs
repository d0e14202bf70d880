//! How much of anything is let in.

/// Upper bounds for one instance and for one archive of instances.
///
/// The defaults leave room for the largest objects met in practice (whole-body enhanced CT, long cine runs)
/// and stop what would exhaust a machine of 8 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one encoded instance: 512 MiB. Whoever streams a body in stops reading here.
    pub instance_bytes: u64,
    /// Bytes of one data set after inflating: 512 MiB. See also [`Limits::inflate_ratio`].
    pub inflated_bytes: u64,
    /// Bytes that any data set may inflate to, however short it was: 48 MiB, a segmentation of 1 500 frames that are
    /// nearly empty.
    pub inflated_bytes_of_any: u64,
    /// How many times its own length a data set may inflate to where that is more: 16. CT deflates to a third; raw
    /// deflate reaches 1 030, so without this bound a megabyte could ask for a gigabyte.
    pub inflate_ratio: u64,
    /// Bytes of one instance's pixels after decoding: 2 GiB.
    pub decoded_pixel_bytes: u64,
    /// Sequences inside sequences: 64. The deepest SR template in use needs fewer than 20.
    pub nesting: usize,
    /// Elements of one data set, at all depths together: 1 million.
    pub elements: usize,
    /// Sequence items of one data set, at all depths together: 1 million.
    pub items: usize,
    /// Fragments of encapsulated pixel data: 1 million.
    pub fragments: usize,
    /// Frames of one instance whose frames are slices: 16 384. A whole body at 0.5 mm has 4 000.
    pub frames: usize,
    /// Bytes of one archive after decompression: 4 GiB.
    pub archive_bytes: u64,
    /// Members of one archive: 100 000.
    pub archive_entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            instance_bytes: 512 * MIB,
            inflated_bytes: 512 * MIB,
            inflated_bytes_of_any: 48 * MIB,
            inflate_ratio: 16,
            decoded_pixel_bytes: 2048 * MIB,
            nesting: 64,
            elements: 1_000_000,
            items: 1_000_000,
            fragments: 1_000_000,
            frames: 16_384,
            archive_bytes: 4096 * MIB,
            archive_entries: 100_000,
        }
    }
}

impl Limits {
    /// Bytes that a deflated data set of `deflated` bytes may inflate to.
    pub fn inflated_bytes_of(&self, deflated: u64) -> u64 {
        deflated
            .saturating_mul(self.inflate_ratio)
            .max(self.inflated_bytes_of_any)
            .min(self.inflated_bytes)
    }
}
