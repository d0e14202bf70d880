//! Age and contrast as headers say them.

use hilum_volume::InstanceHeader;
use time::{Date, macros::format_description};

/// Words that stand in the contrast attribute of scans without contrast.
const NO_CONTRAST: [&str; 8] = ["NONE", "NO", "N", "NATIVE", "NATIV", "WITHOUT", "OFF", "0"];

/// Age at the time of the study in years, from Patient's Age (PS3.5 section 6.2, AS), else from birth and study date.
///
/// `None` where neither can be read. The value is the patient's: never for a message.
pub(crate) fn age_years(header: &InstanceHeader) -> Option<f64> {
    let said = header.patient_age.reveal().as_deref().and_then(age_string);
    said.or_else(|| {
        let born = date(header.patient_birth_date.reveal().as_deref()?)?;
        let studied = date(header.study_date.as_deref()?)?;
        whole_years(born, studied)
    })
}

/// An age string, `nnnD`, `nnnW`, `nnnM` or `nnnY`. `000Y` is how some programs write "not known".
fn age_string(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if number.len() != 3 || !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    match unit {
        "D" => Some(number / 365.25),
        "W" => Some(number * 7.0 / 365.25),
        "M" => Some(number / 12.0),
        "Y" => (number > 0.0).then_some(number),
        _ => None,
    }
}

fn date(text: &str) -> Option<Date> {
    Date::parse(text.trim(), format_description!("[year][month][day]")).ok()
}

/// Birthdays from birth to a day, counted by the calendar. `None` where birth comes after.
fn whole_years(born: Date, day: Date) -> Option<f64> {
    let had_birthday = (day.month() as u8, day.day()) >= (born.month() as u8, born.day());
    let years = day.year() - born.year() - i32::from(!had_birthday);
    (born <= day).then(|| f64::from(years))
}

/// Whether Contrast/Bolus Agent names an agent.
pub(crate) fn names_contrast(header: &InstanceHeader) -> bool {
    header.contrast_agent.as_deref().is_some_and(|agent| {
        let agent = agent.trim().to_ascii_uppercase();
        !agent.is_empty() && !NO_CONTRAST.contains(&agent.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_strings() {
        let rows = [
            ("018Y", Some(18.0)),
            ("017Y", Some(17.0)),
            ("216M", Some(18.0)),
            ("052W", Some(364.0 / 365.25)),
            ("000D", Some(0.0)),
            ("000Y", None),
            ("18Y", None),
            ("0018Y", None),
            ("018", None),
            ("-18Y", None),
            ("018J", None),
            ("", None),
            ("é", None),
            ("01é", None),
        ];
        for (text, want) in rows {
            assert_eq!(age_string(text), want, "{text:?}");
        }
    }

    #[test]
    fn birthdays() {
        let rows = [
            ("20000229", "20180228", Some(17.0)),
            ("20000229", "20180301", Some(18.0)),
            ("20000301", "20180301", Some(18.0)),
            ("20000302", "20180301", Some(17.0)),
            ("20180302", "20180301", None),
        ];
        for (born, day, want) in rows {
            assert_eq!(
                whole_years(date(born).unwrap(), date(day).unwrap()),
                want,
                "{born} {day}"
            );
        }
        assert_eq!(date("2018-03-01"), None);
        assert_eq!(date("20181301"), None);
    }
}
