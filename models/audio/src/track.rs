//! The one track that is listened to.

use std::sync::LazyLock;

use symphonia::{
    core::{
        codecs::{
            CodecParameters,
            audio::{AudioCodecId, AudioDecoder, AudioDecoderOptions},
            registry::CodecRegistry,
        },
        errors::Error,
        formats::{FormatReader, Track, TrackType},
        packet::Packet,
    },
    default::register_enabled_codecs,
};
use symphonia_adapter_libopus::OpusDecoder;

use crate::{
    AudioError, AudioLimits, AudioWarning, Container, SAMPLE_RATE_HZ, Summary, resample::ToSpeechRate,
};

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<OpusDecoder>();
    codecs
});

/// A track, its decoder, and what came of it so far.
pub(crate) struct Playing {
    id: u32,
    decoder: Box<dyn AudioDecoder>,
    resampler: Option<ToSpeechRate>,
    interleaved: Vec<f32>,
    mono: Vec<f32>,
    limit_s: u32,
    declared_s: Option<u64>,
    container: Container,
    channels: u16,
    /// Samples of the whole recording at 16 kHz so far.
    given: u64,
    played: u64,
    failed: u64,
    cut_off: bool,
}

impl Playing {
    /// The first track that one of the codecs reads.
    pub(crate) fn choose(
        reader: &dyn FormatReader,
        container: Container,
        limits: &AudioLimits,
    ) -> Result<Self, AudioError> {
        let tracks = reader.tracks().iter();
        let known = |track: &&Track| {
            audio_codec(track).is_some_and(|codec| CODECS.get_audio_decoder(codec).is_some())
        };
        let Some(track) = tracks.clone().find(known) else {
            let sound = |track: &Track| track.track_type() == Some(TrackType::Audio);
            return Err(if tracks.clone().any(sound) {
                AudioError::Unsupported {
                    what: format!("the codec of this {container} file"),
                }
            } else {
                AudioError::NoSound
            });
        };
        let params = track.codec_params.as_ref().and_then(CodecParameters::audio);
        let params = params.ok_or(AudioError::NoSound)?;
        let decoder = CODECS
            .make_audio_decoder(params, &AudioDecoderOptions::default())
            .map_err(|error| AudioError::damaged(&error))?;
        let declared_s = match (track.num_frames, params.sample_rate) {
            (Some(frames), Some(rate)) if rate > 0 => Some(frames / u64::from(rate)),
            _ => None,
        };
        Ok(Self {
            id: track.id,
            decoder,
            resampler: None,
            interleaved: Vec::new(),
            mono: Vec::new(),
            limit_s: limits.seconds,
            declared_s,
            container,
            channels: 0,
            given: 0,
            played: 0,
            failed: 0,
            cut_off: false,
        })
    }

    pub(crate) const fn id(&self) -> u32 {
        self.id
    }

    pub(crate) const fn has_sound(&self) -> bool {
        self.played > 0
    }

    /// The file ended in the middle of something.
    pub(crate) const fn cut_off(&mut self) {
        self.cut_off = true;
    }

    /// Decodes a packet and appends its samples at 16 kHz.
    pub(crate) fn play(&mut self, packet: &Packet, block: &mut Vec<f32>) -> Result<(), AudioError> {
        let decoded = match self.decoder.decode(packet) {
            Ok(decoded) => decoded,
            // One packet is lost; the next may be whole.
            Err(Error::DecodeError(_) | Error::IoError(_)) => {
                self.failed += 1;
                return Ok(());
            }
            Err(error) => return Err(AudioError::damaged(&error)),
        };
        let (rate_hz, channels) = (decoded.spec().rate(), decoded.num_planes());
        if channels == 0 || decoded.frames() == 0 {
            return Ok(());
        }
        decoded.copy_to_vec_interleaved(&mut self.interleaved);
        self.channels = channels as u16;
        self.mono.clear();
        self.mono
            .extend(self.interleaved.chunks_exact(channels).map(mean_of_channels));
        let before = block.len();
        let resampler = match self.resampler.take() {
            Some(resampler) if resampler.rate_hz() == rate_hz => resampler,
            // The rate changed within the file: what the filter holds back belongs to the old rate.
            Some(resampler) => {
                resampler.finish(block)?;
                ToSpeechRate::new(rate_hz)?
            }
            None => ToSpeechRate::new(rate_hz)?,
        };
        self.resampler.insert(resampler).push(&self.mono, block)?;
        self.played += 1;
        self.count(block.len() - before)
    }

    /// The samples that the filter held back, and what the recording was.
    pub(crate) fn finish(mut self, block: &mut Vec<f32>) -> Result<Summary, AudioError> {
        let Some(resampler) = self.resampler.take() else {
            return Err(if self.failed > 0 {
                AudioError::Damaged {
                    why: format!("none of its {} packets could be decoded", self.failed),
                }
            } else {
                AudioError::NoSound
            });
        };
        // Bytes that look like a format now and then, and mostly not, are no recording.
        if self.failed > self.played {
            return Err(AudioError::Damaged {
                why: format!(
                    "{} of {} packets could not be decoded",
                    self.failed,
                    self.failed + self.played
                ),
            });
        }
        let source_rate_hz = resampler.rate_hz();
        let before = block.len();
        resampler.finish(block)?;
        self.count(block.len() - before)?;
        let truncated = self.cut_off.then_some(AudioWarning::Truncated);
        let gaps = (self.failed > 0).then_some(AudioWarning::Gaps { packets: self.failed });
        Ok(Summary {
            container: self.container,
            codec: self.decoder.codec_info().short_name.to_owned(),
            source_rate_hz,
            channels: self.channels,
            warnings: truncated.into_iter().chain(gaps).collect(),
        })
    }

    fn count(&mut self, samples: usize) -> Result<(), AudioError> {
        self.given += samples as u64;
        if self.given > u64::from(self.limit_s) * u64::from(SAMPLE_RATE_HZ) {
            return Err(AudioError::TooLong {
                limit_s: self.limit_s,
                declared_s: self.declared_s.filter(|s| *s > u64::from(self.limit_s)),
            });
        }
        Ok(())
    }
}

fn audio_codec(track: &Track) -> Option<AudioCodecId> {
    let params = track.codec_params.as_ref()?.audio()?;
    Some(params.codec)
}

/// Wav may hold any floating-point number, NaN too.
fn mean_of_channels(frame: &[f32]) -> f32 {
    let mean = frame.iter().sum::<f32>() / frame.len() as f32;
    if mean.is_finite() {
        mean.clamp(-1.0, 1.0)
    } else {
        0.0
    }
}
