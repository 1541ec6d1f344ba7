"""Peak memory of checking a mill program of 100 MB beside that of the program it is made of.

Usage: python3 tests/referees/mill_memory.py PROGRAM.nc
The long program repeats the finishing of the short one, which a mill would run through air. Environment: SOLEWRIGHT
(default target/release/solewright). Exit code 1 if the check fails, or takes over 16 MiB more for the long one.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

OURS = os.environ.get("SOLEWRIGHT", "target/release/solewright")
BYTES = 100_000_000
MOST_MORE_MIB = 16


def checked(program):
    """Prints time and peak memory; gives back the latter, MiB."""
    start = time.perf_counter()
    run = subprocess.Popen([OURS, "check", program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0.0
    # Asked while it runs: what the system keeps of an ended child counts the memory of this script too.
    while run.poll() is None:
        status = pathlib.Path(f"/proc/{run.pid}/status").read_text()
        if found := re.search(r"VmHWM:\s+(\d+) kB", status):
            peak = max(peak, int(found[1]) / 1024)
        time.sleep(0.02)
    if run.returncode not in (0, 1):
        raise SystemExit(f"{program}: exit code {run.returncode}")
    size = program.stat().st_size / 1e6
    print(f"{program.name}: {size:.0f} MB, {time.perf_counter() - start:.1f} s, peak {peak:.0f} MiB")
    return peak


def main():
    program = pathlib.Path(sys.argv[1])
    lines = program.read_text().splitlines(keepends=True)
    first = next(index for index, line in enumerate(lines) if "Finishing" in line)
    last = next((index for index, line in enumerate(lines) if "Outline" in line), len(lines) - 5)
    short = checked(program)
    with tempfile.TemporaryDirectory() as name:
        long = pathlib.Path(name) / "long.nc"
        with long.open("w") as file:
            file.writelines(lines[:first])
            while file.tell() < BYTES:
                file.writelines(lines[first:last])
            file.writelines(lines[last:])
        return int(checked(long) > short + MOST_MORE_MIB)


if __name__ == "__main__":
    sys.exit(main())
