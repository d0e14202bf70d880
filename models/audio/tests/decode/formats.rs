//! The table of formats: each gives the sound that went in.

use hilum_audio::{AudioLimits, AudioWarning, Container, DecodeRecording as _, InProcess, Recording};

use crate::tools::Studio;

/// How alike the decoded sound must be: correlation at the best lag of up to a tenth of a second.
struct Row {
    name: &'static str,
    options: &'static str,
    container: Container,
    codec: &'static str,
    alike: f64,
}

/// Encoders add up to a frame in front and behind; where an mp3 cannot say so, its first frame, which describes it, is
/// heard as silence.
const MOST_OFF_MS: usize = 300;

const fn row(
    name: &'static str,
    options: &'static str,
    container: Container,
    codec: &'static str,
    alike: f64,
) -> Row {
    Row {
        name,
        options,
        container,
        codec,
        alike,
    }
}

const ROWS: &[Row] = &[
    row(
        "a.wav",
        "-c:a pcm_s16le -ar 44100 -ac 2",
        Container::Wav,
        "pcm_s16le",
        0.99,
    ),
    row(
        "a.wav",
        "-c:a pcm_s24le -ar 48000",
        Container::Wav,
        "pcm_s24le",
        0.99,
    ),
    row(
        "a.wav",
        "-c:a pcm_f32le -ar 16000",
        Container::Wav,
        "pcm_f32le",
        0.99,
    ),
    row("a.wav", "-c:a pcm_u8 -ar 11025", Container::Wav, "pcm_u8", 0.95),
    row(
        "a.wav",
        "-c:a pcm_mulaw -ar 8000",
        Container::Wav,
        "pcm_mulaw",
        0.9,
    ),
    row("a.wav", "-c:a pcm_alaw -ar 8000", Container::Wav, "pcm_alaw", 0.9),
    row(
        "a.wav",
        "-c:a adpcm_ima_wav -ar 22050",
        Container::Wav,
        "adpcm_ima_wav",
        0.95,
    ),
    row(
        "pipe.wav",
        "-c:a pcm_s16le -ar 48000 -f wav",
        Container::Wav,
        "pcm_s16le",
        0.99,
    ),
    row("a.mp3", "-b:a 64k", Container::Mp3, "mp3", 0.97),
    row(
        "a.mp3",
        "-b:a 32k -ar 16000 -id3v2_version 3 -metadata title=x",
        Container::Mp3,
        "mp3",
        0.95,
    ),
    row("pipe.mp3", "-q:a 4 -f mp3", Container::Mp3, "mp3", 0.97),
    row("a.flac", "", Container::Flac, "flac", 0.98),
    row("a.aac", "-b:a 64k", Container::Adts, "aac", 0.97),
    row("a.m4a", "-b:a 64k", Container::Mp4, "aac", 0.97),
    row(
        "a.m4a",
        "-b:a 64k -movflags +faststart",
        Container::Mp4,
        "aac",
        0.97,
    ),
    row("a.mp4", "-c:a libopus -b:a 32k", Container::Mp4, "opus", 0.9),
    row(
        "pipe.mp4",
        "-b:a 64k -f mp4 -movflags frag_keyframe+empty_moov",
        Container::Mp4,
        "aac",
        0.97,
    ),
    row("a.ogg", "-c:a libvorbis -q:a 4", Container::Ogg, "vorbis", 0.97),
    row("a.ogg", "-c:a flac", Container::Ogg, "flac", 0.98),
    row("a.opus", "-c:a libopus -b:a 32k", Container::Ogg, "opus", 0.9),
    row(
        "a.opus",
        "-c:a libopus -b:a 16k -ac 2 -frame_duration 60",
        Container::Ogg,
        "opus",
        0.85,
    ),
    row("a.webm", "-c:a libopus -b:a 32k", Container::Webm, "opus", 0.9),
    row("a.mka", "-c:a libvorbis", Container::Webm, "vorbis", 0.97),
    row(
        "pipe.webm",
        "-c:a libopus -b:a 32k -f webm",
        Container::Webm,
        "opus",
        0.9,
    ),
    row(
        "pipe.live.webm",
        "-c:a libopus -b:a 32k -f webm -live 1 -cluster_time_limit 500",
        Container::Webm,
        "opus",
        0.9,
    ),
];

