//! Members on disk while a run goes on.

use std::io::Write as _;
use std::path::Path;

use hilum_domain::Sha256;
use serde::{Deserialize, Serialize};

use super::SegmenterTrainConfig;
use super::fit::CurvePoint;
use crate::NoduleError;
use crate::segmenter::network::UNet;
use crate::segmenter::weight_file::{MODEL, refused};
use crate::tensor_file::{self, TensorFile};

/// Format of the file.
const FORMAT: &str = "hilum-segmenter-member/1";

/// Header of one member's file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkpoint {
    format: String,
    run: Sha256,
    curve: Vec<CurvePoint>,
}

impl Checkpoint {
    pub(super) fn new(run: Sha256, curve: Vec<CurvePoint>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            run,
            curve,
        }
    }

    pub(super) fn write(&self, path: &Path, member: &UNet) -> Result<(), NoduleError> {
        write_file(path, &tensor_file::write(MODEL, self, &[&member.store])?)
    }

    /// The member of a file, provided it belongs to a run.
    pub(super) fn read(path: &Path, run: &Sha256) -> Result<(UNet, Vec<CurvePoint>), NoduleError> {
        let bytes = std::fs::read(path).map_err(|source| NoduleError::Io {
            path: path.to_owned(),
            source,
        })?;
        let (header, file) = TensorFile::open::<Self>(MODEL, FORMAT, &bytes)?;
        if header.run != *run {
            return Err(NoduleError::StaleCheckpoint(path.to_owned()));
        }
        let member = UNet::new()?;
        file.load(0, &member.store)?;
        Ok((member, header.curve))
    }
}

/// Digest of everything that decides a member: data, start, configuration, fold. The jury is chosen among members that
/// are done, and they are mixed with the start then.
pub(super) fn run_digest(
    data: [&Sha256; 2],
    start: Option<&Sha256>,
    config: &SegmenterTrainConfig,
    fold: u8,
) -> Result<Sha256, NoduleError> {
    let config = SegmenterTrainConfig {
        jury: Vec::new(),
        keep_start: 0.0,
        ..config.clone()
    };
    let config = serde_json::to_vec(&config).map_err(|error| refused(&error))?;
    let [read, synthetic] = data.map(|digest| digest.as_str().as_bytes());
    let start = start.map_or(&b""[..], |digest| digest.as_str().as_bytes());
    Ok(Sha256::of_parts([read, synthetic, start, &config, &[fold]]))
}

/// Writes a file whole or not at all.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), NoduleError> {
    let io = |source| NoduleError::Io {
        path: path.to_owned(),
        source,
    };
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}
