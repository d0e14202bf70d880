"""Runs `hilum volume` on the generated hard series and compares with what was generated (NAME.truth.json).

usage: hard_series_equal_truth.py HILUM DATA WORKDIR
Each series gives the right volume or is refused by the right name. Prints one line a series; exits 1 when one is wrong.
"""
import hashlib, json, math, subprocess, sys
from pathlib import Path

import numpy as np

hilum, data, work = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
AIR = -1024
# HU that the generator gives to the middle of a nodule of this type.
NODULE_HU = {"solid": 35, "ggo": -620, "part-solid": 30, "calcified": 450}


def volume(name):
    out = work / f"{name}.npy"
    command = [hilum, "volume", str(data / name), "--out", str(out), "--json"]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode:
        return None, answer.stderr
    return np.load(out), json.loads(answer.stdout)


def codes(items):
    return sorted(item["code"] for item in items)


def equal_voxels(truth, hu, report):
    """Every stored pixel, in order, and the grid."""
    stored = (hu.astype(np.int32) + 1024).astype("<u2")
    assert hashlib.sha256(stored.tobytes()).hexdigest() == truth["sha256_stored"], "voxels differ"
    assert np.allclose(report["spacing_mm"], truth["spacing_xyz"], atol=1e-4), report["spacing_mm"]
    affine = np.array(report["affine_lps_mm"])
    assert np.allclose(affine[:3, 3], truth["origin"], atol=1e-3), affine
    assert report["interpolations"] == [], report["interpolations"]


def nodules_in_place(truth, hu, report):
    """The median around the middle of each nodule is that of its type."""
    to_voxel = np.linalg.inv(np.array(report["affine_lps_mm"]))
    axes = [np.arange(-3, 4)] * 3
    around = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    for nodule in truth["nodules"]:
        reach = 0.2 * nodule["diameter_mm"]
        offsets = [o for o in around * np.array(report["spacing_mm"]) if np.linalg.norm(o) <= max(reach, 0.1)]
        places = np.array([np.array(nodule["center"]) + o for o in offsets])
        ijk = np.rint((to_voxel @ np.c_[places, np.ones(len(places))].T)[:3]).astype(int)
        got = float(np.median(hu[ijk[2], ijk[1], ijk[0]]))
        want = NODULE_HU[nodule["type"]]
        assert abs(got - want) < 120, f"{nodule['type']} of {nodule['diameter_mm']} mm: {got} HU, want {want}"


def is_straightened(truth, hu, report):
    [done] = report["interpolations"]
    assert done["kind"] == "tilt" and abs(done["degrees"] - truth["tilt_deg"]) < 0.01, done
    dx, dy, dz = truth["spacing_xyz"]
    along = dz * math.cos(math.radians(truth["tilt_deg"]))
    assert np.allclose(report["spacing_mm"], [dx, dy, along], atol=1e-3), report["spacing_mm"]
    steps = np.array(report["affine_lps_mm"])[:3, :3]
    products = steps.T @ steps
    assert np.abs(products - np.diag(np.diag(products))).max() < 1e-5, "axes are not at right angles"
    # Nothing lost: the voxels that are not air outside sum to what was scanned, up to the rims of the shift.
    stored = int((hu != AIR).sum())
    scanned = truth["slices"] * truth["rows"] * truth["cols"]
    assert abs(stored / scanned - 1) < 0.3, (stored, scanned)


# (series, warnings, codes of files set aside, checks) or the sentence of the refusal
EXPECTED = {
    "hard_plain": ([], {}, [equal_voxels, nodules_in_place]),
    "hard_shuffle": ([], {}, [equal_voxels, nodules_in_place]),
    "hard_tilt": (["gantry_tilt"], {}, [is_straightened, nodules_in_place]),
    "hard_missing": "1 slices are missing",
    "hard_dup": (["duplicate_slice"], {}, [equal_voxels, nodules_in_place]),
    "hard_mixed": ([], {"localizer": 1, "other_series": 12}, [equal_voxels, nodules_in_place]),
    "hard_u12": ([], {}, [equal_voxels, nodules_in_place]),
    "hard_types": ([], {}, [equal_voxels, nodules_in_place]),
}

failed = 0
for name, expected in EXPECTED.items():
    truth = json.loads((data / f"{name}.truth.json").read_text())
    hu, report = volume(name)
    try:
        if isinstance(expected, str):
            assert hu is None, "loaded, want a refusal"
            assert expected in report, report
            print(f"{name}: refused: {report.strip()}")
            continue
        warnings, aside, checks = expected
        assert hu is not None, report.strip()
        assert codes(report["warnings"]) == warnings, report["warnings"]
        counts = {code: codes(report["set_aside"]).count(code) for code in codes(report["set_aside"])}
        assert counts == aside, counts
        for check in checks:
            check(truth, hu, report)
        print(f"{name}: right ({' x '.join(map(str, hu.shape))})")
    except AssertionError as error:
        failed += 1
        print(f"{name}: WRONG: {error}")
sys.exit(1 if failed else 0)
