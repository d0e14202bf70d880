#!/usr/bin/env python3
"""Loading and resampling of CT against the peers that are installed, in one run, with ratios.

usage: ct.py BENCH [--hilum HILUM] [--rounds 5] [--sets ct300,...] [--out benches/results/ct.md]

BENCH is the example `bench` of hilum-volume, HILUM the program (`make bench` builds both). Without the program only
the library is measured, on the series that need no decoding children. The peers are driven by bench_load.py
and bench_resample.py of the folder HILUM_BENCH (default ../shared/bench), which measure in rotation: every round runs
every program once, so that a busy machine is busy for all of them. Series and peers' Python live in HILUM_BENCH_WORK
(default /var/tmp/hilum-bench): data/, venv/ and venv-torch/. What is absent is named, never guessed.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile
from pathlib import Path

SETS = {
    "ct300": "raw",
    "ct300_rle": "RLE",
    "ct300_jpegll": "JPEG lossless",
    "ct300_jpegls": "JPEG-LS",
    "ct300_j2k": "JPEG 2000",
}
ROOT = Path(__file__).resolve().parent.parent
HARNESS = Path(os.environ.get("HILUM_BENCH", ROOT / "../shared/bench"))
WORK = Path(os.environ.get("HILUM_BENCH_WORK", "/var/tmp/hilum-bench"))


def can_import(python, module):
    return python.exists() and subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0


def run(python, script, *arguments):
    """Rows of one harness script."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.json"
        subprocess.run([python, HARNESS / script, *arguments, "--out", out], check=True, stdout=sys.stderr)
        return json.loads(out.read_text())


def load_once(hilum, folder):
    """`hilum volume --json` in the words of bench_load.py: the time is that of loading, as the program tells it."""
    answer = subprocess.run([hilum, "volume", folder, "--json"], capture_output=True, text=True, check=True)
    report = json.loads(answer.stdout)
    print(json.dumps({"load_s": report["elapsed_ms"] / 1000, "mean_hu": report["mean_hu"],
                      "shape": report["shape_ijk"][::-1]}))


def library_memory(bench, folder):
    """Peak memory in MiB of the loader without the program around it (libtorch, mostly)."""
    told = subprocess.run(["/usr/bin/time", "-f", "%M", bench, "load", folder], capture_output=True, text=True)
    return int(told.stderr.strip().splitlines()[-1]) / 1024 if told.returncode == 0 else None


def load_rows(ours, sets, rounds):
    python = WORK / "venv/bin/python"
    present = {
        "cat": True,
        "dcm2niix": shutil.which("dcm2niix") is not None,
        "pydicom": can_import(python, "pydicom"),
        "pydicom2p": can_import(python, "pydicom"),
        "simpleitk": can_import(python, "SimpleITK"),
    }
    absent = [peer for peer, there in present.items() if not there]
    if not present["pydicom"]:
        return [], absent + ["(the harness itself needs a Python with numpy in venv/)"]
    peers = ",".join(peer for peer, there in present.items() if there)
    rows = run(python, "bench_load.py", "--data", WORK / "data", "--sets", ",".join(sets), "--rounds", str(rounds),
               "--peers", peers, "--ours", ours)
    return rows, absent


def resample_rows(bench, rounds):
    python = WORK / "venv-torch/bin/python"
    if not can_import(python, "torch"):
        python = WORK / "venv/bin/python"
    modules = {"torch": "torch", "torch1": "torch", "simpleitk": "SimpleITK", "scipy": "scipy"}
    present = {peer: can_import(python, module) for peer, module in modules.items()}
    absent = [peer for peer, there in present.items() if not there]
    if not can_import(python, "numpy"):
        return [], absent
    peers = [peer for peer, there in present.items() if there] + ["memcpy"]
    rows = run(python, "bench_resample.py", "--peers", ",".join(peers), "--rounds", str(rounds),
               "--ours", f"{bench} resample linear")
    antialiased = run(python, "bench_resample.py", "--peers", "memcpy", "--rounds", str(rounds),
                      "--ours", f"{bench} resample antialiased_linear")
    rows += [dict(row, peer="ours, antialiased") for row in antialiased if row["peer"] == "ours"]
    return rows, absent


