//! Stretches of speech become windows that Whisper hears one at a time.

use std::ops::Range;

use hilum_audio::SAMPLE_RATE_HZ;

/// The encoder takes 30 s; what is longer is cut.
const LONGEST: usize = 28 * SAMPLE_RATE_HZ as usize;
/// Pauses shorter than this are within a sentence.
const SENTENCE_PAUSE: usize = SAMPLE_RATE_HZ as usize * 6 / 10;
/// A stretch without a pause is cut at its quietest place within so much before the limit.
const SEARCH: usize = 4 * SAMPLE_RATE_HZ as usize;
/// Loudness is taken over so many samples: 20 ms.
const FRAME: usize = SAMPLE_RATE_HZ as usize / 50;

/// Joins stretches of speech (ranges of samples, ascending) that a short pause parts, and cuts what is too long.
pub(crate) fn windows(samples: &[f32], speech: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for span in speech {
        match joined.last_mut() {
            Some(last) if span.start < last.end + SENTENCE_PAUSE && span.end - last.start <= LONGEST => {
                last.end = last.end.max(span.end);
            }
            _ => joined.push(span.clone()),
        }
    }
    joined.into_iter().flat_map(|span| cut(samples, span)).collect()
}

/// Pieces of at most [`LONGEST`].
fn cut(samples: &[f32], mut span: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    while span.len() > LONGEST {
        let search = span.start + LONGEST - SEARCH..span.start + LONGEST;
        let energy = |at: usize| samples[at..at + FRAME].iter().map(|s| s * s).sum::<f32>();
        let frames = search.step_by(FRAME).filter(|at| at + FRAME <= samples.len());
        let quietest = frames.min_by(|a, b| energy(*a).total_cmp(&energy(*b)));
        let place = quietest.map_or(span.start + LONGEST, |at| at + FRAME / 2);
        pieces.push(span.start..place);
        span.start = place;
    }
    pieces.push(span);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: usize = SAMPLE_RATE_HZ as usize;

    #[test]
    fn short_pauses_join_and_long_ones_part() {
        let samples = vec![0.1; 60 * SECOND];
        let speech = [
            SECOND..3 * SECOND,
            3 * SECOND + SECOND / 2..5 * SECOND,
            7 * SECOND..8 * SECOND,
        ];
        assert_eq!(
            windows(&samples, &speech),
            [SECOND..5 * SECOND, 7 * SECOND..8 * SECOND]
        );
        assert!(windows(&samples, &[]).is_empty());
    }

    #[test]
    fn a_long_stretch_is_cut_where_it_is_quiet() {
        let mut samples = vec![0.1; 70 * SECOND];
        samples[26 * SECOND..26 * SECOND + FRAME].fill(0.0);
        let all = 0..samples.len();
        let pieces = windows(&samples, std::slice::from_ref(&all));
        assert_eq!(pieces[0], 0..26 * SECOND + FRAME / 2);
        assert!(
            pieces
                .iter()
                .all(|piece| piece.len() <= LONGEST && !piece.is_empty()),
            "{pieces:?}"
        );
        assert_eq!(pieces.last().map(|piece| piece.end), Some(samples.len()));
        assert!(pieces.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    #[test]
    fn joining_never_makes_a_window_too_long() {
        let samples = vec![0.1; 120 * SECOND];
        let speech: Vec<_> = (0..11)
            .map(|k| k * 10 * SECOND..(k * 10 + 9) * SECOND + SECOND / 2)
            .collect();
        for window in windows(&samples, &speech) {
            assert!(window.len() <= LONGEST, "{window:?}");
        }
    }
}
