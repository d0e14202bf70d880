//! Valid codestreams of one small image, one for each way of coding.
//!
//! The files of `codestreams/` hold synthetic pixels; `codestreams/make.py` is their recipe. High-throughput JPEG 2000
//! is encoded here, since no program that writes it is packaged.

use anyhow::Context as _;
use openjph_core::codestream::Codestream as Htj2k;
use openjph_core::file::MemOutfile;
use openjph_core::types::{Point, Size};

/// Rows and columns of every image.
pub const SIDE: u16 = 32;

/// A frame and what a DICOM header would say of it. Pixels are unsigned, HU are stored x slope - 1024.
#[derive(Debug, Clone)]
pub struct Codestream {
    /// How it is coded.
    pub name: &'static str,
    /// Transfer syntax UID.
    pub transfer_syntax: &'static str,
    /// Bits Allocated.
    pub bits_allocated: u16,
    /// Bits Stored.
    pub bits_stored: u16,
    /// Rescale Slope.
    pub slope: &'static str,
    /// The frame.
    pub frame: Vec<u8>,
}

/// One of each.
pub fn all() -> anyhow::Result<Vec<Codestream>> {
    let of_16 = |name, transfer_syntax, frame: &[u8]| Codestream {
        name,
        transfer_syntax,
        bits_allocated: 16,
        bits_stored: 12,
        slope: "1",
        frame: frame.to_vec(),
    };
    let baseline = include_bytes!("../codestreams/jpeg-baseline");
    let extended = include_bytes!("../codestreams/jpeg-extended");
    let lossless = include_bytes!("../codestreams/jpeg-lossless");
    let jpeg_ls = include_bytes!("../codestreams/jpeg-ls");
    let jpeg_2000 = include_bytes!("../codestreams/jpeg-2000");
    Ok(vec![
        Codestream {
            bits_allocated: 8,
            bits_stored: 8,
            slope: "8",
            ..of_16("jpeg-baseline", "1.2.840.10008.1.2.4.50", baseline)
        },
        of_16("jpeg-extended", "1.2.840.10008.1.2.4.51", extended),
        of_16("jpeg-lossless", "1.2.840.10008.1.2.4.70", lossless),
        of_16("jpeg-ls", "1.2.840.10008.1.2.4.80", jpeg_ls),
        of_16("jpeg-2000", "1.2.840.10008.1.2.4.90", jpeg_2000),
        of_16("htj2k", "1.2.840.10008.1.2.4.201", &htj2k()?),
    ])
}

/// A disc of tissue in air, reversible, three decompositions.
fn htj2k() -> anyhow::Result<Vec<u8>> {
    let side = u32::from(SIDE);
    let mut stream = Htj2k::new();
    let siz = stream.access_siz_mut();
    siz.set_image_extent(Point::new(side, side));
    siz.set_num_components(1);
    siz.set_comp_info(0, Point::new(1, 1), 12, false);
    siz.set_tile_size(Size::new(side, side));
    let cod = stream.access_cod_mut();
    cod.set_num_decomposition(3);
    cod.set_reversible(true);
    cod.set_color_transform(false);
    stream.set_planar(0);
    let mut file = MemOutfile::new();
    stream.write_headers(&mut file, &[]).context("HTJ2K headers")?;
    for y in 0..i32::from(SIDE) {
        let row: Vec<i32> = (0..i32::from(SIDE))
            .map(|x| {
                let texture = (37 * x + 91 * y + x * y) % 61;
                let inside = (x - 16).pow(2) + (y - 16).pow(2) < 100;
                texture + if inside { 1040 } else { 160 }
            })
            .collect();
        stream.exchange(&row, 0).context("HTJ2K rows")?;
    }
    stream.flush(&mut file).context("HTJ2K end")?;
    Ok(file.get_data().to_vec())
}
