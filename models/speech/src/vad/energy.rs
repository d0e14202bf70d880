//! Loudness alone. Speech goes up and down by tens of decibels between syllables and pauses; hum, hiss and silence stay
//! where they are. Music and slamming doors are taken for speech.

use std::ops::Range;

use hilum_audio::SAMPLE_RATE_HZ;

/// 20 ms.
const FRAME: usize = SAMPLE_RATE_HZ as usize / 50;
/// Loudness below which nobody is heard, in dB of full scale.
const INAUDIBLE_DB: f32 = -60.0;
/// The loud tenth of a recording with speech stands out this much from the quiet tenth.
const LEAST_CONTRAST_DB: f32 = 10.0;
/// Where between quiet and loud speech begins, and by how many decibels at most above the quiet.
const SHARE: f32 = 0.4;
const MOST_ABOVE_QUIET_DB: f32 = 15.0;
/// Frames that speech lasts at least, that a pause lasts at least, and that are kept around: 200, 300 and 120 ms.
const LEAST_SPEECH: usize = 10;
const LEAST_PAUSE: usize = 15;
const AROUND: usize = 6;

/// Stretches of sound that goes up and down, with [`AROUND`] frames on both sides.
pub(super) fn speech(samples: &[f32]) -> Vec<Range<usize>> {
    let loudness: Vec<f32> = samples.chunks(FRAME).map(decibels).collect();
    let Some(threshold_db) = threshold(&loudness) else {
        return Vec::new();
    };
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for (frame, db) in loudness.iter().enumerate() {
        if *db < threshold_db {
            continue;
        }
        match stretches.last_mut() {
            Some(last) if frame - last.end < LEAST_PAUSE => last.end = frame + 1,
            _ => stretches.push(frame..frame + 1),
        }
    }
    let long_enough = stretches
        .into_iter()
        .filter(|stretch| stretch.len() >= LEAST_SPEECH);
    long_enough
        .map(|stretch| {
            let start = stretch.start.saturating_sub(AROUND) * FRAME;
            start..((stretch.end + AROUND) * FRAME).min(samples.len())
        })
        .collect()
}

/// Loudness from which on it is speech; `None` where nothing stands out.
fn threshold(loudness: &[f32]) -> Option<f32> {
    let mut sorted = loudness.to_vec();
    sorted.sort_by(f32::total_cmp);
    let tenth = |tenths: usize| sorted.get(sorted.len() * tenths / 10).copied();
    let (quiet, loud) = (tenth(1)?, tenth(9)?);
    let quiet = quiet.max(INAUDIBLE_DB - LEAST_CONTRAST_DB);
    let contrast = loud - quiet;
    (contrast >= LEAST_CONTRAST_DB && loud > INAUDIBLE_DB)
        .then(|| quiet + (SHARE * contrast).min(MOST_ABOVE_QUIET_DB))
}

/// Root mean square in decibels of full scale.
fn decibels(frame: &[f32]) -> f32 {
    let mean = frame.iter().map(|s| s * s).sum::<f32>() / frame.len() as f32;
    10.0 * mean.max(1e-12).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: usize = SAMPLE_RATE_HZ as usize;

    fn noise(samples: usize, amplitude: f32) -> Vec<f32> {
        let mut state = 1u32;
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        std::iter::repeat_with(next)
            .take(samples)
            .map(|s| s * amplitude)
            .collect()
    }

    /// Four bursts a second for so many seconds, as syllables are.
    fn syllables(seconds: usize, background: f32) -> Vec<f32> {
        let mut samples = noise(seconds * SECOND, 0.3);
        for (k, sample) in samples.iter_mut().enumerate() {
            if k % (SECOND / 4) > SECOND / 6 {
                *sample *= 0.02;
            }
        }
        samples
            .iter()
            .zip(noise(samples.len(), background))
            .map(|(a, b)| a + b)
            .collect()
    }

    #[test]
    fn speech_between_silences_is_found() {
        let mut samples = noise(2 * SECOND, 0.002);
        samples.extend(syllables(3, 0.002));
        samples.extend(noise(2 * SECOND, 0.002));
        let found = speech(&samples);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].start.abs_diff(2 * SECOND) <= SECOND / 5, "{found:?}");
        assert!(found[0].end.abs_diff(5 * SECOND) <= SECOND / 3, "{found:?}");
    }

    #[test]
    fn what_stays_as_loud_as_it_is_is_no_speech() {
        assert!(speech(&[]).is_empty());
        assert!(speech(&vec![0.0; 5 * SECOND]).is_empty());
        assert!(speech(&noise(5 * SECOND, 0.5)).is_empty());
        assert!(speech(&noise(5 * SECOND, 0.0001)).is_empty());
        let hum: Vec<f32> = (0..5 * SECOND).map(|k| (k as f32 * 0.02).sin() * 0.3).collect();
        assert!(speech(&hum).is_empty());
    }

    #[test]
    fn a_click_is_no_speech() {
        let mut samples = noise(5 * SECOND, 0.001);
        samples[SECOND..SECOND + 800].fill(0.9);
        assert!(speech(&samples).is_empty());
    }
}
