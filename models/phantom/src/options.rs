//! What can be asked of a phantom, and what is refused.

use hilum_domain::GeometryError;
use time::{Date, macros::date};

use crate::breath::Breath;
use crate::nodule::{PhantomNodule, WantedNodule};

/// How large, how noisy, what is in it, and what its header says.
#[derive(Debug, Clone, PartialEq)]
pub struct PhantomOptions {
    /// Rows and columns: 512, 256 or another number from 64 to 1024. The field of view stays 358.4 mm, so 512 gives
    /// 0.7 mm and 256 gives 1.4 mm.
    pub size: u16,
    /// Number of slices, 16 to 1000.
    pub slices: u16,
    /// Distance between slices along the table in millimetres.
    pub slice_spacing_mm: f64,
    /// Thickness that a slice averages over, 0.3 to 10 mm; the spacing when `None`.
    pub slice_thickness_mm: Option<f64>,
    /// Gantry tilt about the left-right axis, -30 to 30 degrees. Slices stay stacked along the table, so they are
    /// sheared against their normal, as a tilted gantry makes them.
    pub tilt_degrees: f64,
    /// Standard deviation of the noise.
    pub noise_hu: f64,
    /// Seed of the noise; the phantom's own when `None`.
    pub noise_seed: Option<u64>,
    /// Reconstruction kernel.
    pub kernel: Kernel,
    /// Nodules at given places. `None` and nothing wanted: one of each kind, at places drawn from the seed.
    pub nodules: Option<Vec<PhantomNodule>>,
    /// Nodules at places drawn from the seed, after those with a place.
    pub wanted: Vec<WantedNodule>,
    /// Draw the fissures between the lobes. The lobes are where they are in either case.
    pub fissures: bool,
    /// Contrast medium: bright vessels, heart and aorta, and the header says so.
    pub contrast: bool,
    /// A pacemaker of metal under the left clavicle, with its streaks.
    pub metal: bool,
    /// How far slices are shifted at random and blurred, 0 to 20 mm.
    pub motion_mm: f64,
    /// Position on the table and breath.
    pub breath: Breath,
    /// Study Date.
    pub study_date: Date,
    /// Age at that date in years, up to 120.
    pub age_years: u8,
    /// Body Part Examined, at most 16 characters.
    pub body_part: String,
}

/// How sharp edges are, and the noise with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kernel {
    /// Edges blurred, noise coarse.
    Soft,
    /// Between.
    #[default]
    Standard,
    /// Edges overshoot, noise fine.
    Sharp,
}

impl Kernel {
    /// Convolution Kernel as the header writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Soft => "SOFT",
            Self::Standard => "STANDARD",
            Self::Sharp => "SHARP",
        }
    }
}

impl Default for PhantomOptions {
    fn default() -> Self {
        Self {
            size: 512,
            slices: 120,
            slice_spacing_mm: 2.5,
            slice_thickness_mm: None,
            tilt_degrees: 0.0,
            noise_hu: 18.0,
            noise_seed: None,
            kernel: Kernel::Standard,
            nodules: None,
            wanted: Vec::new(),
            fissures: false,
            contrast: false,
            metal: false,
            motion_mm: 0.0,
            breath: Breath::default(),
            study_date: date!(2020 - 01 - 01),
            age_years: 60,
            body_part: "CHEST".to_owned(),
        }
    }
}

