//! Formulas of size, attenuation and mass.

use std::f64::consts::PI;

use crate::table::{Cell, Inputs};
use crate::units::{CubicMillimetres, Finite, Hounsfield, Millimetres, Quantity as _, round_half_up};
use crate::window::{WindowError, window_linear, window_linear_exact, window_sigmoid};

pub(crate) const COLUMNS: &[&str] = &["expected"];

/// `pi/6 d^3` in mm³.
pub fn sphere_volume(diameter: Millimetres) -> f64 {
    ellipsoid_volume([diameter; 3])
}

/// `pi/6 a b c` in mm³, from full axes.
pub fn ellipsoid_volume(axes: [Millimetres; 3]) -> f64 {
    PI / 6.0 * axes.into_iter().map(Millimetres::get).product::<f64>()
}

/// Diameter of the sphere with this volume, `(6 V / pi)^(1/3)` in mm.
pub fn equivalent_sphere_diameter(volume: CubicMillimetres) -> f64 {
    (6.0 * volume.get() / PI).cbrt()
}

/// Mean of long and short axis in mm.
pub fn mean_diameter(long: Millimetres, short: Millimetres) -> f64 {
    f64::midpoint(long.get(), short.get())
}

/// The size that Fleischner 2017 asks for: mean diameter, rounded half up to whole mm.
pub fn fleischner_mm(long: Millimetres, short: Millimetres) -> f64 {
    round_half_up(mean_diameter(long, short))
}

/// Mass in mg by the linear approximation of density, `(HU + 1000) / 1000` mg/mm³.
pub fn mass_mg(volume: CubicMillimetres, mean: Hounsfield) -> f64 {
    volume.get() * (mean.get() + 1000.0) / 1000.0
}

/// A row: `kind` names the formula, `input_json` its inputs; without `input_json` they are columns of the row.
pub(crate) fn answer(inputs: &mut Inputs<'_>) -> Vec<Cell> {
    let kind = inputs.named::<Kind>("kind");
    let value = kind.and_then(|kind| inputs.nested("input_json", |inputs| kind.compute(inputs)));
    vec![Cell::number(value)]
}

/// A formula by its name in the table.
#[derive(Debug, Clone, Copy)]
enum Kind {
    SphereVolume,
    EquivalentDiameter,
    EllipsoidVolume,
    VoxelSum,
    MeanDiameter,
    Fleischner,
    SolidRatio,
    Hu,
    Mass,
    Linear,
    LinearExact,
    Sigmoid,
}

impl crate::table::Named for Kind {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("sphere_volume_mm3", Self::SphereVolume),
        ("equivalent_diameter_mm", Self::EquivalentDiameter),
        ("ellipsoid_volume_mm3", Self::EllipsoidVolume),
        ("voxel_sum_volume_mm3", Self::VoxelSum),
        ("mean_diameter_mm", Self::MeanDiameter),
        ("fleischner_mm", Self::Fleischner),
        ("consolidation_tumour_ratio", Self::SolidRatio),
        ("hu", Self::Hu),
        ("mass_mg", Self::Mass),
        ("window_linear_0_255", Self::Linear),
        ("window_linear_exact_0_255", Self::LinearExact),
        ("window_sigmoid_0_255", Self::Sigmoid),
    ];
}

impl Kind {
    fn compute(self, inputs: &mut Inputs<'_>) -> Option<f64> {
        match self {
            Self::SphereVolume => inputs.quantity("d_mm").map(sphere_volume),
            Self::EquivalentDiameter => inputs.quantity("v_mm3").map(equivalent_sphere_diameter),
            Self::EllipsoidVolume => {
                let [a, b, c] = ["a", "b", "c"].map(|axis| inputs.quantity(axis));
                Some(ellipsoid_volume([a?, b?, c?]))
            }
            Self::VoxelSum => {
                let voxels: Option<Finite> = inputs.quantity("n_voxels");
                let [x, y, z]: [Option<Millimetres>; 3] =
                    ["sx", "sy", "sz"].map(|side| inputs.quantity(side));
                Some(voxels?.get() * x?.get() * y?.get() * z?.get())
            }
            Self::MeanDiameter => axes(inputs).map(|[long, short]| mean_diameter(long, short)),
            Self::Fleischner => axes(inputs).map(|[long, short]| fleischner_mm(long, short)),
            Self::SolidRatio => {
                let [solid, total]: [Option<Millimetres>; 2] =
                    ["solid_mm", "total_mm"].map(|column| inputs.quantity(column));
                Some(solid?.get() / total?.get())
            }
            Self::Hu => {
                let [stored, slope, intercept]: [Option<Finite>; 3] =
                    ["stored", "slope", "intercept"].map(|column| inputs.quantity(column));
                Some(slope?.get() * stored?.get() + intercept?.get())
            }
            Self::Mass => {
                let (volume, mean) = (inputs.quantity("v_mm3"), inputs.quantity("mean_hu"));
                Some(mass_mg(volume?, mean?))
            }
            Self::Linear => window(inputs, window_linear),
            Self::LinearExact => window(inputs, window_linear_exact),
            Self::Sigmoid => window(inputs, window_sigmoid),
        }
    }
}

/// Long and short axis. Their mean does not depend on the order, but a row that swaps them gets a remark.
fn axes(inputs: &mut Inputs<'_>) -> Option<[Millimetres; 2]> {
    let (long, short) = (inputs.quantity("long"), inputs.quantity("short"));
    let [long, short]: [Millimetres; 2] = [long?, short?];
    if short > long {
        inputs.remark("short is above long");
    }
    Some([long, short])
}

fn window(
    inputs: &mut Inputs<'_>,
    function: impl Fn(Hounsfield, Finite, Finite) -> Result<f64, WindowError>,
) -> Option<f64> {
    let hu = inputs.quantity("hu");
    let [centre, width] = ["centre", "width"].map(|column| inputs.quantity(column));
    match function(hu?, centre?, width?) {
        Ok(value) => Some(value),
        Err(error) => {
            inputs.wrong(&error.to_string());
            None
        }
    }
}
