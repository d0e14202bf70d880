//! Recordings in a real child, and in children that misbehave.

use std::{ffi::OsString, time::Duration};

use hilum_audio::{AudioError, AudioLimits, DecodeRecording as _, InProcess};
use hilum_decoder::RecordingDecoder;

fn decoder() -> RecordingDecoder {
    RecordingDecoder::with_program(env!("CARGO_BIN_EXE_hilum-decode").into())
}

/// A wav of 16 kHz with a tone, so many samples long.
fn wav(samples: u32) -> Vec<u8> {
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + 2 * samples).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3E\0\0\0\x7D\0\0\x02\0\x10\0data");
    wav.extend((2 * samples).to_le_bytes());
    wav.extend((0..samples).flat_map(|k| (((k as f32 * 0.1).sin() * 9000.0) as i16).to_le_bytes()));
    wav
}

#[test]
fn a_child_hears_what_this_process_hears() {
    let limits = AudioLimits::default();
    let here = InProcess.decode(wav(300_000), &limits).unwrap();
    assert_eq!(here.samples.len(), 300_000);
    assert_eq!(decoder().decode(wav(300_000), &limits), Ok(here));
}

#[test]
fn refusals_come_through_as_they_are() {
    let limits = AudioLimits {
        seconds: 10,
        input_bytes: 1 << 20,
    };
    for bytes in [
        vec![],
        b"#!AMR\n".to_vec(),
        vec![7; 5000],
        wav(170_000),
        vec![0; 2 << 20],
    ] {
        let here = InProcess.decode(bytes.clone(), &limits).unwrap_err();
        assert_eq!(decoder().decode(bytes, &limits), Err(here));
    }
}

/// A Vorbis set-up header (Vorbis I specification, 4.2.4 and 3.2.1) whose first codebook declares 2^24 - 1 entries of
/// 65535 dimensions: four terabytes, if one believes it.
#[test]
fn a_header_that_asks_for_all_memory_costs_one_child() {
    let identification = b"\x01vorbis\0\0\0\0\x01\x80\x3E\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xB8\x01";
    let comment = b"\x03vorbis\0\0\0\0\0\0\0\0\x01";
    let mut setup = b"\x05vorbis\0BCV".to_vec();
    // Dimensions, entries; then a fixed code length (not ordered, not sparse) for as many entries as there are bits.
    setup.extend([0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    setup.extend(vec![0x55; 20_000]);
    let packets = [identification.to_vec(), comment.to_vec(), setup];
    let ogg: Vec<u8> = packets
        .iter()
        .enumerate()
        .flat_map(|(k, packet)| page(k as u32, packet))
        .collect();
    let failure = decoder().decode(ogg, &AudioLimits::default()).unwrap_err();
    assert!(
        matches!(failure, AudioError::Decoder(_) | AudioError::Damaged { .. }),
        "{failure}"
    );
    assert!(decoder().decode(wav(16_000), &AudioLimits::default()).is_ok());
}

/// An Ogg page (RFC 3533) with one packet.
fn page(sequence: u32, packet: &[u8]) -> Vec<u8> {
    let mut lacing = vec![255; packet.len() / 255];
    lacing.push((packet.len() % 255) as u8);
    let mut page = b"OggS\0".to_vec();
    page.push(if sequence == 0 { 2 } else { 0 });
    page.extend([0; 8]);
    page.extend(1u32.to_le_bytes());
    page.extend(sequence.to_le_bytes());
    page.extend([0; 4]);
    page.push(lacing.len() as u8);
    page.extend(lacing);
    page.extend(packet);
    let checksum = page.iter().fold(0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            crc << 1 ^ if crc >> 31 == 1 { 0x04C1_1DB7 } else { 0 }
        })
    });
    page[22..26].copy_from_slice(&checksum.to_le_bytes());
    page
}

#[test]
fn misbehaving_children_are_named() {
    let long = Duration::from_mins(1);
    let rows = [
        (
            "exec sleep 60",
            Duration::from_millis(200),
            "took longer than 0.2 s",
        ),
        ("kill -SEGV $$", long, "crashed with signal 11"),
        ("exit 0", long, "ended with status 0"),
        ("head -c 4096 /dev/zero; exec sleep 60", long, "nonsense"),
        // A message of 2^31 bytes.
        (r"printf '\001\000\000\000\200'; exec sleep 60", long, "nonsense"),
        (
            r"printf '\002\002\000\000\000{}'; exec sleep 60",
            long,
            "nonsense",
        ),
    ];
    for (script, deadline, expected) in rows {
        let command = ["/bin/sh", "-c", script].map(OsString::from).to_vec();
        let decoder = RecordingDecoder::with_command(command, Some(deadline));
        let failure = decoder.decode(wav(100_000), &AudioLimits::default()).unwrap_err();
        assert!(failure.to_string().contains(expected), "{script}: {failure}");
    }
    let absent = RecordingDecoder::with_program("/nowhere/hilum-decode".into());
    let failure = absent
        .decode(wav(1), &AudioLimits::default())
        .unwrap_err()
        .to_string();
    assert!(
        failure.contains("cannot be started") && !failure.contains("nowhere"),
        "{failure}"
    );
}