/// Why a phantom cannot be made or written.
#[derive(Debug, thiserror::Error)]
pub enum PhantomError {
    /// An option out of its range.
    #[error("{option} is {value}, allowed is {allowed}")]
    Option {
        /// Which.
        option: &'static str,
        /// Its value.
        value: f64,
        /// Its range.
        allowed: &'static str,
    },
    /// A text that the header cannot hold.
    #[error("{option} is {text:?}, allowed are up to 16 of A-Z, 0-9, space and underscore")]
    Text {
        /// Which.
        option: &'static str,
        /// What was given.
        text: String,
    },
    /// A second CT was asked to hold nodules of its own.
    #[error("the options of a follow-up name nodules; new ones belong into its own list")]
    FollowUpNodules,
    /// The calendar ends before the second CT.
    #[error("a study date {interval_days} days after {first} is beyond the calendar")]
    Interval {
        /// Date of the first CT.
        first: Date,
        /// Days after it.
        interval_days: u32,
    },
    /// No free place for a nodule of this size was found.
    #[error("no free place in the lungs for a nodule of {diameter_mm} mm")]
    NoPlace {
        /// Its diameter.
        diameter_mm: f64,
    },
    /// The grid is degenerate.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    /// There are too few slices for a volume.
    #[error(transparent)]
    Volume(#[from] hilum_volume::VolumeShapeError),
    /// A slice could not be encoded.
    #[error("slice {slice} cannot be encoded: {why}")]
    Encode {
        /// Which, counted from 0.
        slice: usize,
        /// What the encoder says.
        why: String,
    },
    /// A file could not be written.
    #[error("{file}: {source}")]
    Write {
        /// Which.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
}

impl PhantomOptions {
    /// Distance between pixels in millimetres.
    pub fn pixel_spacing_mm(&self) -> f64 {
        358.4 / f64::from(self.size)
    }

    /// Thickness of a slice in millimetres.
    pub fn thickness_mm(&self) -> f64 {
        self.slice_thickness_mm.unwrap_or(self.slice_spacing_mm)
    }

    pub(crate) fn check(&self) -> Result<(), PhantomError> {
        let within = |option, value: f64, low: f64, high: f64, allowed| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(PhantomError::Option {
                option,
                value,
                allowed,
            })
        };
        within("size", f64::from(self.size), 64.0, 1024.0, "64 to 1024")?;
        within("slices", f64::from(self.slices), 16.0, 1000.0, "16 to 1000")?;
        within("slice_spacing_mm", self.slice_spacing_mm, 0.3, 10.0, "0.3 to 10")?;
        within("slice_thickness_mm", self.thickness_mm(), 0.3, 10.0, "0.3 to 10")?;
        within("tilt_degrees", self.tilt_degrees, -30.0, 30.0, "-30 to 30")?;
        within("noise_hu", self.noise_hu, 0.0, 200.0, "0 to 200")?;
        within("motion_mm", self.motion_mm, 0.0, 20.0, "0 to 20")?;
        within("age_years", f64::from(self.age_years), 0.0, 120.0, "0 to 120")?;
        let breath = &self.breath;
        for shift in breath.shift_mm {
            within("breath.shift_mm", shift, -50.0, 50.0, "-50 to 50")?;
        }
        within(
            "breath.roll_degrees",
            breath.roll_degrees,
            -15.0,
            15.0,
            "-15 to 15",
        )?;
        within(
            "breath.diaphragm_mm",
            breath.diaphragm_mm,
            -30.0,
            30.0,
            "-30 to 30",
        )?;
        within("breath.widening", breath.widening, -0.1, 0.1, "-0.1 to 0.1")?;
        within("breath.wave_mm", breath.wave_mm, 0.0, 4.0, "0 to 4")?;
        for phase in breath.wave_phases {
            within("breath.wave_phases", phase, -1.0, 1.0, "-1 to 1")?;
        }
        for nodule in self.nodules.iter().flatten() {
            check_shape(nodule.diameter_mm, nodule.spiculation, nodule.lobulation)?;
        }
        for wanted in &self.wanted {
            check_shape(wanted.diameter_mm, wanted.spiculation, wanted.lobulation)?;
        }
        let is_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ' || c == '_';
        if self.body_part.len() > 16 || !self.body_part.chars().all(is_code) {
            return Err(PhantomError::Text {
                option: "body_part",
                text: self.body_part.clone(),
            });
        }
        Ok(())
    }
}

/// Refuses a nodule that cannot be drawn.
pub(crate) fn check_shape(diameter_mm: f64, spiculation: f64, lobulation: f64) -> Result<(), PhantomError> {
    for (option, value, range, allowed) in [
        ("diameter_mm", diameter_mm, 1.0..=80.0, "1 to 80"),
        ("spiculation", spiculation, 0.0..=1.0, "0 to 1"),
        ("lobulation", lobulation, 0.0..=1.0, "0 to 1"),
    ] {
        if !range.contains(&value) {
            return Err(PhantomError::Option {
                option,
                value,
                allowed,
            });
        }
    }
    Ok(())
}
