//! A slice as a picture: window, outlines, PNG.

use std::io::Cursor;

use hilum_domain::VoxelIndex;
use hilum_nodule::Segmentation;
use hilum_volume::Volume;
use image::{ImageFormat, Rgb, RgbImage};

/// Display window in HU, as DICOM's LINEAR function reads it (PS3.3 C.11.2.1.2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Centre in HU.
    pub center_hu: f64,
    /// Width in HU, at least 1.
    pub width_hu: f64,
}

impl Window {
    /// For lung: centre -600, width 1500.
    pub const LUNG: Self = Self {
        center_hu: -600.0,
        width_hu: 1500.0,
    };

    /// Grey level of a value.
    fn grey(self, hu: f64) -> u8 {
        let (centre, width) = (self.center_hu - 0.5, (self.width_hu - 1.0).max(1.0));
        ((((hu - centre) / width) + 0.5) * 255.0)
            .clamp(0.0, 255.0)
            .round() as u8
    }
}

/// Part of a slice: first column and row, columns and rows, and how many pixels each voxel becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    first: [usize; 2],
    size: [usize; 2],
    zoom: usize,
}

impl View {
    /// The whole slice, one pixel per voxel.
    pub fn whole(volume: &Volume) -> Self {
        let [_, rows, columns] = volume.shape_kji();
        Self {
            first: [0, 0],
            size: [columns, rows],
            zoom: 1,
        }
    }

    /// A square of this many millimetres around a voxel, cut at the border, enlarged four times.
    pub fn around(volume: &Volume, centre: VoxelIndex, side_mm: f64) -> Self {
        let [_, rows, columns] = volume.shape_kji();
        let spacing = volume.spacing_mm();
        let cut = |axis: usize, length: usize| {
            let half = (side_mm / spacing[axis] / 2.0).ceil() as usize;
            let first = centre.0[axis].saturating_sub(half).min(length - 1);
            (first, (centre.0[axis] + half + 1).min(length) - first)
        };
        let ((x, width), (y, height)) = (cut(0, columns), cut(1, rows));
        Self {
            first: [x, y],
            size: [width, height],
            zoom: 4,
        }
    }
}

/// Outline colour: visible on black, grey and white alike.
const OUTLINE: Rgb<u8> = Rgb([255, 196, 0]);

/// Draws slice `k` with the outlines of nodules as PNG. `None` when there is no such slice.
pub fn png(
    volume: &Volume,
    k: usize,
    window: Window,
    view: View,
    outlines: &[&Segmentation],
) -> Option<Vec<u8>> {
    if k >= volume.shape_kji()[0] {
        return None;
    }
    let zoom = view.zoom;
    let mut picture = RgbImage::from_fn(
        (view.size[0] * zoom) as u32,
        (view.size[1] * zoom) as u32,
        |x, y| {
            let voxel = VoxelIndex([
                view.first[0] + x as usize / zoom,
                view.first[1] + y as usize / zoom,
                k,
            ]);
            Rgb([window.grey(f64::from(volume.hu(voxel))); 3])
        },
    );
    for outline in outlines {
        draw_outline(&mut picture, view, k, outline);
    }
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

/// Colours the pixels just inside the mask's border.
fn draw_outline(picture: &mut RgbImage, view: View, k: usize, segmentation: &Segmentation) {
    let (width, height) = picture.dimensions();
    let inside = |x: i64, y: i64| {
        if x < 0 || y < 0 {
            return false;
        }
        let zoom = view.zoom;
        let voxel = [
            view.first[0] + x as usize / zoom,
            view.first[1] + y as usize / zoom,
            k,
        ];
        segmentation.contains(VoxelIndex(voxel))
    };
    for y in 0..i64::from(height) {
        for x in 0..i64::from(width) {
            let border = inside(x, y)
                && [(1, 0), (-1, 0), (0, 1), (0, -1)]
                    .iter()
                    .any(|(dx, dy)| !inside(x + dx, y + dy));
            if border {
                picture.put_pixel(x as u32, y as u32, OUTLINE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden greys by hand from the formula in PS3.3 C.11.2.1.2: ((x - (c - 0.5)) / (w - 1) + 0.5) * 255.
    #[test]
    fn window_greys() {
        for (hu, grey) in [
            (-2000.0, 0),
            (-1350.0, 0),
            (-600.0, 128),
            (149.5, 255),
            (3000.0, 255),
        ] {
            assert_eq!(Window::LUNG.grey(hu), grey, "{hu}");
        }
    }
}
