//! Compressed frames and recordings in the program's own decoding children.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use hilum_audio::{AudioError, AudioLimits, Container, DecodeRecording as _};
use hilum_codec::{CodestreamHeader, FrameDecoder, FrameFormat, Syntax};
use hilum_decoder::{DecoderPool, PoolSettings, RecordingDecoder};

/// One of each coding that has a decoder of its own or headers of its own.
pub const SYNTAXES: [&str; 7] = [
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
];

/// Largest rows and columns that are decoded: a child then has less than [`crate::memory::MOST_EXTRA`] of memory and
/// three seconds of processor time, by the limits that the program itself sets.
const LARGEST_SIDE: u32 = 512;

static DECODER: LazyLock<Arc<DecoderPool>> = LazyLock::new(|| {
    let settings = PoolSettings {
        children: 1,
        ..PoolSettings::with_program(program())
    };
    Arc::new(DecoderPool::new(settings).expect("a thread for children"))
});

/// One child, as the program starts them, shared by this process.
pub fn decoder() -> Arc<dyn FrameDecoder> {
    Arc::clone(&DECODER) as Arc<dyn FrameDecoder>
}

/// `hilum-decode` beside this program, or in the folder above where tests lie. `HILUM_DECODE` names another place.
fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("HILUM_DECODE") {
        return named.into();
    }
    let own = std::env::current_exe().expect("path of this program");
    let beside = own.ancestors().skip(1).take(2);
    let mut programs = beside.map(|folder| folder.join("hilum-decode"));
    programs
        .find(|program| program.is_file())
        .expect("hilum-decode is built: `cargo build --workspace`")
}

/// Transfer syntax and pixel format from the first two bytes; the rest is the frame.
///
/// The codestream's header is read here, where coverage is seen. Where there is one, the frame is decoded in a child:
/// with the size that the header declares, now and then with another one. What the child refuses, or dies of by its
/// limits, is an answer; a codec that crashes is a finding, although it costs the program one frame only.
pub(crate) fn codestream(bytes: &[u8]) {
    let Some(([syntax, format], frame)) = bytes.split_first_chunk() else {
        return;
    };
    let uid = SYNTAXES[usize::from(*syntax) % SYNTAXES.len()];
    let syntax = Syntax::of(uid).expect("one of the syntaxes that are decoded");
    let Ok(header) = CodestreamHeader::read(frame, syntax.coding) else {
        return;
    };
    let flag = |bit: u8| format >> bit & 1 == 1;
    let bits_allocated = if flag(0) { 8 } else { 16 };
    let side = |declared: u32| declared.min(LARGEST_SIDE) as u16;
    let format = FrameFormat {
        rows: side(header.rows) ^ u16::from(flag(1)),
        columns: side(header.columns) ^ u16::from(flag(2)),
        samples: 1,
        bits_allocated,
        bits_stored: if flag(3) { 7 } else { bits_allocated },
        signed: flag(4),
    };
    match DECODER.decode(frame, uid, &format) {
        Ok(decoded) => assert_eq!(decoded.pixels.len(), format.decoded_bytes()),
        Err(failure) => {
            let found = [
                "crashed",
                "forbidden",
                "panicked",
                "nonsense",
                "cannot be",
                "could not lock",
            ];
            let found = found.iter().any(|word| failure.0.contains(word));
            assert!(!found, "{failure}");
        }
    }
}

/// The bytes as a recording. Its first bytes are looked at here; where they are those of a format, the file is decoded in
/// a child, which has the memory and the time that the program itself allows. A parser that panics or wants too much
/// there is an answer, since the parsers are foreign and the child is there for that; one that breaks memory is a
/// finding.
pub(crate) fn recording(bytes: &[u8]) {
    let limits = AudioLimits {
        input_bytes: 1 << 20,
        seconds: 60,
    };
    if !bytes.starts_with(b"ID3") && Container::of(bytes).is_err() {
        return;
    }
    match RecordingDecoder::with_program(program()).decode(bytes.to_vec(), &limits) {
        Ok(recording) => {
            let most = limits.seconds as usize * hilum_audio::SAMPLE_RATE_HZ as usize;
            assert!(recording.samples.len() <= most, "more sound than the limit");
            assert!(
                recording.samples.iter().all(|s| (-1.0..=1.0).contains(s)),
                "a sample beyond 1"
            );
        }
        Err(AudioError::Decoder(failure)) => {
            let found = ["crashed", "forbidden", "nonsense", "cannot be", "could not lock"];
            assert!(!found.iter().any(|word| failure.contains(word)), "{failure}");
        }
        Err(_) => {}
    }
}
