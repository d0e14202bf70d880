//! Inflating with a cap (PS3.5 annex A.5: raw deflate, RFC 1951).

use std::io::{self, Read as _};

use flate2::read::DeflateDecoder;

use crate::{GateError, Limits};

/// Inflates a deflated data set, up to what [`Limits::inflated_bytes_of`] allows for its length.
///
/// It is inflated twice: the first time only counts, so that a bomb is refused with nothing kept, and what is
/// kept has exactly its size.
pub(crate) fn inflate(deflated: &[u8], limits: &Limits) -> Result<Vec<u8>, GateError> {
    let allowed = limits.inflated_bytes_of(deflated.len() as u64);
    let mut counted = DeflateDecoder::new(deflated).take(allowed.saturating_add(1));
    let outcome = io::copy(&mut counted, &mut io::sink());
    let size = counted.into_inner().total_out();
    if size > allowed {
        return Err(GateError::InflatedTooLarge { limit: allowed });
    }
    let damaged = |_| GateError::Inflate {
        inflated: size as usize,
    };
    outcome.map_err(damaged)?;
    let mut inflated = Vec::with_capacity(size as usize);
    DeflateDecoder::new(deflated)
        .read_to_end(&mut inflated)
        .map_err(damaged)?;
    Ok(inflated)
}
