"""One CT image in several lossless syntaxes gives one volume: compressed_equals_rle.py HILUM WG04_FOLDER WORK

Each syntax becomes a series of four slices, the image at four positions, and goes through `hilum volume`. RLE is decoded
by the program itself, the others by its children. A codestream cut off in its middle must name its file and end in an
error, not in grey pixels.
"""

import pathlib
import subprocess
import sys

import numpy
import pydicom
from pydicom.encaps import encapsulate, get_frame

hilum, samples, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])


def series(name, cut=False):
    folder = work / (name + ("_cut" if cut else ""))
    folder.mkdir()
    dataset = pydicom.dcmread(samples / name)
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    x, y, z = map(float, dataset.ImagePositionPatient)
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    for k in range(4):
        dataset.ImagePositionPatient = [x, y, z + 5 * k]
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.826.0.1.{k + 1}"
        whole = not (cut and k == 2)
        dataset.PixelData = encapsulate([frame if whole else frame[: len(frame) // 2]])
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
        dataset.save_as(folder / f"{k}.dcm")
    return folder


def volume(folder):
    out = folder.with_suffix(".npy")
    answer = subprocess.run([hilum, "volume", folder, "--out", out], capture_output=True, text=True)
    return answer, out


reference = None
for image in ("CT1", "CT2"):
    for syntax in ("RLE", "JPLL", "JLSL", "J2KR"):
        answer, out = volume(series(f"{syntax}__{image}_{syntax}"))
        assert answer.returncode == 0, f"{syntax} {image}: {answer.stderr}"
        voxels = numpy.load(out)
        if syntax == "RLE":
            reference = voxels
        assert voxels.shape == (4, 512, 512) and (voxels == reference).all(), f"{syntax} {image} differs from RLE"

for syntax in ("JPLL", "JLSL", "J2KR"):
    answer, _ = volume(series(f"{syntax}__CT1_{syntax}", cut=True))
    assert answer.returncode == 1 and "2.dcm" in answer.stderr, f"{syntax} cut off: {answer.stderr}"
