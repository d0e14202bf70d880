//! JPEG, lossy and lossless, 2 to 16 bits, by libjpeg-turbo.
//!
//! The library's safe wrapper (`turbojpeg`) stops at 8 bits, so the calls that are needed are made here.
#![expect(unsafe_code, reason = "libjpeg-turbo has no safe wrapper above 8 bits")]

use std::ffi::{CStr, c_int};

use turbojpeg_sys as tj;

use crate::{CodecError, CodestreamHeader, FrameFormat, samples};

/// Scans of a sequential or lossless image of one component: one. A few more are let through for odd encoders.
const SCANS: c_int = 4;

/// Decodes a codestream whose header agrees with `format`.
pub(crate) fn decode(
    frame: &[u8],
    header: &CodestreamHeader,
    format: &FrameFormat,
) -> Result<Vec<u8>, CodecError> {
    let mut turbo = Turbo::new()?;
    turbo.set(tj::TJPARAM_TJPARAM_STOPONWARNING, 1)?;
    turbo.set(tj::TJPARAM_TJPARAM_SCANLIMIT, SCANS)?;
    turbo.check_header(frame, header)?;
    match header.precision {
        2..=8 => {
            let samples = turbo.decompress(tj::tj3Decompress8, frame, format)?;
            Ok(samples::from_8(samples, format.bits_allocated))
        }
        9..=12 => {
            let samples = turbo.decompress(tj::tj3Decompress12, frame, format)?;
            let samples: Vec<u16> = samples.into_iter().map(i16::cast_unsigned).collect();
            Ok(samples::from_16(&samples, format.bits_allocated))
        }
        _ => {
            let samples = turbo.decompress(tj::tj3Decompress16, frame, format)?;
            Ok(samples::from_16(&samples, format.bits_allocated))
        }
    }
}

fn damaged(why: &str) -> CodecError {
    CodecError::damaged("JPEG", why)
}

/// `tj3Decompress8`, `tj3Decompress12` or `tj3Decompress16`: handle, codestream, its length, samples, samples of a row,
/// pixel format.
type Function<S> = unsafe extern "C" fn(tj::tjhandle, *const u8, tj::size_t, *mut S, c_int, c_int) -> c_int;

/// A decompressor of libjpeg-turbo. The handle is never null.
struct Turbo(tj::tjhandle);

impl Drop for Turbo {
    fn drop(&mut self) {
        // SAFETY: the handle came from tj3Init and is destroyed once.
        unsafe { tj::tj3Destroy(self.0) }
    }
}

impl Turbo {
    fn new() -> Result<Self, CodecError> {
        // SAFETY: no precondition.
        let handle = unsafe { tj::tj3Init(tj::TJINIT_TJINIT_DECOMPRESS as c_int) };
        if handle.is_null() {
            return Err(damaged("no memory for a decompressor"));
        }
        Ok(Self(handle))
    }

    fn set(&mut self, parameter: tj::TJPARAM, value: c_int) -> Result<(), CodecError> {
        // SAFETY: the handle is live.
        let status = unsafe { tj::tj3Set(self.0, parameter as c_int, value) };
        self.checked(status)
    }

    /// The library reads the header by itself: it must see what was checked, since the buffer is sized by that.
    fn check_header(&mut self, frame: &[u8], header: &CodestreamHeader) -> Result<(), CodecError> {
        // SAFETY: pointer and length are those of a live slice.
        let status = unsafe { tj::tj3DecompressHeader(self.0, frame.as_ptr(), frame.len() as tj::size_t) };
        self.checked(status)?;
        let wanted = [
            (tj::TJPARAM_TJPARAM_JPEGHEIGHT, header.rows),
            (tj::TJPARAM_TJPARAM_JPEGWIDTH, header.columns),
            (tj::TJPARAM_TJPARAM_PRECISION, header.precision.into()),
        ];
        for (parameter, value) in wanted {
            // SAFETY: the handle is live.
            if i64::from(unsafe { tj::tj3Get(self.0, parameter as c_int) }) != i64::from(value) {
                return Err(damaged("it has two frame headers"));
            }
        }
        Ok(())
    }

    /// Decodes with one of the library's three functions, chosen by precision.
    fn decompress<S: Copy + Default>(
        &mut self,
        function: Function<S>,
        frame: &[u8],
        format: &FrameFormat,
    ) -> Result<Vec<S>, CodecError> {
        let mut out = vec![S::default(); format.pixels()];
        // SAFETY: `function` is one of tj3Decompress8, 12 and 16. It writes rows x columns samples of one grey
        // component, with a pitch of 0 and the size that `check_header` compared with `format`: as many as `out` holds.
        // The frame is a live slice.
        let status = unsafe {
            function(
                self.0,
                frame.as_ptr(),
                frame.len() as tj::size_t,
                out.as_mut_ptr(),
                0,
                tj::TJPF_TJPF_GRAY as c_int,
            )
        };
        self.checked(status)?;
        Ok(out)
    }

    fn checked(&self, status: c_int) -> Result<(), CodecError> {
        if status == 0 {
            return Ok(());
        }
        // SAFETY: the library keeps a message, ended by a zero, with each live handle.
        let message = unsafe { CStr::from_ptr(tj::tj3GetErrorStr(self.0)) };
        Err(damaged(&message.to_string_lossy()))
    }
}
