//! Whether an earlier CT may be compared: the same patient, another series, before.

use hilum_domain::{Reason, ReasonCode};
use hilum_volume::InstanceHeader;
use time::{Date, macros::format_description};

/// Refuses what is no prior of the current CT. No value of an attribute is part of the reason.
pub(super) fn check(current: &InstanceHeader, prior: &InstanceHeader) -> Result<(), Reason> {
    let refuse = |code, text: &str| Err(Reason::new(code, text));
    if let Some(attribute) = other_patient(current, prior) {
        return refuse(
            ReasonCode::PatientMismatch,
            &format!("the prior is not joined: {attribute}"),
        );
    }
    if current.series_instance_uid == prior.series_instance_uid {
        return refuse(ReasonCode::PriorSameSeries, "the prior is the same series");
    }
    if current.study_instance_uid == prior.study_instance_uid {
        return refuse(
            ReasonCode::PriorNotEarlier,
            "the prior is not earlier: both series belong to one study",
        );
    }
    if is_later(current, prior) {
        return refuse(
            ReasonCode::PriorNotEarlier,
            "the prior is not earlier: its study was done after that of the CT",
        );
    }
    Ok(())
}

/// Days from the prior study to the current one by Study Date; `None` when a date is absent or not one.
pub(super) fn interval_days(current: &InstanceHeader, prior: &InstanceHeader) -> Option<u32> {
    let days = (study_date(current)? - study_date(prior)?).whole_days();
    u32::try_from(days).ok()
}

/// What shows that these are two patients, or does not show that they are one.
///
/// Patient ID and issuer decide; birth date and sex can only contradict, since sites leave them out. `O` is no
/// contradiction to `M` or `F`: it is also written where the sex was not asked for.
fn other_patient(current: &InstanceHeader, prior: &InstanceHeader) -> Option<&'static str> {
    let ids = [current, prior].map(|header| header.patient.id.reveal().trim());
    if ids.iter().any(|id| id.is_empty()) {
        return Some("Patient ID is empty, so nobody can tell whose it is");
    }
    if ids[0] != ids[1] {
        return Some("Patient ID differs");
    }
    let differ = |value: fn(&InstanceHeader) -> Option<&String>| {
        let values = [current, prior].map(|header| value(header).map(|text| text.trim()));
        matches!(values, [Some(a), Some(b)] if !a.is_empty() && !b.is_empty() && a != b)
    };
    if differ(|header| header.patient.issuer.reveal().as_ref()) {
        return Some("Issuer of Patient ID differs");
    }
    if differ(|header| header.patient_birth_date.reveal().as_ref()) {
        return Some("Patient ID agrees, but Patient's Birth Date contradicts it");
    }
    let sex = |header: &InstanceHeader| match header.patient_sex.reveal().as_deref().map(str::trim) {
        Some("M") => Some(true),
        Some("F") => Some(false),
        _ => None,
    };
    if matches!((sex(current), sex(prior)), (Some(a), Some(b)) if a != b) {
        return Some("Patient ID agrees, but Patient's Sex contradicts it");
    }
    None
}

/// Whether the prior study has the later date; on one day, the later time where both times are known.
fn is_later(current: &InstanceHeader, prior: &InstanceHeader) -> bool {
    let (Some(now), Some(then)) = (study_date(current), study_date(prior)) else {
        return false;
    };
    let time = |header: &InstanceHeader| header.study_time.as_deref().and_then(seconds);
    let is_later_that_day = matches!((time(current), time(prior)), (Some(now), Some(then)) if then > now);
    then > now || (then == now && is_later_that_day)
}

fn study_date(header: &InstanceHeader) -> Option<Date> {
    let text = header.study_date.as_deref()?;
    Date::parse(text.trim(), format_description!("[year][month][day]")).ok()
}

/// Seconds of the day, from HHMMSS with or without a fraction; `None` for a shorter or another form.
fn seconds(text: &str) -> Option<u32> {
    let digits = text.trim().get(..6)?;
    let part = |at: usize| digits.get(at..at + 2)?.parse::<u32>().ok();
    Some(part(0)? * 3600 + part(2)? * 60 + part(4)?)
}

#[cfg(test)]
mod tests {
    use hilum_domain::{Redacted, Uid};
    use hilum_phantom::{ChestPhantom, PhantomOptions};
    use hilum_volume::{Limits, read_header};

    use super::*;