fn decode(bytes: Vec<u8>) -> Result<Recording, hilum_audio::AudioError> {
    InProcess.decode(bytes, &AudioLimits::default())
}

#[test]
fn every_format_gives_the_sound_that_went_in() {
    let Some(studio) = Studio::open() else { return };
    let reference = studio.reference();
    let mut wrong = Vec::new();
    for row in ROWS {
        let bytes = studio.encode(row.options, row.name);
        let recording = match decode(bytes) {
            Ok(recording) => recording,
            Err(error) => {
                wrong.push(format!("{} {}: {error}", row.name, row.options));
                continue;
            }
        };
        let alike = likeness(&recording.samples, &reference);
        let off_ms = recording.samples.len().abs_diff(reference.len()) / 16;
        let summary = &recording.summary;
        let gaps = summary
            .warnings
            .iter()
            .any(|w| matches!(w, AudioWarning::Gaps { .. }));
        if alike < row.alike
            || off_ms > MOST_OFF_MS
            || gaps
            || (summary.container, summary.codec.as_str()) != (row.container, row.codec)
        {
            wrong.push(format!(
                "{} {}: {alike:.3}, {off_ms} ms off, {summary:?}",
                row.name, row.options
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What was cut off while it was being recorded is taken as far as it goes.
#[test]
fn live_recordings_end_anywhere() {
    let Some(studio) = Studio::open() else { return };
    for (name, options) in [
        (
            "pipe.webm",
            "-c:a libopus -f webm -live 1 -cluster_time_limit 500",
        ),
        ("pipe.wav", "-c:a pcm_s16le -f wav"),
        ("a.opus", "-c:a libopus"),
        ("a.mp3", ""),
        ("a.flac", ""),
        ("a.aac", ""),
    ] {
        let whole = studio.encode(options, name);
        let all = decode(whole.clone()).unwrap().samples.len();
        for tenth in [5u8, 7, 9] {
            let cut = whole[..whole.len() * usize::from(tenth) / 10].to_vec();
            let recording = decode(cut).unwrap_or_else(|error| panic!("{name} {tenth}: {error}"));
            let share = recording.samples.len() as f64 / all as f64;
            // Ogg packs a second into a page, and a page that is cut is lost.
            assert!(
                (-0.35..0.1).contains(&(share - f64::from(tenth) / 10.0)),
                "{name}: {share} of {tenth} tenths"
            );
        }
    }
    // Half a minute of a header that declares more than there is.
    let mut wav = studio.encode("-c:a pcm_s16le", "a.wav");
    wav.truncate(wav.len() / 2);
    let recording = decode(wav).unwrap();
    assert_eq!(recording.summary.warnings, [AudioWarning::Truncated]);
}

/// Pearson's correlation at the best lag of up to 100 ms.
fn likeness(a: &[f32], b: &[f32]) -> f64 {
    const MOST_LAG: usize = 1600;
    let at = |lag: usize, a: &[f32], b: &[f32]| {
        let pairs = || {
            a.iter()
                .skip(lag)
                .zip(b)
                .map(|(x, y)| (f64::from(*x), f64::from(*y)))
        };
        let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in pairs() {
            xy += x * y;
            xx += x * x;
            yy += y * y;
        }
        xy / (xx * yy).sqrt().max(1e-12)
    };
    (0..MOST_LAG)
        .flat_map(|lag| [at(lag, a, b), at(lag, b, a)])
        .fold(-1.0, f64::max)
}
