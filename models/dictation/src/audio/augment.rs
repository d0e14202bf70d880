//! What happens to a voice between mouth and file.

use rand::Rng;

use super::mel::RATE;
use super::resample;
use super::sounds::noise;

/// A recording as another microphone in another room might have caught it: speed with pitch, pauses around it, echoes,
/// a narrow band, noise, clipping, level. A tenth stays as it is.
pub(crate) fn disturbed(samples: &[f32], rng: &mut impl Rng) -> Vec<f32> {
    if rng.random_bool(0.1) {
        return samples.to_vec();
    }
    let mut sound = if rng.random_bool(0.6) {
        resample(samples, rng.random_range(0.88..1.13))
    } else {
        samples.to_vec()
    };
    let mut pause = |most_s: f32| vec![0.0; rng.random_range(0..(most_s * RATE as f32) as usize)];
    let (before, after) = (pause(0.3), pause(0.4));
    sound = [before, sound, after].concat();
    if rng.random_bool(0.3) {
        echo(&mut sound, rng);
    }
    if rng.random_bool(0.5) {
        tilt(&mut sound, rng.random_range(-0.6..0.6));
    }
    if rng.random_bool(0.2) {
        let (low, high) = (rng.random_range(80.0..350.0), rng.random_range(2_800.0..6_000.0));
        band(&mut sound, low, high);
    }
    if rng.random_bool(0.6) {
        let decibel: f32 = rng.random_range(8.0..40.0);
        let power = sound.iter().map(|x| x * x).sum::<f32>() / sound.len().max(1) as f32;
        let level = (power / 10_f32.powf(decibel / 10.0)).sqrt();
        for (x, noise) in sound.iter_mut().zip(noise(samples.len() + 2 * RATE, rng)) {
            *x += level * noise;
        }
    }
    let loudest = sound.iter().fold(1e-6_f32, |max, x| max.max(x.abs()));
    let clipped = if rng.random_bool(0.05) {
        rng.random_range(1.2..3.0)
    } else {
        1.0
    };
    let level: f32 = 10_f32.powf(rng.random_range(-1.6..0.0));
    for x in &mut sound {
        *x = (*x / loudest * clipped).clamp(-1.0, 1.0) * level;
    }
    sound
}

/// Reflections within a tenth of a second.
fn echo(sound: &mut [f32], rng: &mut impl Rng) {
    let dry = sound.to_vec();
    let strength = rng.random_range(0.1..0.5);
    for _ in 0..rng.random_range(4..14) {
        let delay = rng.random_range(40..1_600_usize);
        let gain = strength * (-(delay as f32) / 700.0).exp() * if rng.random_bool(0.5) { 1.0 } else { -1.0 };
        for (x, dry) in sound.iter_mut().skip(delay).zip(&dry) {
            *x += gain * dry;
        }
    }
}

/// Brighter or duller by one zero.
fn tilt(sound: &mut [f32], amount: f32) {
    let mut last = 0.0;
    for x in sound {
        let now = *x;
        *x += amount * last;
        last = now;
    }
}

/// Two one-pole filters, as of a telephone or a cheap microphone.
fn band(sound: &mut [f32], low_hz: f32, high_hz: f32) {
    let pole = |hz: f32| 1.0 - (-std::f32::consts::TAU * hz / RATE as f32).exp();
    let (slow, fast) = (pole(low_hz), pole(high_hz));
    let (mut floor, mut smooth, mut smoother) = (0.0, 0.0, 0.0);
    for x in sound {
        floor += slow * (*x - floor);
        smooth += fast * (*x - floor - smooth);
        smoother += fast * (smooth - smoother);
        *x = smoother;
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn a_voice_stays_finite_and_of_its_length() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let voice: Vec<f32> = (0..RATE).map(|i| (i as f32 * 0.1).sin() * 0.3).collect();
        for _ in 0..200 {
            let heard = disturbed(&voice, &mut rng);
            assert!((14_000..RATE * 2).contains(&heard.len()), "{}", heard.len());
            assert!(heard.iter().all(|x| x.is_finite() && x.abs() <= 1.0));
        }
        assert!(disturbed(&[], &mut rng).iter().all(|x| x.is_finite()));
    }
}
