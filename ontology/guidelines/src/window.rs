//! Display windows of DICOM: HU to 0 ... 255 (PS3.3 section C.11.2.1.2 and C.11.2.1.3).

use crate::units::{Finite, Hounsfield, Quantity as _};

const Y_MAX: f64 = 255.0;

/// A width that its function does not allow.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum WindowError {
    /// LINEAR asks for 1 or more.
    #[error("width {0} is below 1, the least of LINEAR")]
    Linear(f64),
    /// The others ask for more than 0.
    #[error("width {0} is not above 0")]
    NotPositive(f64),
}

/// LINEAR: centre less 0.5, width less 1.
pub fn window_linear(hu: Hounsfield, centre: Finite, width: Finite) -> Result<f64, WindowError> {
    if width.get() < 1.0 {
        return Err(WindowError::Linear(width.get()));
    }
    Ok(ramp(hu.get(), centre.get() - 0.5, width.get() - 1.0))
}

/// `LINEAR_EXACT`: centre and width as they are.
pub fn window_linear_exact(hu: Hounsfield, centre: Finite, width: Finite) -> Result<f64, WindowError> {
    positive(width)?;
    Ok(ramp(hu.get(), centre.get(), width.get()))
}

/// SIGMOID.
pub fn window_sigmoid(hu: Hounsfield, centre: Finite, width: Finite) -> Result<f64, WindowError> {
    positive(width)?;
    Ok(Y_MAX / (1.0 + (-4.0 * (hu.get() - centre.get()) / width.get()).exp()))
}

fn positive(width: Finite) -> Result<(), WindowError> {
    if width.get() > 0.0 {
        Ok(())
    } else {
        Err(WindowError::NotPositive(width.get()))
    }
}

/// The ends are tested first, so that a width of 0 (LINEAR with 1) is a step and no division by 0.
fn ramp(x: f64, centre: f64, width: f64) -> f64 {
    if x <= centre - width / 2.0 {
        0.0
    } else if x > centre + width / 2.0 {
        Y_MAX
    } else {
        ((x - centre) / width + 0.5) * Y_MAX
    }
}
