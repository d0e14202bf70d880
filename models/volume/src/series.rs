//! Which of the series among the inputs becomes the volume.

use std::collections::BTreeMap;

use hilum_domain::{ReasonCode, Uid};

use crate::VolumeError;
use crate::load::SetAside;
use crate::slice::Examined;

/// Takes the series that was asked for, or the largest; the rest is set aside.
pub(crate) fn choose(
    slices: Vec<Examined>,
    wanted: Option<&Uid>,
    set_aside: &mut Vec<SetAside>,
) -> Result<Vec<Examined>, VolumeError> {
    let mut series: BTreeMap<Uid, Vec<Examined>> = BTreeMap::new();
    for slice in slices {
        let uid = slice.slice.header.series_instance_uid.clone();
        series.entry(uid).or_default().push(slice);
    }
    if series.is_empty() {
        return Err(nothing(set_aside));
    }
    let chosen = match wanted {
        Some(uid) => uid.clone(),
        None => largest(&series)?,
    };
    let slices = series.remove(&chosen).ok_or_else(|| VolumeError::NoSuchSeries {
        series_uid: chosen.to_string(),
    })?;
    for (uid, others) in series {
        set_aside.extend(others.into_iter().map(|other| SetAside {
            file: other.slice.name,
            code: ReasonCode::OtherSeries,
            text: format!("belongs to series {uid}, not to {chosen}"),
        }));
    }
    same_identity(&slices)?;
    Ok(slices)
}

fn largest(series: &BTreeMap<Uid, Vec<Examined>>) -> Result<Uid, VolumeError> {
    let most = series.values().map(Vec::len).max().unwrap_or_default();
    let mut largest = series.iter().filter(|(_, slices)| slices.len() == most);
    match (largest.next(), largest.count()) {
        (Some((uid, _)), 0) => Ok(uid.clone()),
        (_, others) => Err(VolumeError::SeveralSeries {
            series: others + 1,
            slices: most,
        }),
    }
}

/// A series belongs to one study, one patient and one frame of reference.
fn same_identity(slices: &[Examined]) -> Result<(), VolumeError> {
    let Some(first) = slices.first().map(|first| &first.slice.header) else {
        return Ok(());
    };
    for Examined { slice, .. } in slices {
        let header = &slice.header;
        let attribute = if header.study_instance_uid != first.study_instance_uid {
            "StudyInstanceUID"
        } else if header.patient != first.patient {
            "PatientID"
        } else if header.frame_of_reference_uid != first.frame_of_reference_uid {
            "FrameOfReferenceUID"
        } else {
            continue;
        };
        return Err(VolumeError::MixedIdentity {
            file: slice.name.clone(),
            attribute,
        });
    }
    Ok(())
}

/// Says what the inputs were instead. One code if all agree, else the most telling: a damaged or refused DICOM
/// file before one that is merely something else.
fn nothing(set_aside: &[SetAside]) -> VolumeError {
    let mut counts: BTreeMap<ReasonCode, usize> = BTreeMap::new();
    for aside in set_aside {
        *counts.entry(aside.code).or_default() += 1;
    }
    let plain = [ReasonCode::NotDicom, ReasonCode::NotCt, ReasonCode::Localizer];
    let damaged = counts.keys().find(|code| !plain.contains(code));
    let code = damaged
        .or_else(|| {
            [ReasonCode::Localizer, ReasonCode::NotCt]
                .iter()
                .find_map(|code| counts.get_key_value(code).map(|(code, _)| code))
        })
        .copied()
        .unwrap_or(ReasonCode::NotDicom);
    let detail = match set_aside {
        [] => "there are no files".to_owned(),
        [one] => format!("{}: {}", one.file, one.text),
        _ => counts
            .iter()
            .map(|(code, count)| format!("{count} {}", code.as_str()))
            .collect::<Vec<_>>()
            .join(", "),
    };
    VolumeError::NothingToLoad { code, detail }
}
