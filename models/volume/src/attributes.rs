//! Reading single attributes, with the keyword in the error.

use dicom_core::Tag;
use dicom_core::header::HasLength as _;
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use hilum_domain::Uid;

use crate::VolumeError;

/// Attributes of one instance; errors name the file.
pub(crate) struct Attributes<'a> {
    pub(crate) object: &'a InMemDicomObject,
    pub(crate) file: &'a str,
}

impl Attributes<'_> {
    fn get(&self, tag: Tag) -> Option<&InMemElement> {
        self.object.get(tag).filter(|element| !element.is_empty())
    }

    fn missing(&self, attribute: &'static str) -> VolumeError {
        VolumeError::MissingAttribute {
            file: self.file.to_owned(),
            attribute,
        }
    }

    /// Text without padding; `None` when absent or empty.
    pub(crate) fn text(&self, tag: Tag) -> Option<String> {
        let text = self.get(tag)?.to_str().ok()?;
        let text = text.trim_matches([' ', '\0']);
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// All values of a text attribute.
    pub(crate) fn texts(&self, tag: Tag) -> Vec<String> {
        let Some(Ok(values)) = self.get(tag).map(InMemElement::to_multi_str) else {
            return Vec::new();
        };
        values
            .iter()
            .map(|value| value.trim_matches([' ', '\0']).to_owned())
            .collect()
    }

    /// A required UID.
    pub(crate) fn uid(&self, tag: Tag, attribute: &'static str) -> Result<Uid, VolumeError> {
        let text = self.text(tag).ok_or_else(|| self.missing(attribute))?;
        Uid::parse(&text).map_err(|_| self.missing(attribute))
    }

    /// An integer; `None` when absent, an error when it is there and unreadable.
    pub(crate) fn integer(&self, tag: Tag, attribute: &'static str) -> Result<Option<i64>, VolumeError> {
        let Some(element) = self.get(tag) else {
            return Ok(None);
        };
        element.to_int().map(Some).map_err(|_| self.missing(attribute))
    }

    /// An unsigned 16-bit number; `None` when absent.
    pub(crate) fn unsigned(&self, tag: Tag, attribute: &'static str) -> Result<Option<u16>, VolumeError> {
        let value = self.integer(tag, attribute)?;
        value
            .map(|value| u16::try_from(value).map_err(|_| self.missing(attribute)))
            .transpose()
    }

    /// `N` finite numbers; `None` when absent.
    pub(crate) fn numbers<const N: usize>(
        &self,
        tag: Tag,
        attribute: &'static str,
    ) -> Result<Option<[f64; N]>, VolumeError> {
        let Some(element) = self.get(tag) else {
            return Ok(None);
        };
        let values = element.to_multi_float64().map_err(|_| self.missing(attribute))?;
        if values.iter().any(|value| !value.is_finite()) {
            return Err(self.missing(attribute));
        }
        <[f64; N]>::try_from(values)
            .map(Some)
            .map_err(|_| self.missing(attribute))
    }

    /// `N` finite numbers that must be there.
    pub(crate) fn required<const N: usize>(
        &self,
        tag: Tag,
        attribute: &'static str,
    ) -> Result<[f64; N], VolumeError> {
        self.numbers(tag, attribute)?
            .ok_or_else(|| self.missing(attribute))
    }
}
