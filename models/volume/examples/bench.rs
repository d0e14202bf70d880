//! One measured step, for comparison with other programs: `benches/ct.py` runs it.
//!
//! `bench load DIR` prints `{"load_s":..,"mean_hu":..,"shape":[slices,rows,columns]}`.
//! `bench resample [linear|antialiased_linear]` prints `{"resample_s":..}` for 300 x 512 x 512 floats of
//! 0.7 x 0.7 x 1 mm put on a grid of 1 mm.
//! The time is that of the step alone: the start of the program and the mean are not in it.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use hilum_decoder::{DecoderPool, PoolSettings};
use hilum_domain::{Affine, Lps, NoProgress, Sha256, Uid};
use hilum_volume::{Kernel, LoadOptions, Volume, VolumeReport, Voxels, load};
use ndarray::Array3;
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let answer = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["load", folder] => measure_load(folder)?,
        ["resample"] | ["resample", "linear"] => measure_resample(Kernel::Linear)?,
        ["resample", "antialiased_linear"] => measure_resample(Kernel::AntialiasedLinear)?,
        _ => return Err("usage: bench load DIR | bench resample [linear|antialiased_linear]".into()),
    };
    #[expect(clippy::print_stdout, reason = "the answer is read from there")]
    {
        println!("{answer}");
    }
    Ok(())
}

fn measure_load(folder: &str) -> Result<serde_json::Value, Box<dyn Error>> {
    // Children start with the first compressed frame: their start is part of the time.
    let folder_of_programs = std::env::current_exe()?.ancestors().nth(2).map(Path::to_owned);
    let program = folder_of_programs
        .ok_or("this program lies in no folder")?
        .join("hilum-decode");
    let options = LoadOptions {
        decoder: Some(Arc::new(DecoderPool::new(PoolSettings::with_program(program))?)),
        ..LoadOptions::default()
    };
    let start = Instant::now();
    let series = load(&[folder.into()], &options, &NoProgress)?;
    let load_s = start.elapsed().as_secs_f64();
    let report = VolumeReport::new(&series, load_s * 1000.0);
    Ok(json!({"load_s": load_s, "mean_hu": report.mean_hu, "shape": series.volume.shape_kji()}))
}

fn measure_resample(kernel: Kernel) -> Result<serde_json::Value, Box<dyn Error>> {
    let affine = Affine::new([0.7, 0.0, 0.0], [0.0, 0.7, 0.0], [0.0, 0.0, 1.0], Lps([0.0; 3]))?;
    // Whole numbers around -600, as the peers are given.
    let hu = Array3::from_shape_fn((300, 512, 512), |(k, j, i)| {
        let mixed = (k * 512 * 512 + j * 512 + i).wrapping_mul(0x9E37_79B9) >> 16;
        (mixed % 1200) as f32 - 1200.0
    });
    let uid = Uid::parse("1.2.3")?;
    let volume = Volume::new(Voxels::F32(hu), affine, uid.clone(), uid, Sha256::of(&[]))?;
    let start = Instant::now();
    let resampled = volume.isotropic(1.0, kernel)?;
    let resample_s = start.elapsed().as_secs_f64();
    Ok(json!({"resample_s": resample_s, "shape": resampled.shape_kji()}))
}
