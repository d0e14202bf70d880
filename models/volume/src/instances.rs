//! Single instances of folders, files and archives, for those who do not want a volume.

use std::path::PathBuf;
use std::sync::Arc;

use hilum_domain::Uid;
use hilum_gate::Limits;

use crate::slice::ReadFailure;
use crate::source::{self, Found, Origin};
use crate::{InstanceHeader, VolumeError, read_header};

/// An instance in memory.
#[derive(Debug)]
pub struct Instance {
    /// What messages call it.
    pub name: String,
    /// The file as it is.
    pub bytes: Vec<u8>,
    /// What it says about itself.
    pub header: InstanceHeader,
}

/// The DICOM instances of the inputs, one at a time, each past the gate. What is no DICOM instance is an error item.
pub fn instances(
    inputs: &[PathBuf],
    limits: &Limits,
) -> Result<impl Iterator<Item = Result<Instance, VolumeError>>, VolumeError> {
    let limits = *limits;
    Ok(source::gather(inputs, &limits)?
        .into_iter()
        .map(move |found| open(found, &limits)))
}

/// Study and series that inputs are about: those of the wanted series, or of the first DICOM instance. `None` when no
/// instance can be read that far.
pub fn identify(inputs: &[PathBuf], wanted: Option<&Uid>, limits: &Limits) -> Option<(Uid, Uid)> {
    instances(inputs, limits)
        .ok()?
        .filter_map(Result::ok)
        .map(|instance| {
            (
                instance.header.study_instance_uid,
                instance.header.series_instance_uid,
            )
        })
        .find(|(_, series)| wanted.is_none_or(|wanted| wanted == series))
}

fn open(found: Found, limits: &Limits) -> Result<Instance, VolumeError> {
    let Found { name, origin } = found;
    let bytes = match origin {
        Origin::Memory(bytes) => Arc::unwrap_or_clone(bytes),
        Origin::File(path) => {
            let mut bytes = Vec::new();
            source::read_file(&path, limits, &mut bytes).map_err(|failure| match failure {
                ReadFailure::System(source) => VolumeError::Unreadable {
                    file: name.clone(),
                    source,
                },
                ReadFailure::Gate(source) => VolumeError::Refused {
                    file: name.clone(),
                    source,
                },
            })?;
            bytes
        }
    };
    let header = read_header(&name, &bytes, limits)?;
    Ok(Instance { name, bytes, header })
}
