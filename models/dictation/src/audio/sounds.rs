//! Sounds that are no speech, made from nothing: noise, tones, music, silence.

use std::f32::consts::TAU;

use rand::Rng;

use super::mel::RATE;

/// So many samples of something that nobody says.
pub(crate) fn non_speech(count: usize, rng: &mut impl Rng) -> Vec<f32> {
    match rng.random_range(0..10) {
        0 => vec![0.0; count],
        1..=4 => {
            let level = 10_f32.powf(rng.random_range(-3.5..-0.5));
            let mut sound: Vec<f32> = noise(count, rng).into_iter().map(|x| x * level).collect();
            swell(&mut sound, rng);
            sound
        }
        5 => tones(count, rng),
        6 => knocks(count, rng),
        _ => music(count, rng),
    }
}

/// Noise of unit power; its colour from brown to white.
pub(crate) fn noise(count: usize, rng: &mut impl Rng) -> Vec<f32> {
    let colour: f32 = rng.random_range(0.0..0.99);
    let mut last = 0.0_f32;
    let mut sound: Vec<f32> = (0..count)
        .map(|_| {
            // A sum of uniform numbers is near enough to a normal one, at a tenth of the time.
            let bits: u64 = rng.random();
            let white = (0..4)
                .map(|i| ((bits >> (16 * i)) & 0xffff) as f32 / 32_768.0 - 1.0)
                .sum::<f32>();
            last = colour * last + white;
            last
        })
        .collect();
    if rng.random_bool(0.15) {
        let hum = rng.random_range(45.0..130.0) * TAU / RATE as f32;
        for (i, x) in sound.iter_mut().enumerate() {
            *x += 6.0 * (hum * i as f32).sin();
        }
    }
    let power = sound.iter().map(|x| x * x).sum::<f32>() / count.max(1) as f32;
    let scale = power.max(1e-12).sqrt().recip();
    for sample in &mut sound {
        *sample *= scale;
    }
    sound
}

/// A slow change of level, now and then.
fn swell(sound: &mut [f32], rng: &mut impl Rng) {
    if rng.random_bool(0.5) {
        let slow = rng.random_range(0.1..6.0) * TAU / RATE as f32;
        let phase = rng.random_range(0.0..TAU);
        for (i, x) in sound.iter_mut().enumerate() {
            *x *= 0.55 + 0.45 * (slow * i as f32 + phase).sin();
        }
    }
}

/// A steady or sliding tone, in beeps or without end.
fn tones(count: usize, rng: &mut impl Rng) -> Vec<f32> {
    let (mut hz, slide) = (
        rng.random_range(60.0..4_000.0_f32),
        rng.random_range(-0.5..0.5_f32),
    );
    let beep = rng.random_bool(0.5).then(|| rng.random_range(800..12_000_usize));
    let level = rng.random_range(0.02..0.6);
    let mut phase = 0.0_f32;
    (0..count)
        .map(|i| {
            hz = (hz * (1.0 + slide / RATE as f32)).clamp(40.0, 7_500.0);
            phase = (phase + hz * TAU / RATE as f32) % TAU;
            let on = beep.is_none_or(|length| (i / length).is_multiple_of(2));
            if on { level * phase.sin() } else { 0.0 }
        })
        .collect()
}

/// Knocks, clicks and breaths: bursts of noise that die away.
fn knocks(count: usize, rng: &mut impl Rng) -> Vec<f32> {
    let mut sound: Vec<f32> = noise(count, rng).into_iter().map(|x| x * 0.003).collect();
    for _ in 0..rng.random_range(1..12) {
        let (start, length) = (
            rng.random_range(0..count.max(1)),
            rng.random_range(80..6_000_usize),
        );
        let burst = noise(length, rng);
        for (i, (x, burst)) in sound[start..].iter_mut().zip(burst).enumerate() {
            *x += 0.3 * burst * (-4.0 * i as f32 / length as f32).exp();
        }
    }
    sound
}

/// Chords and a tune over a beat, of tones with overtones that die away.
fn music(count: usize, rng: &mut impl Rng) -> Vec<f32> {
    let beat = rng.random_range(3_000..10_000_usize);
    let (key, minor) = (rng.random_range(45..70), rng.random_bool(0.5));
    let scale: [i32; 7] = if minor {
        [0, 2, 3, 5, 7, 8, 10]
    } else {
        [0, 2, 4, 5, 7, 9, 11]
    };
    let overtones = rng.random_range(1..7);
    let decay = rng.random_range(0.5..5.0);
    let mut sound = vec![0.0_f32; count];
    for start in (0..count).step_by(beat) {
        let root = rng.random_range(0..7_usize);
        let chord = [root, root + 2, root + 4, rng.random_range(0..14)];
        for (voice, degree) in chord.into_iter().enumerate() {
            let note = key + scale[degree % 7] + 12 * (degree / 7) as i32;
            let hz = 440.0 * 2_f32.powf((note - 69) as f32 / 12.0);
            let length = beat * if voice == 3 { 1 } else { 2 };
            let level = if voice == 3 { 0.15 } else { 0.06 };
            for (i, x) in sound[start..].iter_mut().take(length).enumerate() {
                let t = i as f32 / RATE as f32;
                let tone: f32 = (1..=overtones)
                    .map(|k| (TAU * hz * k as f32 * t).sin() / k as f32)
                    .sum();
                *x += level * tone * (-decay * t).exp() * (t * 100.0).min(1.0);
            }
        }
        if rng.random_bool(0.6) {
            let hit = noise(beat / 4, rng);
            for (i, (x, hit)) in sound[start..].iter_mut().zip(hit).enumerate() {
                *x += 0.1 * hit * (-20.0 * i as f32 / beat as f32).exp();
            }
        }
    }
    sound
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn sounds_are_as_long_as_asked_and_finite() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for count in [0, 1, 100, 48_000] {
            for _ in 0..40 {
                let sound = non_speech(count, &mut rng);
                assert_eq!(sound.len(), count);
                assert!(sound.iter().all(|x| x.is_finite() && x.abs() < 20.0));
            }
        }
    }
}
