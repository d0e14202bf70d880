//! Instructions that whisper.cpp is built with (`GGML_NATIVE=OFF` in .cargo/config.toml): a processor without them would
//! end the process at the first one, which no error can be made of afterwards.

use crate::SpeechError;

/// Whether this processor can run whisper.cpp.
pub(crate) fn check() -> Result<(), SpeechError> {
    #[cfg(target_arch = "x86_64")]
    for (name, present) in [
        ("SSE4.2", is_x86_feature_detected!("sse4.2")),
        ("AVX", is_x86_feature_detected!("avx")),
        ("F16C", is_x86_feature_detected!("f16c")),
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("BMI2", is_x86_feature_detected!("bmi2")),
        ("FMA", is_x86_feature_detected!("fma")),
    ] {
        if !present {
            return Err(SpeechError::Processor(name));
        }
    }
    Ok(())
}
