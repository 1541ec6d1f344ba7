#!/usr/bin/env python3
"""Times the reading of a C3D file of 60 s, 50 markers at 200 Hz and two plates at 2 kHz beside ezc3d (pip install ezc3d).

    cargo build --release -p recording --example motion_speed
    python3 tests/referees/c3d_speed.py target/release/examples/motion_speed [FILE.c3d]

Both read the file from disk and compute forces, moments and places of the plates. Prints one JSON object with the medians of
seven readings and their ratio. Leaves with 0 if ours is at least 2 times faster, 1 if not, 77 if ezc3d is missing.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
GOAL = 2.0


def main(program, path):
    try:
        import ezc3d
    except ImportError as missing:
        print(f"skipped: {missing}", file=sys.stderr)
        return SKIPPED
    ours = json.loads(subprocess.run([program, path], check=True, capture_output=True, text=True).stdout)
    theirs, bare = [], []
    for _ in range(7):
        start = time.perf_counter()
        ezc3d.c3d(path, extract_forceplat_data=True)
        theirs.append(time.perf_counter() - start)
        start = time.perf_counter()
        ezc3d.c3d(path)
        bare.append(time.perf_counter() - start)
    ours, theirs, bare = (statistics.median(times) for times in (ours, theirs, bare))
    print(json.dumps({
        "file_mb": round(os.path.getsize(path) / 1e6, 1),
        "ours_s": round(ours, 4),
        "ezc3d_s": round(theirs, 4),
        "ezc3d_without_plates_s": round(bare, 4),
        "times_faster": round(theirs / ours, 1),
        "times_faster_than_without_plates": round(bare / ours, 1),
    }))
    return 0 if theirs / ours >= GOAL else 1


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else os.path.join(folder, "sample.c3d")))
