"""Machine time of even-scallop finishing beside a plain raster of the same scallop, on three shells.

Usage: python3 tests/referees/mill_raster.py [MACHINE [parallel|spiral|waterline]]
Mills insoles of a flat, a normal and a high-arched foot; then the same with passes that lie evenly, ever closer, until the highest
scallop of the simulated surface is no higher than ours, and until 99 of 100 places have no more left than with ours. Roughing, outline,
machine and tool are the same, and times are those of the acceleration-aware model. Environment: SOLEWRIGHT (default target/release/solewright).
Exit code 1 where less than 20 % are saved at an equal highest scallop.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

OURS = os.environ.get("SOLEWRIGHT", "target/release/solewright")
LEAST_SAVED = 0.20
# Feet by the height of their arch, mm.
FEET = {"flat": 8, "normal": 16, "high-arched": 24}
CASE = """indication = "none"
[patient]
code = "{code}"
mass_kg = 75.0
height_m = 1.72
[scan]
right = "right_foot.stl"
[prescription]
heel_cup_depth_mm = 14.0
"""


def milled(case, machine, options, folder):
    """Time in s, p99 and most of what is left in mm."""
    command = [OURS, "mill", case, "--machine", machine, "--workpiece", "insole", "--allow-left", "5", "--json"]
    command += ["--out", folder / "out.nc", *options]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"{command}: {run.stderr}{run.stdout}")
    check = json.loads(run.stdout)["programs"][0]["check"]
    return check["time_s"], check["interior"]["p99_left_mm"], check["left_mm"]


def raster_as_good(case, machine, folder, ours, index):
    """The widest plain raster that is as good as ours by one figure: its step-over, and its figures."""
    low, high = 0.05, 0.5
    even = None
    for _ in range(6):
        step = (low + high) / 2
        found = milled(case, machine, ["--spread", "even", "--step-over", f"{step:.4f}"], folder)
        if found[index] <= ours[index]:
            low, even = step, (step, *found)
        else:
            high = step
    if even is None:
        raise SystemExit(f"{case}: no plain raster of at least 0.05 mm leaves as little as ours")
    return even


def main():
    machine = sys.argv[1] if len(sys.argv) > 1 else "grbl-router"
    finishing = sys.argv[2] if len(sys.argv) > 2 else "parallel"
    failed = False
    with tempfile.TemporaryDirectory() as name:
        for foot, arch in FEET.items():
            folder = pathlib.Path(name) / foot
            command = [OURS, "phantom", "--out", folder, "--arch-height-mm", str(arch)]
            subprocess.run(command, check=True, capture_output=True)
            case = folder / "case.toml"
            case.write_text(CASE.format(code=foot))
            ours = milled(case, machine, ["--finishing", finishing], folder)
            for what, index in (("highest scallop", 2), ("99 of 100 places", 1)):
                even = raster_as_good(case, machine, folder, ours, index)
                saved = 1 - ours[0] / even[1]
                failed |= index == 2 and saved < LEAST_SAVED
                print(
                    f"{foot}, equal {what}: ours {ours[0] / 60:.1f} min, p99 {1000 * ours[1]:.1f} um, most {1000 * ours[2]:.0f} um; "
                    f"plain raster every {even[0]:.3f} mm {even[1] / 60:.1f} min, p99 {1000 * even[2]:.1f} um, most "
                    f"{1000 * even[3]:.0f} um: {100 * saved:.0f} % saved",
                    flush=True,
                )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
