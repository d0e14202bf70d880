//! Inflating with a cap (PS3.5 annex A.5: raw deflate, RFC 1951).

use std::io::Read;

use crate::GateError;

/// Inflates a deflated data set, up to `limit` bytes.
pub(crate) fn inflate(deflated: &[u8], limit: u64) -> Result<Vec<u8>, GateError> {
    let mut inflated = Vec::new();
    let result = flate2::read::DeflateDecoder::new(deflated)
        .take(limit.saturating_add(1))
        .read_to_end(&mut inflated);
    if inflated.len() as u64 > limit {
        return Err(GateError::InflatedTooLarge { limit });
    }
    match result {
        Ok(_) => Ok(inflated),
        Err(_) => Err(GateError::Inflate {
            inflated: inflated.len(),
        }),
    }
}