def table(title, rows, time_key):
    """A markdown table; ratios are against ours, medians of the same run."""
    times = {}
    for row in rows:
        times.setdefault(row["peer"], []).append(row)
    ours = statistics.median(row[time_key] for row in times["ours"]) if "ours" in times else None
    lines = [f"### {title}", "", "| program | s, median (min-max) | ours is | peak memory MiB | |", "|-|-|-|-|-|"]
    order = sorted(times, key=lambda peer: statistics.median(row.get(time_key, 1e9) for row in times[peer]))
    for peer in order:
        done = [row for row in times[peer] if time_key in row]
        if not done:
            lines.append(f"| {peer} | - | - | - | failed |")
            continue
        seconds = [row[time_key] for row in done]
        median = statistics.median(seconds)
        ratio = "" if ours is None or peer.startswith("ours") else f"{median / ours:.2f} x as fast"
        memory = statistics.median(row.get("rss_mib", 0) for row in done)
        verdict = {True: "mean HU right", False: "MEAN HU WRONG"}.get(done[0].get("ok"), "")
        if "error" in done[0] or done[0].get("files") == 0:
            verdict = "refuses the series"
        lines.append(f"| {peer} | {median:.3f} ({min(seconds):.3f}-{max(seconds):.3f}) | {ratio} "
                     f"| {f'{memory:.0f}' if memory else ''} | {verdict} |")
    return lines + [""]


def main():
    if sys.argv[1:2] == ["--load"]:
        return load_once(*sys.argv[2:])
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--hilum")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--out", type=Path, default=ROOT / "benches/results/ct.md")
    arguments = parser.parse_args()
    if not (HARNESS / "bench_load.py").exists():
        sys.exit(f"no peer harness in {HARNESS} (set HILUM_BENCH)")
    bench = Path(arguments.bench).resolve()
    wanted = arguments.sets.split(",")
    if arguments.hilum:
        ours = f"{sys.executable} {__file__} --load {Path(arguments.hilum).resolve()} {{dir}}"
        what = "the time of loading as `hilum volume` tells it, with its decoding children"
    else:
        ours = f"{bench} load {{dir}}"
        what = "the time of the library call"
        wanted = [name for name in wanted if name in ("ct300", "ct300_rle")]
    sets = [name for name in wanted if (WORK / "data" / name).is_dir()]

    lines = ["# CT: loading and resampling against peers", "",
             f"Made by `make bench` ({arguments.rounds} rounds, every program once a round, page cache warm; "
             f"{os.cpu_count()} cores, load average at the start {os.getloadavg()[0]:.1f}). Wall times move with the "
             "load of the machine; ratios within one run hold. Ours is "
             f"{what}, without the start of the program, like that of the Python peers; `cat` and dcm2niix are whole "
             "programs, and dcm2niix also writes its result to memory-backed files. The volume has 150 MiB.", ""]
    rows, absent = load_rows(ours, sets, arguments.rounds) if sets else ([], [])
    for name in sets:
        mine = [row for row in rows if row["set"] == name]
        if mine:
            lines += table(f"Loading 300 x 512 x 512, {SETS.get(name, name)}", mine, "load_s")
        memory = library_memory(bench, WORK / "data" / name)
        if memory and arguments.hilum:
            lines += [f"Peak memory of our loader alone, without libtorch in the program: {memory:.0f} MiB.", ""]
    resampled, missing = resample_rows(bench, arguments.rounds)
    if resampled:
        lines += table("Resampling 300 x 512 x 512 floats from 0.7 x 0.7 x 1 mm to 1 mm, trilinear", resampled, "s")
    gone = sorted(set(absent + missing)) + [f"series {name}" for name in wanted if name not in sets]
    lines.append(f"Absent in this run: {', '.join(gone) or 'nothing'}.")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


main()
