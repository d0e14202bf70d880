//! Change of rate.

use std::f64::consts::PI;

/// Zero crossings of the sinc on each side.
const CROSSINGS: f64 = 12.0;

/// Steps of the kernel's table between two samples.
const FINENESS: f64 = 256.0;

/// Samples at positions `0, step, 2 step, ...` of the input, low-passed where they lie wider apart; any step, so that it
/// also changes speed and pitch together.
pub fn resample(samples: &[f32], step: f64) -> Vec<f32> {
    if (step - 1.0).abs() < 1e-9 {
        return samples.to_vec();
    }
    let cutoff = (1.0 / step).min(1.0) * 0.95;
    let reach = CROSSINGS / cutoff;
    let table: Vec<f32> = (0..=(reach * FINENESS) as usize + 1)
        .map(|i| kernel(i as f64 / FINENESS, cutoff, reach) as f32)
        .collect();
    let count = (samples.len() as f64 / step) as usize;
    (0..count)
        .map(|index| {
            let centre = index as f64 * step;
            let first = (centre - reach).ceil().max(0.0) as usize;
            let last = ((centre + reach) as usize).min(samples.len() - 1);
            samples[first..=last]
                .iter()
                .enumerate()
                .map(|(at, sample)| {
                    sample * table[(((first + at) as f64 - centre).abs() * FINENESS + 0.5) as usize]
                })
                .sum()
        })
        .collect()
}

fn kernel(distance: f64, cutoff: f64, reach: f64) -> f64 {
    let x = PI * distance * cutoff;
    let sinc = if x.abs() < 1e-9 { 1.0 } else { x.sin() / x };
    let window = 0.5 + 0.5 * (PI * distance / reach).cos();
    cutoff * sinc * window
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_keeps_its_frequency_and_what_cannot_be_held_is_gone() {
        let tone = |hz: f64, rate: f64, count: usize| -> Vec<f32> {
            (0..count)
                .map(|i| (2.0 * PI * hz * i as f64 / rate).sin() as f32)
                .collect()
        };
        let step = 22_050.0 / 16_000.0;
        let kept = resample(&tone(440.0, 22_050.0, 22_050), step);
        assert_eq!(kept.len(), 16_000);
        let worst = kept[200..15_800]
            .iter()
            .zip(&tone(440.0, 16_000.0, 16_000)[200..])
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(worst < 5e-3, "{worst}");
        let gone = resample(&tone(9_500.0, 22_050.0, 22_050), step);
        let loudest = gone[200..15_800].iter().fold(0.0_f32, |max, x| max.max(x.abs()));
        assert!(loudest < 2e-2, "{loudest}");
    }
}
