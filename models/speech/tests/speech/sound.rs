//! Sounds that the energy gate takes for speech, and for none.

/// Samples of a second.
pub(crate) const SECOND: usize = 16_000;

/// Noise, the same each time.
pub(crate) fn noise(samples: usize, amplitude: f32) -> Vec<f32> {
    let mut state = 1u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as f32 / (1 << 23) as f32 - 1.0) * amplitude
    };
    std::iter::repeat_with(next).take(samples).collect()
}

/// Bursts of noise four times a second, with a pause of two seconds after every ten.
pub(crate) fn babble(seconds: usize) -> Vec<f32> {
    let mut samples = noise(seconds * SECOND, 0.3);
    for (k, sample) in samples.iter_mut().enumerate() {
        let pause = k / SECOND % 12 >= 10;
        if pause || k % (SECOND / 4) > SECOND / 6 {
            *sample *= 0.01;
        }
    }
    samples
}