    fn header() -> InstanceHeader {
        let options = PhantomOptions {
            size: 64,
            slices: 60,
            slice_spacing_mm: 5.0,
            ..PhantomOptions::default()
        };
        let (name, bytes) = ChestPhantom::new(1, &options).unwrap().instance(0).unwrap();
        read_header(&name, &bytes, &Limits::default()).unwrap()
    }

    /// A study 100 days before.
    fn earlier(of: &InstanceHeader) -> InstanceHeader {
        let mut prior = of.clone();
        prior.study_instance_uid = Uid::parse("1.2").unwrap();
        prior.series_instance_uid = Uid::parse("1.2.3").unwrap();
        let before = study_date(of).unwrap() - time::Duration::days(100);
        prior.study_date = Some(before.format(format_description!("[year][month][day]")).unwrap());
        prior
    }

    type Edit<'a> = &'a dyn Fn(&mut InstanceHeader, &mut InstanceHeader);

    #[test]
    fn who_and_when() {
        let some = |text: &str| Redacted::new(Some(text.to_owned()));
        let rows: [(&str, Edit<'_>, Option<ReasonCode>); 17] = [
            ("a prior", &|_, _| {}, None),
            (
                "another id",
                &|_, p| p.patient.id = Redacted::new("X".into()),
                Some(ReasonCode::PatientMismatch),
            ),
            (
                "no id in either",
                &|c, p| {
                    c.patient.id = Redacted::new(String::new());
                    p.patient.id = Redacted::new(" ".into());
                },
                Some(ReasonCode::PatientMismatch),
            ),
            (
                "another issuer",
                &|c, p| {
                    c.patient.issuer = some("A");
                    p.patient.issuer = some("B");
                },
                Some(ReasonCode::PatientMismatch),
            ),
            ("issuer in one only", &|c, _| c.patient.issuer = some("A"), None),
            (
                "another birth date",
                &|_, p| p.patient_birth_date = some("19010101"),
                Some(ReasonCode::PatientMismatch),
            ),
            (
                "no birth date",
                &|_, p| p.patient_birth_date = Redacted::new(None),
                None,
            ),
            (
                "another sex",
                &|c, p| {
                    c.patient_sex = some("F");
                    p.patient_sex = some("M");
                },
                Some(ReasonCode::PatientMismatch),
            ),
            ("sex not asked for", &|_, p| p.patient_sex = some("M"), None),
            (
                "the same series",
                &|c, p| p.series_instance_uid = c.series_instance_uid.clone(),
                Some(ReasonCode::PriorSameSeries),
            ),
            (
                "the same study",
                &|c, p| p.study_instance_uid = c.study_instance_uid.clone(),
                Some(ReasonCode::PriorNotEarlier),
            ),
            (
                "a later date",
                &|c, p| std::mem::swap(&mut c.study_date, &mut p.study_date),
                Some(ReasonCode::PriorNotEarlier),
            ),
            (
                "a later time on one day",
                &|c, p| {
                    p.study_date = c.study_date.clone();
                    c.study_time = Some("080000".into());
                    p.study_time = Some("080001.5".into());
                },
                Some(ReasonCode::PriorNotEarlier),
            ),
            (
                "one day, one time",
                &|c, p| p.study_date = c.study_date.clone(),
                None,
            ),
            ("no date", &|_, p| p.study_date = None, None),
            (
                "no date that is one",
                &|_, p| p.study_date = Some("20231340".into()),
                None,
            ),
            (
                "padded id",
                &|c, p| p.patient.id = Redacted::new(format!("{} ", c.patient.id.reveal())),
                None,
            ),
        ];
        for (what, edit, wanted) in rows {
            let mut current = header();
            let mut prior = earlier(&current);
            edit(&mut current, &mut prior);
            let refused = check(&current, &prior).err();
            assert_eq!(refused.as_ref().map(|reason| reason.code), wanted, "{what}");
            if let Some(reason) = refused {
                assert!(
                    !reason.text.contains(current.patient.id.reveal().as_str())
                        || current.patient.id.reveal().is_empty(),
                    "{what}"
                );
            }
        }
    }

    #[test]
    fn days() {
        let current = header();
        let mut prior = earlier(&current);
        assert_eq!(interval_days(&current, &prior), Some(100));
        assert_eq!(interval_days(&prior, &current), None, "never negative");
        prior.study_date = None;
        assert_eq!(interval_days(&current, &prior), None);
    }
}
