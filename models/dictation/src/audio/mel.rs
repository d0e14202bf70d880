//! Log-mel spectrogram as whisper.cpp computes it: 16 kHz, 400-point Hann window every 160 samples, 80 Slaney mel bands
//! up to 8 kHz, base-10 logarithm, 8 below the maximum at least, then `(x + 4) / 4`.

use realfft::RealFftPlanner;

/// Samples per second.
pub(crate) const RATE: usize = 16_000;
/// Mel bands.
pub(crate) const BANDS: usize = 80;
/// Bins of the spectrum.
pub(crate) const BINS: usize = WINDOW / 2 + 1;
/// Samples from one frame to the next.
pub(crate) const HOP: usize = 160;
const WINDOW: usize = 400;

/// Computes spectrograms.
pub(crate) struct LogMel {
    fft: std::sync::Arc<dyn realfft::RealToComplex<f32>>,
    hann: Vec<f32>,
    /// Filters, `[band][bin]`.
    filters: Vec<f32>,
    /// First and last bin of each band that is not zero.
    spans: Vec<(usize, usize)>,
}

impl LogMel {
    pub(crate) fn new() -> Self {
        let filters = filters();
        let spans = filters
            .chunks_exact(BINS)
            .map(|band| {
                let first = band.iter().position(|&w| w > 0.0).unwrap_or(0);
                let last = band.iter().rposition(|&w| w > 0.0).unwrap_or(0);
                (first, last)
            })
            .collect();
        Self {
            fft: RealFftPlanner::new().plan_fft_forward(WINDOW),
            hann: (0..WINDOW)
                .map(|i| (0.5 * (1.0 - (2.0 * std::f64::consts::PI * i as f64 / WINDOW as f64).cos())) as f32)
                .collect(),
            filters,
            spans,
        }
    }

    /// The first `frames` frames, `[band][frame]`; beyond the samples there is silence. The samples must not outlast
    /// the frames, or the maximum would differ from whisper.cpp's.
    pub(crate) fn of(&self, samples: &[f32], frames: usize) -> Vec<f32> {
        let half = WINDOW / 2;
        let mut padded = vec![0.0_f32; half + samples.len().max(frames * HOP) + WINDOW];
        padded[half..half + samples.len()].copy_from_slice(samples);
        for (i, sample) in samples.iter().skip(1).take(half).enumerate() {
            padded[half - 1 - i] = *sample;
        }
        let mut frame = self.fft.make_input_vec();
        let mut spectrum = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        let mut mel = vec![1e-10_f32.log10(); BANDS * frames];
        let mut loudest = 1e-10_f32.log10();
        for at in 0..frames.min((samples.len() + half) / HOP + 1) {
            for ((value, sample), window) in frame.iter_mut().zip(&padded[at * HOP..]).zip(&self.hann) {
                *value = sample * window;
            }
            // The buffers have the lengths that the plan made them with, the one error there is.
            if self
                .fft
                .process_with_scratch(&mut frame, &mut spectrum, &mut scratch)
                .is_err()
            {
                continue;
            }
            for (band, (&(first, last), filter)) in
                self.spans.iter().zip(self.filters.chunks_exact(BINS)).enumerate()
            {
                let sum: f32 = (first..=last)
                    .map(|bin| spectrum[bin].norm_sqr() * filter[bin])
                    .sum();
                let value = sum.max(1e-10).log10();
                loudest = loudest.max(value);
                mel[band * frames + at] = value;
            }
        }
        for value in &mut mel {
            *value = (value.max(loudest - 8.0) + 4.0) / 4.0;
        }
        mel
    }
}

/// Triangles of equal area between points evenly spaced on Slaney's mel scale (linear to 1 kHz, logarithmic above), as
/// `librosa.filters.mel(sr=16000, n_fft=400, n_mels=80)`; `[band][bin]`.
pub(crate) fn filters() -> Vec<f32> {
    let hz = |mel: f64| {
        let (linear, step) = (200.0 / 3.0, 6.4_f64.ln() / 27.0);
        if mel < 15.0 {
            linear * mel
        } else {
            1_000.0 * (step * (mel - 15.0)).exp()
        }
    };
    let top = 15.0 + (8.0_f64).ln() / (6.4_f64.ln() / 27.0);
    let edges: Vec<f64> = (0..BANDS + 2)
        .map(|i| hz(top * i as f64 / (BANDS + 1) as f64))
        .collect();
    let mut filters = vec![0.0; BANDS * BINS];
    for (band, edge) in edges.windows(3).enumerate() {
        for bin in 0..BINS {
            let at = bin as f64 * RATE as f64 / WINDOW as f64;
            let rising = (at - edge[0]) / (edge[1] - edge[0]);
            let falling = (edge[2] - at) / (edge[2] - edge[1]);
            filters[band * BINS + bin] = (rising.min(falling).max(0.0) * 2.0 / (edge[2] - edge[0])) as f32;
        }
    }
    filters
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `librosa.filters.mel(sr=16000, n_fft=400, n_mels=80)[0, 1]` and `[79, 199]`, the values of Whisper's own file.
    #[test]
    fn filters_are_those_of_whisper() {
        let filters = filters();
        assert!((filters[1] - 0.024_862_595).abs() < 1e-6, "{}", filters[1]);
        let sums: Vec<f32> = filters.chunks_exact(BINS).map(|band| band.iter().sum()).collect();
        assert!(sums.iter().all(|&sum| sum > 0.02 && sum < 0.03), "{sums:?}");
    }

    #[test]
    fn a_tone_lies_in_its_band_and_silence_below() {
        let tone: Vec<f32> = (0..RATE)
            .map(|i| (2.0 * std::f32::consts::PI * 1_000.0 * i as f32 / RATE as f32).sin())
            .collect();
        let mel = LogMel::new().of(&tone, 200);
        let column = |frame: usize| -> Vec<f32> { (0..BANDS).map(|band| mel[band * 200 + frame]).collect() };
        let loudest = |column: &[f32]| {
            (0..BANDS)
                .max_by(|&a, &b| column[a].total_cmp(&column[b]))
                .expect("80 bands")
        };
        let edges_hold_1000_hz = 26..=28;
        assert!(
            edges_hold_1000_hz.contains(&loudest(&column(50))),
            "{}",
            loudest(&column(50))
        );
        let band = loudest(&column(50));
        let span = column(50)[band] - column(150)[band];
        assert!((span - 2.0).abs() < 1e-3, "8 decades at most: {span}");
    }
}
