//! Stored values to Hounsfield units: by a line or by a table (Modality LUT module, PS3.3 section C.11.1).

use std::sync::Arc;

use dicom_dictionary_std::tags;
use hilum_gate::{Encoding, Item, Limits, Prescan};

use crate::VolumeError;
use crate::attributes::Attributes;
use crate::error::PixelError;

const MODALITY_LUT_SEQUENCE: (u16, u16) = (0x0028, 0x3000);
const LUT_DESCRIPTOR: (u16, u16) = (0x0028, 0x3002);
const MODALITY_LUT_TYPE: (u16, u16) = (0x0028, 0x3004);
const LUT_DATA: (u16, u16) = (0x0028, 0x3006);

/// How stored values become HU.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Modality {
    /// HU = stored x slope + intercept.
    Line { slope: f64, intercept: f64 },
    /// HU by a table. Shared: all frames of an instance have the same.
    Table(Arc<Table>),
}

/// What the values of a CT are said to be, where they may be read as HU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// HU.
    Hounsfield,
    /// Modified HU: made of several energies or corrected, so that tissue may lie elsewhere than in plain CT.
    Modified,
    /// Unspecified: old converters and some devices write so where they mean HU.
    Unspecified,
}

/// Terms of PS3.3 section C.11.1.1.2 for what is no HU.
const OTHER_UNITS: [&str; 7] = ["OD", "US", "MGML", "Z_EFF", "ED", "EDW", "PCT"];

/// A table of HU. Values below its first and above its last take those.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    first_stored: i64,
    hu: Vec<f64>,
}

impl Unit {
    /// From Rescale Type. Absent is HU: a CT image needs one only where it is something else (PS3.3 section C.8.2.1).
    /// Densities, atomic numbers and the like are refused, and so is what the standard does not define.
    pub(crate) fn of(attributes: &Attributes<'_>) -> Result<Self, VolumeError> {
        let Some(said) = attributes.text(tags::RESCALE_TYPE) else {
            return Ok(Self::Hounsfield);
        };
        match said.as_str() {
            "HU" => Ok(Self::Hounsfield),
            "HU_MOD" => Ok(Self::Modified),
            "US" => Ok(Self::Unspecified),
            other => Err(VolumeError::Pixels {
                file: attributes.file.to_owned(),
                what: PixelError::NotHounsfield {
                    attribute: "RescaleType",
                    value: defined(other),
                },
            }),
        }
    }
}

/// A unit by its defined term; what the standard does not define is not repeated, since it may be anything.
fn defined(unit: &str) -> &'static str {
    let term = OTHER_UNITS.into_iter().find(|term| *term == unit);
    term.unwrap_or("no defined term")
}

impl Modality {
    /// From the rescale, or from the table of the instance where there is no rescale. Both at once are refused: the
    /// standard allows one.
    pub(crate) fn of(attributes: &Attributes<'_>, table: Option<Arc<Table>>) -> Result<Self, VolumeError> {
        let slope = attributes.numbers::<1>(tags::RESCALE_SLOPE, "RescaleSlope")?;
        match (slope, table) {
            (None, Some(table)) => Ok(Self::Table(table)),
            (Some(_), Some(_)) => Err(VolumeError::Pixels {
                file: attributes.file.to_owned(),
                what: PixelError::ModalityLut("it stands beside a rescale"),
            }),
            (_, None) => {
                let [slope] = attributes.required(tags::RESCALE_SLOPE, "RescaleSlope")?;
                let [intercept] = attributes.required(tags::RESCALE_INTERCEPT, "RescaleIntercept")?;
                Ok(Self::Line { slope, intercept })
            }
        }
    }

    pub(crate) fn hu(&self, stored: i64) -> f64 {
        match self {
            Self::Line { slope, intercept } => stored as f64 * slope + intercept,
            Self::Table(table) => table.hu(stored),
        }
    }

    /// Whether whole stored values become whole HU.
    pub(crate) fn is_whole(&self) -> bool {
        match self {
            Self::Line { slope, intercept } => slope.fract() == 0.0 && intercept.fract() == 0.0,
            Self::Table(_) => true,
        }
    }
}

impl Table {
    /// The table of an instance; `None` where it has none. `signed` is its Pixel Representation.
    pub(crate) fn of(
        bytes: &[u8],
        scan: &Prescan,
        signed: bool,
        limits: &Limits,
    ) -> Result<Option<Arc<Self>>, PixelError> {
        let (group, element) = MODALITY_LUT_SEQUENCE;
        let Some(item) = scan.items(bytes, group, element, limits).next() else {
            return Ok(None);
        };
        let item = item.map_err(|_| PixelError::ModalityLut("its item is damaged"))?;
        Self::of_item(&item, signed).map(|table| Some(Arc::new(table)))
    }

    fn of_item(item: &Item<'_>, signed: bool) -> Result<Self, PixelError> {
        let value = |(group, element)| item.value(group, element).unwrap_or_default();
        // Its values must be HU to enter a volume of HU.
        let kind = String::from_utf8_lossy(value(MODALITY_LUT_TYPE));
        let kind = kind.trim_matches([' ', '\0']);
        if kind != "HU" {
            return Err(PixelError::NotHounsfield {
                attribute: "ModalityLUTType",
                value: defined(kind),
            });
        }
        let words = |bytes: &[u8]| -> Vec<u16> {
            let word = |pair: &[u8]| match item.encoding {
                Encoding::ExplicitBig => u16::from_be_bytes([pair[0], pair[1]]),
                _ => u16::from_le_bytes([pair[0], pair[1]]),
            };
            bytes.chunks_exact(2).map(word).collect()
        };
        let [entries, first, bits] = words(value(LUT_DESCRIPTOR))[..] else {
            return Err(PixelError::ModalityLut("its descriptor has not three values"));
        };
        if !(8..=16).contains(&bits) {
            return Err(PixelError::ModalityLut("its entries have not 8 to 16 bits"));
        }
        // 65536 entries do not fit the 16 bits of the descriptor and are written as 0.
        let entries = if entries == 0 {
            65_536
        } else {
            usize::from(entries)
        };
        let data = value(LUT_DATA);
        let hu: Vec<f64> = if bits == 8 && data.len() == entries + entries % 2 {
            data[..entries].iter().copied().map(f64::from).collect()
        } else {
            words(data).into_iter().map(f64::from).collect()
        };
        if hu.len() != entries {
            return Err(PixelError::ModalityLut(
                "it has another number of entries than its descriptor says",
            ));
        }
        let first_stored = if signed {
            i64::from(first.cast_signed())
        } else {
            first.into()
        };
        Ok(Self { first_stored, hu })
    }

    fn hu(&self, stored: i64) -> f64 {
        let last = self.hu.len() as i64 - 1;
        let index = (stored - self.first_stored).clamp(0, last);
        self.hu[index as usize]
    }
}
