//! Numbers of a weight matrix in fewer bits.

use half::f16;

/// Values that share one scale.
const BLOCK: usize = 32;

/// Bits of a weight matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 16-bit floating point.
    Half,
    /// 8 bits with a 16-bit scale for 32 values (`q8_0`).
    Eight,
}

impl Precision {
    /// Number of the type in the file's header (`ggml_ftype`), with version 2 of quantised types.
    pub(super) fn file_type(self) -> i32 {
        match self {
            Self::Half => 1,
            Self::Eight => 2_007,
        }
    }

    /// Number of the type of one tensor (`ggml_type`).
    pub(super) fn tensor_type(self) -> i32 {
        match self {
            Self::Half => 1,
            Self::Eight => 8,
        }
    }
}

/// Bytes of a matrix whose rows, a multiple of 32 wide, lie one after another.
pub(super) fn values(precision: Precision, matrix: &[f32], width: usize) -> Vec<u8> {
    debug_assert_eq!(width % BLOCK, 0);
    match precision {
        Precision::Half => half(matrix),
        Precision::Eight => matrix.chunks_exact(BLOCK).flat_map(block).collect(),
    }
}

pub(super) fn half(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|&value| f16::from_f32(value).to_le_bytes())
        .collect()
}

/// Scale, then each value by it (`quantize_row_q8_0_ref`).
fn block(values: &[f32]) -> Vec<u8> {
    let largest = values.iter().fold(0.0_f32, |max, value| max.max(value.abs()));
    let scale = largest / 127.0;
    let inverse = if scale > 0.0 { scale.recip() } else { 0.0 };
    f16::from_f32(scale)
        .to_le_bytes()
        .into_iter()
        .chain(values.iter().map(|value| (value * inverse).round() as i8 as u8))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_back_within_half_a_step() {
        let row: Vec<f32> = (0..64)
            .map(|i| (i as f32 * 0.7).sin() * if i < 32 { 0.01 } else { 3.0 })
            .collect();
        let bytes = values(Precision::Eight, &row, 64);
        assert_eq!(bytes.len(), 2 * 34);
        for (block, values) in bytes.chunks_exact(34).zip(row.chunks_exact(BLOCK)) {
            let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
            for (&byte, value) in block[2..].iter().zip(values) {
                assert!(
                    (f32::from(byte as i8) * scale - value).abs() < 0.6 * scale,
                    "{value}"
                );
            }
        }
        assert!(
            values(Precision::Eight, &[0.0; 32], 32)
                .iter()
                .all(|&byte| byte == 0)
        );
    }
}
