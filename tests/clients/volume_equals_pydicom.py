"""Compares `hilum volume` with pydicom, voxel for voxel, whatever the order of files.

usage: volume_equals_pydicom.py HILUM SERIES.tar.xz WORKDIR
Prints one line and exits 0 when equal; names the first difference and exits 1 otherwise.
"""
import json, random, subprocess, sys
from pathlib import Path

import numpy as np
import pydicom

hilum, archive, work = sys.argv[1], sys.argv[2], Path(sys.argv[3])
(work / "in").mkdir()
subprocess.run(["tar", "-xJf", archive, "-C", work / "in"], check=True)

# Reference: slices by projection on the slice normal, stored value times slope plus intercept.
slices = [pydicom.dcmread(p) for p in sorted((work / "in").rglob("*.dcm"))]
slices = [s for s in slices if s.Modality == "CT"]
row, column = (np.array(slices[0].ImageOrientationPatient[i : i + 3], float) for i in (0, 3))
normal = np.cross(row, column)
slices.sort(key=lambda s: float(np.dot(normal, np.array(s.ImagePositionPatient, float))))
want = np.stack([s.pixel_array.astype(np.int32) * int(s.RescaleSlope) + int(s.RescaleIntercept) for s in slices])
first, last = (np.array(s.ImagePositionPatient, float) for s in (slices[0], slices[-1]))
spacing = np.array(slices[0].PixelSpacing, float)
affine = np.eye(4)
affine[:3, 0], affine[:3, 1] = row * spacing[1], column * spacing[0]
affine[:3, 2], affine[:3, 3] = (last - first) / (len(slices) - 1), first

for seed in (1, 2):
    shuffled = work / f"shuffled{seed}"
    shuffled.mkdir()
    files = sorted((work / "in").rglob("*.dcm"))
    random.Random(seed).shuffle(files)
    for number, file in enumerate(files):
        (shuffled / f"{number:05d}").write_bytes(file.read_bytes())
    out = work / f"{seed}.npy"
    answer = subprocess.run([hilum, "volume", str(shuffled), "--out", str(out), "--json"], capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"hilum volume failed: {answer.stderr}")
    report, got = json.loads(answer.stdout), np.load(out)
    if got.shape != want.shape or got.dtype != np.int16:
        sys.exit(f"shape {got.shape} {got.dtype}, want {want.shape} int16")
    if (got != want).any():
        k, j, i = np.argwhere(got != want)[0]
        sys.exit(f"{(got != want).sum()} voxels differ, first at [{k},{j},{i}]: {got[k, j, i]}, want {want[k, j, i]}")
    error = np.abs(np.array(report["affine_lps_mm"]) - affine).max()
    if error > 1e-4:
        sys.exit(f"affine differs by {error} mm")
    if report["shape_ijk"] != list(want.shape[::-1]):
        sys.exit(f"shape_ijk {report['shape_ijk']}")
print(f"{want.size} voxels equal, affine within {error:.1e} mm")
