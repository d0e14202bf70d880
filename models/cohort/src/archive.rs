//! Pictures out of tar archives, within bounds.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::Path;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};

use crate::{CohortError, TILE_SIDE, Tile};

/// Entries of one archive; the public set has 2 125.
const MAX_ENTRIES: u64 = 200_000;
/// Bytes of one PNG; the largest known has 0.2 MB.
const MAX_PNG_BYTES: u64 = 8 << 20;
/// Slices of one nodule; the most known are 56.
pub(crate) const MAX_SLICES: usize = 1024;
/// Bytes of one unpacked archive; a packed one could unpack to anything.
const MAX_ARCHIVE_BYTES: u64 = 8 << 30;

/// Stacked tiles by nodule id: those that `wanted` gives a number of slices for.
pub(crate) fn read_tiles(
    archive: impl Read,
    name: &'static str,
    path: &Path,
    wanted: &HashMap<&str, usize>,
) -> Result<HashMap<String, Vec<Box<Tile>>>, CohortError> {
    let io = |source| CohortError::Io {
        path: path.to_owned(),
        source,
    };
    let limit = |what, limit| CohortError::LimitExceeded {
        archive: name,
        what,
        limit,
    };
    let mut found = HashMap::with_capacity(wanted.len());
    let mut archive = tar::Archive::new(archive.take(MAX_ARCHIVE_BYTES));
    for (count, entry) in archive.entries().map_err(io)?.enumerate() {
        let mut entry = entry.map_err(io)?;
        if count as u64 >= MAX_ENTRIES {
            return Err(limit("entries", MAX_ENTRIES));
        }
        let Some(id) = nodule_id(&entry.path().map_err(io)?) else {
            continue;
        };
        let Some(&n_slices) = wanted.get(id.as_str()) else {
            continue;
        };
        if entry.size() > MAX_PNG_BYTES {
            return Err(limit("bytes in one picture", MAX_PNG_BYTES));
        }
        let mut png = Vec::with_capacity(entry.size() as usize);
        entry.read_to_end(&mut png).map_err(io)?;
        let tiles = decode(png, &format!("{name}/{id}.png"), n_slices)?;
        if found.insert(id.clone(), tiles).is_some() {
            return Err(CohortError::Duplicate { id, file: name });
        }
    }
    Ok(found)
}

/// `img/0001_00.png` is nodule `0001_00`; anything that is not a PNG is no picture.
fn nodule_id(path: &Path) -> Option<String> {
    let is_png = path.extension().is_some_and(|extension| extension == "png");
    is_png.then(|| path.file_stem()?.to_str().map(str::to_owned))?
}

fn decode(png: Vec<u8>, entry: &str, n_slices: usize) -> Result<Vec<Box<Tile>>, CohortError> {
    let side = TILE_SIDE as u32;
    let expected_height = side * n_slices as u32;
    let unreadable = |source| CohortError::Picture {
        entry: entry.to_owned(),
        source,
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(side);
    limits.max_image_height = Some(side * MAX_SLICES as u32);
    limits.max_alloc = Some(64 << 20);
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    reader.limits(limits);
    let DynamicImage::ImageLuma8(picture) = reader.decode().map_err(|error| unreadable(Some(error)))? else {
        return Err(unreadable(None));
    };
    if picture.dimensions() != (side, expected_height) {
        return Err(CohortError::PictureSize {
            entry: entry.to_owned(),
            width: picture.width(),
            height: picture.height(),
            side,
            expected_height,
        });
    }
    let (tiles, _) = picture.as_raw().as_chunks::<{ TILE_SIDE * TILE_SIDE }>();
    Ok(tiles.iter().map(|tile| Box::new(*tile)).collect())
}
