"""Second column of corpus.tsv as pydicom sees it: python corpus.py DICOM_SAMPLES

Recipe: pydicom 3.0 with pylibjpeg, pylibjpeg-openjpeg, pylibjpeg-libjpeg and pylibjpeg-rle. Only images of one sample
whose pixels pydicom decodes are printed; digests are those of the little-endian stored pixels.
"""

import hashlib
import pathlib
import sys
import warnings

import numpy
import pydicom
from pydicom.pixels import pixel_array

LOSSY = {f"1.2.840.10008.1.2.4.{end}" for end in (50, 51, 81, 91)}

warnings.simplefilter("ignore")
root = pathlib.Path(sys.argv[1])
for path in sorted(path for path in root.rglob("*") if path.is_file()):
    try:
        dataset = pydicom.dcmread(path)
        if dataset.SamplesPerPixel != 1 or dataset.BitsAllocated not in (8, 16, 32):
            continue
        pixels = pixel_array(dataset, raw=True)
    except Exception:
        continue
    frames = int(dataset.get("NumberOfFrames") or 1)
    outcome = f"{frames}x{dataset.Rows}x{dataset.Columns}"
    if dataset.file_meta.TransferSyntaxUID not in LOSSY:
        little = numpy.ascontiguousarray(pixels.astype(pixels.dtype.newbyteorder("<")))
        outcome += " " + hashlib.sha256(little.tobytes()).hexdigest()[:16]
    print(path.relative_to(root), outcome, sep="\t")
