//! Any sample rate to 16 kHz, block by block.

use rubato::{
    Fft, FixedSync, Indexing, Resampler as _, WindowFunction, audioadapter_buffers::direct::InterleavedSlice,
};

use crate::{AudioError, SAMPLE_RATE_HZ};

/// Sample rates that recorders have; outside of these a header is wrong.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=192_000;
/// Input frames of one turn, at least. One block of the transform and no smaller ones within: short blocks blur the cut-off.
const LEAST_BLOCK: usize = 1024;

/// Mono samples of one rate go in, those of 16 kHz come out, as many as the ratio says.
pub(crate) struct ToSpeechRate {
    /// `None` where the rate is right already.
    filter: Option<Fft<f32>>,
    rate_hz: u32,
    /// Input frames of one turn.
    block: usize,
    waiting: Vec<f32>,
    taken: u64,
    given: u64,
    /// Output frames that are the filter's delay and no sound.
    delay: usize,
}

impl ToSpeechRate {
    pub(crate) fn new(rate_hz: u32) -> Result<Self, AudioError> {
        if !RATES_HZ.contains(&rate_hz) {
            return Err(AudioError::Damaged {
                why: format!("{rate_hz} samples per second"),
            });
        }
        let (from, to) = (rate_hz as usize, SAMPLE_RATE_HZ as usize);
        // An even number of whole periods of both rates: the filter is as long, and the middle of an odd one lies between
        // samples, where the delay that the library tells in whole ones would be up to a sample off.
        let period = from / gcd(from, to);
        let block = LEAST_BLOCK.next_multiple_of(2 * period);
        let filter = if rate_hz == SAMPLE_RATE_HZ {
            None
        } else {
            let window = WindowFunction::BlackmanHarris2;
            let filter = Fft::new_custom(from, to, block, 1, 1, window, FixedSync::Input);
            Some(filter.map_err(|error| AudioError::Decoder(format!("resampler: {error}")))?)
        };
        let delay = filter.as_ref().map_or(0, Fft::output_delay);
        Ok(Self {
            filter,
            rate_hz,
            block,
            waiting: Vec::new(),
            taken: 0,
            given: 0,
            delay,
        })
    }

    pub(crate) const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Takes samples and appends what they become.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Result<(), AudioError> {
        self.taken += samples.len() as u64;
        if self.filter.is_none() {
            self.given += samples.len() as u64;
            out.extend_from_slice(samples);
            return Ok(());
        }
        self.waiting.extend_from_slice(samples);
        let mut start = 0;
        while self.waiting.len() - start >= self.block {
            self.turn(start, self.block, out)?;
            start += self.block;
        }
        self.waiting.drain(..start);
        Ok(())
    }

    /// The rest: what still waits, and what the filter holds back.
    pub(crate) fn finish(mut self, out: &mut Vec<f32>) -> Result<(), AudioError> {
        if self.filter.is_none() {
            return Ok(());
        }
        let expected = self.taken * u64::from(SAMPLE_RATE_HZ) / u64::from(self.rate_hz);
        let mut left = self.waiting.len();
        while self.given < expected {
            self.turn(0, left, out)?;
            left = 0;
        }
        let surplus = (self.given - expected) as usize;
        out.truncate(out.len().saturating_sub(surplus));
        Ok(())
    }

    /// One turn of the filter over `length` waiting samples, and silence where there are fewer than a block.
    fn turn(&mut self, start: usize, length: usize, out: &mut Vec<f32>) -> Result<(), AudioError> {
        let Some(filter) = &mut self.filter else {
            return Ok(());
        };
        let failed = |error: String| AudioError::Decoder(format!("resampler: {error}"));
        let input = InterleavedSlice::new(&self.waiting[start..start + length], 1, length)
            .map_err(|error| failed(error.to_string()))?;
        let indexing = Indexing::new().partial_len(length);
        let indexing = (length < self.block).then_some(&indexing);
        let answer = filter
            .process(&input, indexing)
            .map_err(|error| failed(error.to_string()))?
            .take_data();
        let silent = self.delay.min(answer.len());
        self.delay -= silent;
        self.given += (answer.len() - silent) as u64;
        out.extend_from_slice(&answer[silent..]);
        Ok(())
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// The phase in f64: in f32 it is off by a hundredth after a second, and the tone is noisy.
    fn tone(pitch_hz: f64, k: u32, rate_hz: u32) -> f32 {
        (TAU * pitch_hz * f64::from(k) / f64::from(rate_hz)).sin() as f32
    }

    fn resampled(rate_hz: u32, input: &[f32], piece: usize) -> Vec<f32> {
        let mut filter = ToSpeechRate::new(rate_hz).unwrap();
        let mut out = Vec::new();
        for piece in input.chunks(piece) {
            filter.push(piece, &mut out).unwrap();
        }
        filter.finish(&mut out).unwrap();
        out
    }

    /// A tone keeps its pitch, place and loudness at every rate; the number of samples is that of the ratio.
    #[test]
    fn a_tone_is_the_same_at_every_rate() {
        for rate_hz in [8_000, 11_025, 16_000, 22_050, 44_100, 44_101, 48_000, 96_000] {
            let input: Vec<f32> = (0..rate_hz).map(|k| 0.5 * tone(440.0, k, rate_hz)).collect();
            let out = resampled(rate_hz, &input, 777);
            assert!(
                out.len().abs_diff(16_000) <= 1,
                "{rate_hz} Hz gives {}",
                out.len()
            );
            for (k, sample) in out.iter().enumerate().skip(2000).take(12_000) {
                let expected = 0.5 * tone(440.0, k as u32, SAMPLE_RATE_HZ);
                assert!(
                    (sample - expected).abs() < 0.01,
                    "{rate_hz} Hz, sample {k}: {sample}, not {expected}"
                );
            }
        }
    }

    #[test]
    fn what_lies_above_half_the_rate_is_gone() {
        let input: Vec<f32> = (0..48_000).map(|k| tone(12_000.0, k, 48_000)).collect();
        let out = resampled(48_000, &input, 4800);
        let loudest = out[2000..14_000].iter().fold(0f32, |most, s| most.max(s.abs()));
        assert!(loudest < 0.001, "{loudest}");
    }

    #[test]
    fn short_input_and_wrong_rates() {
        assert_eq!(resampled(48_000, &[0.0; 10], 10).len(), 3);
        assert!(resampled(48_000, &[], 1).is_empty());
        for rate in [0, 1, 3_999, 200_000, u32::MAX] {
            assert!(ToSpeechRate::new(rate).is_err(), "{rate}");
        }
    }
}
