"""Golden values of lidc_ct.rs, computed with pydicom 3 and numpy.

usage: hu_golden.py FOLDER...   (folders of one CT series each)

For each folder: slices sorted along row x column, HU = pixel_array * RescaleSlope + RescaleIntercept
(pydicom.pixels.apply_rescale), cast to little-endian int16 in order [slice, row, column], sha256 of the bytes;
affine from ImageOrientationPatient, PixelSpacing and the first and last ImagePositionPatient.
"""

import hashlib
import pathlib
import sys

import numpy as np
import pydicom
from pydicom.pixels import apply_rescale

for folder in map(pathlib.Path, sys.argv[1:]):
    slices = [pydicom.dcmread(path) for path in folder.rglob("*.dcm")]
    row, column = np.split(np.array(slices[0].ImageOrientationPatient, float), 2)
    normal = np.cross(row, column)
    slices.sort(key=lambda ds: np.dot(normal, np.array(ds.ImagePositionPatient, float)))
    hu = np.stack([apply_rescale(ds.pixel_array, ds) for ds in slices])
    assert (hu == hu.astype("<i2")).all()
    first, last = (np.array(ds.ImagePositionPatient, float) for ds in (slices[0], slices[-1]))
    row_spacing, column_spacing = map(float, slices[0].PixelSpacing)
    affine = np.eye(4)
    affine[:3, 0] = row * column_spacing
    affine[:3, 1] = column * row_spacing
    affine[:3, 2] = (last - first) / (len(slices) - 1)
    affine[:3, 3] = first
    print(folder, hu.shape, hashlib.sha256(hu.astype("<i2").tobytes()).hexdigest())
    print(affine.tolist(), hu.min(), hu.max(), hu.mean())
