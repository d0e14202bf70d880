//! Pictures of stored series.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use hilum_codec::FrameDecoder;
use hilum_domain::{Lps, NoProgress, StudyResult, Uid};
use hilum_nodule::{LungMask, Segmentation, Segmenter};
use hilum_store::{Store, StoreError};
use hilum_volume::{LoadOptions, Volume, VolumeError};
use tokio::runtime::Handle;

use crate::picture::{self, View, Window};

/// Volumes kept for the next picture. A CT of 300 slices takes 160 MB.
const VOLUMES: usize = 2;

/// Draws slices of stored series. Blocks: call it on a thread that may.
pub struct Renderer {
    store: Store,
    runtime: Handle,
    segmenter: Arc<Segmenter>,
    decoder: Arc<dyn FrameDecoder>,
    /// Most recently used first. A mutex, because a hit only moves an `Arc`; volumes are loaded outside of it.
    opened: Mutex<VecDeque<Arc<Opened>>>,
}

/// A volume with its lungs, which outlining needs; `None` where there are none, and then no nodules either.
struct Opened {
    volume: Volume,
    lungs: Option<LungMask>,
    /// Outlines that were made again, by their seeds. A mutex, held while one is looked up or put in; two pictures at
    /// once may both make the same outline.
    outlines: Mutex<Vec<(Lps, Arc<Segmentation>)>>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The store has no such series.
    #[error("no such series")]
    NoSuchSeries,
    /// The series has no such slice.
    #[error("the series has {0} slices, counted from 0")]
    NoSuchSlice(usize),
    /// The latest result has no such nodule.
    #[error("the latest result of the series has no such nodule")]
    NoSuchNodule,
    /// The series does not become a volume.
    #[error("{0}")]
    Volume(#[from] VolumeError),
    /// A nodule could not be outlined again.
    #[error("{0}")]
    Outline(#[from] hilum_nodule::NoduleError),
    /// The store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl Renderer {
    /// A renderer over a store; `runtime` runs its queries, `segmenter` is the one that outlined the results,
    /// compressed pixels go to `decoder`.
    pub fn new(
        store: Store,
        runtime: Handle,
        segmenter: Arc<Segmenter>,
        decoder: Arc<dyn FrameDecoder>,
    ) -> Self {
        Self {
            store,
            runtime,
            segmenter,
            decoder,
            opened: Mutex::new(VecDeque::with_capacity(VOLUMES)),
        }
    }

    /// Slice `slice` of a series as PNG, with the outlines of the latest result's nodules: all, or the named one.
    pub fn png(
        &self,
        series: &Uid,
        slice: usize,
        window: Window,
        nodule: Option<&str>,
    ) -> Result<Vec<u8>, RenderError> {
        let opened = self.open(series)?;
        let latest = self
            .runtime
            .block_on(self.store.latest_result(series))?
            .map(|stored| stored.result);
        let outlines = opened.outlines(&self.segmenter, latest.as_ref(), slice, nodule)?;
        let outlines: Vec<_> = outlines.iter().map(AsRef::as_ref).collect();
        let volume = &opened.volume;
        picture::png(volume, slice, window, View::whole(volume), &outlines)
            .ok_or_else(|| RenderError::NoSuchSlice(volume.shape_kji()[0]))
    }

    fn open(&self, series: &Uid) -> Result<Arc<Opened>, RenderError> {
        let cached = |all: &mut VecDeque<Arc<Opened>>| {
            let at = all
                .iter()
                .position(|opened| opened.volume.series_instance_uid() == series)?;
            let opened = all.remove(at)?;
            all.push_front(Arc::clone(&opened));
            Some(opened)
        };
        if let Some(opened) = cached(&mut self.lock()) {
            return Ok(opened);
        }
        let instances = self.runtime.block_on(self.store.instances_of_series(series))?;
        if instances.is_empty() {
            return Err(RenderError::NoSuchSeries);
        }
        let files: Vec<_> = instances
            .iter()
            .map(|instance| self.store.object_path(&instance.sha256))
            .collect();
        let options = LoadOptions {
            series_uid: Some(series.clone()),
            decoder: Some(Arc::clone(&self.decoder)),
            ..LoadOptions::default()
        };
        let volume = hilum_volume::load(&files, &options, &NoProgress)?.volume;
        let lungs = hilum_nodule::segment_lungs(&volume).ok();
        let opened = Arc::new(Opened {
            volume,
            lungs,
            outlines: Mutex::default(),
        });
        let mut all = self.lock();
        all.truncate(VOLUMES - 1);
        all.push_front(Arc::clone(&opened));
        Ok(opened)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Opened>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opened {
    /// Outlines of the nodules that the slice can meet, made again from their seeds.
    fn outlines(
        &self,
        segmenter: &Segmenter,
        latest: Option<&StudyResult>,
        slice: usize,
        nodule: Option<&str>,
    ) -> Result<Vec<Arc<Segmentation>>, RenderError> {
        let nodules = latest.map_or(&[][..], |result| &result.nodules);
        if let Some(id) = nodule
            && !nodules.iter().any(|n| n.id == id)
        {
            return Err(RenderError::NoSuchNodule);
        }
        let Some(lungs) = &self.lungs else {
            return Ok(Vec::new());
        };
        let slice_mm = self.volume.spacing_mm()[2];
        let wanted = nodules
            .iter()
            .filter(|n| nodule.is_none_or(|id| n.id == id))
            .filter(|n| {
                let away_mm = n.center_voxel_ijk.0[2].abs_diff(slice) as f64 * slice_mm;
                away_mm <= n.long_axis_mm.max(10.0) * 2.0
            });
        wanted
            .map(|n| self.outline(segmenter, lungs, n.seed_lps_mm))
            .collect()
    }

    fn outline(
        &self,
        segmenter: &Segmenter,
        lungs: &LungMask,
        seed: Lps,
    ) -> Result<Arc<Segmentation>, RenderError> {
        let known = || self.outlines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, outline)) = known().iter().find(|(of, _)| *of == seed) {
            return Ok(Arc::clone(outline));
        }
        let outline = Arc::new(segmenter.outline(&self.volume, lungs, seed)?.segmentation);
        known().push((seed, Arc::clone(&outline)));
        Ok(outline)
    }
}
