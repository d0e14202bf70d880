//! What the pictures are drawn by.

use std::str::FromStr;

use hilum_domain::Uid;

/// Draws slices of stored series. Implemented where volumes are loaded; this crate only asks.
pub trait SliceRenderer: Send + Sync {
    /// One axial slice as PNG, counted from 0 along the slice normal, the nodules on it outlined: all of the
    /// latest result, or only the one with this identifier. Blocks; called on the blocking threads.
    fn render(
        &self,
        series_uid: &Uid,
        slice: usize,
        window: Window,
        nodule: Option<&str>,
    ) -> Result<Vec<u8>, RenderError>;
}

/// Which Hounsfield units become black and white: `centre - width/2` and `centre + width/2`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Centre in Hounsfield units.
    pub center_hu: f32,
    /// Width in Hounsfield units, at least 1.
    pub width_hu: f32,
}

impl Window {
    /// Lung parenchyma.
    pub const LUNG: Self = Self {
        center_hu: -600.0,
        width_hu: 1500.0,
    };
    /// Soft tissue.
    pub const MEDIASTINUM: Self = Self {
        center_hu: 40.0,
        width_hu: 400.0,
    };
}

/// Not `lung`, `mediastinum` or `centre,width`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "window is neither lung, mediastinum nor CENTRE,WIDTH in Hounsfield units with a width of at least 1"
)]
pub struct BadWindow;

impl FromStr for Window {
    type Err = BadWindow;

    fn from_str(text: &str) -> Result<Self, BadWindow> {
        match text {
            "lung" => return Ok(Self::LUNG),
            "mediastinum" => return Ok(Self::MEDIASTINUM),
            _ => {}
        }
        let (center, width) = text.split_once(',').ok_or(BadWindow)?;
        let number = |text: &str| {
            text.trim()
                .parse::<f32>()
                .ok()
                .filter(|v| v.abs() <= 100_000.0)
                .ok_or(BadWindow)
        };
        let window = Self {
            center_hu: number(center)?,
            width_hu: number(width)?,
        };
        if window.width_hu < 1.0 {
            Err(BadWindow)
        } else {
            Ok(window)
        }
    }
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The store has no such series.
    #[error("no such series")]
    NoSuchSeries,
    /// The series has no such slice.
    #[error("the series has {slices} slices, counted from 0")]
    NoSuchSlice {
        /// Slices of the series.
        slices: usize,
    },
    /// The latest result of the series has no such nodule.
    #[error("the latest result of the series has no such nodule")]
    NoSuchNodule,
    /// The series does not become a volume; the text names the reason without patient data.
    #[error("the series cannot be drawn: {0}")]
    NotRenderable(String),
    /// Drawing itself failed; the text is for the log.
    #[error("drawing failed: {0}")]
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows() {
        assert_eq!("lung".parse(), Ok(Window::LUNG));
        assert_eq!("-600, 1500".parse(), Ok(Window::LUNG));
        for bad in [
            "", "bone", "40", "40,0", "40,-5", "nan,400", "40,inf", "1e9,4", "40,400,2",
        ] {
            assert_eq!(bad.parse::<Window>(), Err(BadWindow), "{bad:?}");
        }
    }
}
