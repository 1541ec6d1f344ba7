"""Follows mill programs with LinuxCNC's own interpreter and with ours, and compares every move.

Usage: python3 tests/referees/mill_moves.py [FILE.nc ...]
Without files it mills the shipped case for the LinuxCNC router: insole, both sides of a shell, and mold.
Environment: SOLEWRIGHT (default target/release/solewright), MOVES (default target/release/examples/mill_moves).
Debian: apt-get install --no-install-recommends linuxcnc-uspace. Exit code 1 if a program is refused or a move differs.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# The interpreter prints four decimals, and so do we: one unit of the last.
TOLERANCE = 1.5e-4
# Axes of the planes of arcs, in the order of rs274.
AXES = {"XY": (0, 1, 2), "YZ": (1, 2, 0), "XZ": (2, 0, 1)}
OURS = os.environ.get("SOLEWRIGHT", "target/release/solewright")
MOVES = os.environ.get("MOVES", "target/release/examples/mill_moves")


def canonical(program, folder):
    """Moves of rs274's canonical output: (kind, (x, y, z), feed), of arcs also center and sense of turning after x, y, z."""
    table, out = folder / "tool.tbl", folder / "out.canon"
    table.write_text("".join(f"T{n} P{n} D6 ;tool\n" for n in range(1, 10)))
    run = subprocess.run(["rs274", "-g", "-t", table, program, out], capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"REFUSED by rs274: {program}\n{run.stdout}{run.stderr}")
    moves, feed, ended, plane = [], 0.0, False, "XY"
    for line in out.read_text().splitlines():
        if word := re.search(r"SET_FEED_RATE\(([-\d.]+)", line):
            feed = float(word[1])
        elif word := re.search(r"(STRAIGHT_TRAVERSE|STRAIGHT_FEED)\(([^)]*)\)", line):
            place = tuple(float(part) for part in word[2].split(",")[:3])
            is_feed = word[1] == "STRAIGHT_FEED"
            moves.append(("feed" if is_feed else "traverse", place, feed if is_feed else 0.0))
        elif word := re.search(r"SELECT_PLANE\(CANON_PLANE_(\w+)", line):
            plane = word[1]
        elif word := re.search(r"ARC_FEED\(([^)]*)\)", line):
            first, second, *center, turns, across = map(float, word[1].split(",")[:6])
            u, v, w = AXES[plane]
            place = [0.0, 0.0, 0.0]
            place[u], place[v], place[w] = first, second, across
            moves.append(("arc", (*place, *center, turns), feed))
        ended |= "PROGRAM_END" in line
    if not ended:
        raise SystemExit(f"{program} does not end")
    return moves


def followed(program):
    """Moves as our interpreter follows them."""
    text = subprocess.run([MOVES, program], capture_output=True, text=True, check=True).stdout
    moves = []
    for line in text.splitlines():
        kind, *numbers = line.split()
        if kind == "fault":
            raise SystemExit(f"our interpreter finds in {program}: {line}")
        numbers = tuple(map(float, numbers))
        moves.append((kind, numbers, 0.0) if kind == "traverse" else (kind, numbers[:-1], numbers[-1]))
    return moves


def moving(moves):
    """Without moves that stay where they are, which one interpreter tells and the other leaves out."""
    kept, at = [], None
    for move in moves:
        if at is None or move[1][:3] != at:
            kept.append(move)
        at = move[1][:3]
    return kept


def main():
    if shutil.which("rs274") is None:
        print("SKIPPED: rs274 is not installed (Debian package linuxcnc-uspace)")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        programs = [pathlib.Path(word) for word in sys.argv[1:]]
        if not programs:
            for piece in ("insole", "shell", "mold"):
                command = [OURS, "mill", "scans/phantom/case.toml", "--machine", "linuxcnc-router", "--side", "left"]
                command += ["--workpiece", piece, "--out", folder / f"{piece}.nc"]
                subprocess.run(command, check=True, capture_output=True)
            programs = sorted(folder.glob("*.nc"))
        failed = False
        for program in programs:
            theirs, ours = moving(canonical(program, folder)), moving(followed(program))
            worst = max(
                (max(abs(a - b) for a, b in zip((*p, f), (*q, g))) for (_, p, f), (_, q, g) in zip(theirs, ours)),
                default=0.0,
            )
            kinds = all(a[0] == b[0] for a, b in zip(theirs, ours))
            equal = len(theirs) == len(ours) and kinds and worst <= TOLERANCE
            failed |= not equal
            verdict = "equal" if equal else "DIFFERENT"
            print(f"{program.name}: {len(theirs)} moves of rs274, {len(ours)} of ours, apart by at most {worst:.4f}: {verdict}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
