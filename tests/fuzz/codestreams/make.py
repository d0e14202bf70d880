"""The codestreams here, from a synthetic slice: python make.py HILUM

Recipe: the program `hilum` for the slice, pydicom 3.0 to cut it, dcmcjpeg and dcmcjpls of DCMTK 3.6 and gdcmconv of
GDCM 3.0 as encoders. 32 x 32 pixels around the middle of slice 8, HU + 1024 in 12 bits of 16, unsigned; for JPEG
baseline 0 to 2040 HU + 1024 in 8 bits. `jpeg-2000` and `jpeg-ls` are lossless.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy
import pydicom
from pydicom.encaps import generate_frames

SIZE = 32
ENCODERS = {
    "jpeg-baseline": (8, ["dcmcjpeg", "+eb"]),
    "jpeg-extended": (12, ["dcmcjpeg", "+ee"]),
    "jpeg-lossless": (12, ["dcmcjpeg", "+e1"]),
    "jpeg-ls": (12, ["dcmcjpls", "+el"]),
    "jpeg-2000": (12, ["gdcmconv", "--j2k"]),
}

here = pathlib.Path(__file__).parent
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    subprocess.run([sys.argv[1], "phantom", folder / "phantom", *sys.argv[2:]], check=True)
    slices = sorted((folder / "phantom").rglob("*.dcm"))
    slice = pydicom.dcmread(slices[len(slices) // 2])
    hu = slice.pixel_array * float(slice.RescaleSlope) + float(slice.RescaleIntercept)
    top, left = (side // 2 - SIZE // 2 for side in hu.shape)
    stored = numpy.clip(hu[top : top + SIZE, left : left + SIZE] + 1024, 0, 4095)
    for name, (bits, encoder) in ENCODERS.items():
        allocated = 8 if bits == 8 else 16
        values = stored // 8 if bits == 8 else stored
        slice.PixelData = values.clip(0, 2**bits - 1).astype(f"<u{allocated // 8}").tobytes()
        slice.Rows = slice.Columns = SIZE
        slice.BitsAllocated, slice.BitsStored, slice.HighBit = allocated, bits, bits - 1
        slice.PixelRepresentation = 0
        slice.RescaleSlope, slice.RescaleIntercept = 8 if bits == 8 else 1, -1024
        plain, packed = folder / "plain.dcm", folder / "packed.dcm"
        slice.save_as(plain)
        subprocess.run([*encoder, plain, packed], check=True)
        frame = next(generate_frames(pydicom.dcmread(packed).PixelData, number_of_frames=1))
        (here / name).write_bytes(frame)
        print(name, len(frame))
