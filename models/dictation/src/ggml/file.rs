//! Layout of the file, as `whisper_model_load` of whisper.cpp 1.8 reads it; all little-endian.

use super::Precision;
use super::quantise::{half, values};

const MAGIC: u32 = 0x6767_6d6c;

/// A file in the making.
pub(super) struct File {
    bytes: Vec<u8>,
    precision: Precision,
}

impl File {
    pub(super) fn new(precision: Precision) -> Self {
        Self {
            bytes: MAGIC.to_le_bytes().to_vec(),
            precision,
        }
    }

    /// Sizes, and after them the type of the matrices.
    pub(super) fn hyperparameters(&mut self, sizes: &[i32]) {
        for &size in sizes {
            self.number(size);
        }
        self.number(self.precision.file_type());
    }

    /// Mel filters, `[band][bin]`.
    pub(super) fn filters(&mut self, bands: i32, bins: i32, filters: &[f32]) {
        self.number(bands);
        self.number(bins);
        self.bytes
            .extend(filters.iter().flat_map(|value| value.to_le_bytes()));
    }

    /// Texts of tokens from number 0.
    pub(super) fn vocabulary<'a>(&mut self, count: usize, tokens: impl Iterator<Item = &'a [u8]>) {
        self.number(count as i32);
        for token in tokens.take(count) {
            self.number(token.len() as i32);
            self.bytes.extend_from_slice(token);
        }
    }

    /// A weight that is multiplied with: in the precision of the file.
    pub(super) fn matrix(&mut self, name: &str, size: &[i64], matrix: &[f32]) {
        self.header(name, size, self.precision.tensor_type());
        let width = size.last().map_or(1, |&width| width as usize);
        self.bytes.extend(values(self.precision, matrix, width));
    }

    /// A weight of a convolution: 16 bits whatever the precision.
    pub(super) fn convolution(&mut self, name: &str, size: &[i64], weight: &[f32]) {
        self.header(name, size, Precision::Half.tensor_type());
        self.bytes.extend(half(weight));
    }

    /// Biases, norms and positions: 32 bits.
    pub(super) fn vector_or_table(&mut self, name: &str, size: &[i64], table: &[f32]) {
        self.header(name, size, 0);
        self.bytes
            .extend(table.iter().flat_map(|value| value.to_le_bytes()));
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// ggml counts sides from the innermost.
    fn header(&mut self, name: &str, size: &[i64], tensor_type: i32) {
        self.number(size.len() as i32);
        self.number(name.len() as i32);
        self.number(tensor_type);
        size.iter().rev().for_each(|&side| self.number(side as i32));
        self.bytes.extend_from_slice(name.as_bytes());
    }

    fn number(&mut self, number: i32) {
        self.bytes.extend(number.to_le_bytes());
    }
}
