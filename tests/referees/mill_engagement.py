#!/usr/bin/env python3
"""How much of a tool's rim is in material while it roughs, from the written program, by a program that shares nothing with ours.

Usage: python3 tests/referees/mill_engagement.py [CASE]
Mills the insole of a case (default scans/phantom/case.toml, right side) in polypropylene with a ball of 6 mm for GRBL, which has no
arcs, with parallel passes and with constant engagement. At places on the cutting moves of every level, the leading half of the rim is
looked at degree by degree: material is where no earlier move of the level came as near as the tool cuts at the top of the level.
Needs numpy. Environment: SOLEWRIGHT (default target/release/solewright). Exit code 1 where 99 of 100 places with constant engagement
are engaged more than 10 degrees beyond that of the step-over, or 999 of 1000 more than 30; 77 without numpy.
"""

import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    print("SKIPPED: numpy is not installed")
    sys.exit(77)

OURS = os.environ.get("SOLEWRIGHT", "target/release/solewright")
RADIUS, STEP_DOWN, STEP_OVER, FEED = 3.0, 3.0, 2.4, 2400.0
MOST_BEYOND = {1: 10.0, 2: 30.0}
PLACES_OF_LEVEL = 4000
# The rim is looked at a little outside of itself, and moves reach a little less far beyond: else every place would touch them.
RIM, REACH = 0.02, 0.01
# Only where the tool cuts as wide as it is; on slopes its tip stands higher.
NEAR_LEVEL = 1e-3


def roughing(path):
    """Moves of the roughing: from, to, feed."""
    at, feed, inside, moves = [0.0, 0.0, 0.0], 0.0, False, []
    for line in open(path, encoding="ascii"):
        if line.startswith("("):
            inside = line.startswith("(Roughing)")
            continue
        words = dict(re.findall(r"([XYZFG])(-?[\d.]+)", line))
        to = [float(words.get(letter, value)) for letter, value in zip("XYZ", at)]
        feed = 0.0 if words.get("G") == "0" else float(words.get("F", feed)) or FEED
        if inside and to != at:
            moves.append((at, to, feed))
        at = to
    return moves


def width(depth):
    """Half width that the ball cuts at a height over its tip."""
    depth = numpy.minimum(depth, RADIUS)
    return numpy.sqrt(RADIUS**2 - (RADIUS - depth) ** 2)


def distances(places, starts, ends):
    """Of places (n x 2) from chords (m x 2 each): n x m."""
    along = ends - starts
    squared = numpy.maximum((along**2).sum(axis=1), 1e-12)
    off = places[:, None, :] - starts[None]
    share = numpy.clip((off * along[None]).sum(axis=2) / squared, 0.0, 1.0)
    return numpy.linalg.norm(off - share[..., None] * along[None], axis=2)


def engagements(moves, level, random):
    """Degrees at places on the cutting moves of a level."""
    above = level + STEP_DOWN
    taken = [move for move in moves if max(move[0][2], move[1][2]) < above - 1e-6 and min(move[0][2], move[1][2]) > level - NEAR_LEVEL]
    if not taken:
        return []
    starts = numpy.array([move[0][:2] for move in taken])
    ends = numpy.array([move[1][:2] for move in taken])
    wide = width(above - numpy.array([max(move[0][2], move[1][2]) for move in taken]))
    looks = []
    for index, (start, end, feed) in enumerate(taken):
        length = math.dist(start[:2], end[:2])
        if feed == FEED and max(start[2], end[2]) < level + NEAR_LEVEL and length > 1e-6:
            looks += [(index, share) for share in (numpy.arange(math.ceil(length / 0.5)) + 0.5) / math.ceil(length / 0.5)]
    if len(looks) > PLACES_OF_LEVEL:
        looks = [looks[at] for at in sorted(random.choice(len(looks), PLACES_OF_LEVEL, replace=False))]
    found = []
    degrees = numpy.radians(numpy.arange(-90, 90) + 0.5)
    for index, share in looks:
        start, end = starts[index], ends[index]
        here = start + share * (end - start)
        near = distances(here[None], starts[:index], ends[:index])[0] < 2.1 * RADIUS
        angle = math.atan2(*(end - start)[::-1]) + degrees
        rim = here + (RADIUS + RIM) * numpy.stack([numpy.cos(angle), numpy.sin(angle)], axis=1)
        uncut = distances(rim, start[None], here[None])[:, 0] > RADIUS + REACH
        if near.any():
            uncut &= (distances(rim, starts[:index][near], ends[:index][near]) > wide[:index][near] + REACH).all(axis=1)
        found.append(int(uncut.sum()))
    return found


def main():
    case = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "scans/phantom/case.toml")
    asked = math.degrees(math.acos(1 - STEP_OVER / RADIUS))
    failed = False
    with tempfile.TemporaryDirectory() as name:
        for kind in ("parallel", "constant-engagement"):
            out = pathlib.Path(name) / f"{kind}.nc"
            command = [OURS, "mill", case, "--machine", "grbl-router", "--workpiece", "insole", "--side", "right", "--tool", "ball-6mm"]
            command += ["--cutting", "polypropylene", "--roughing", kind, "--out", out]
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode != 0:
                raise SystemExit(f"{command}: {run.stdout}{run.stderr}")
            moves = roughing(out)
            random = numpy.random.default_rng(1)
            lowest = min(move[1][2] for move in moves)
            levels = numpy.arange(-STEP_DOWN, lowest - STEP_DOWN, -STEP_DOWN)
            found = numpy.array([angle for level in levels for angle in engagements(moves, level, random)])
            at = [numpy.percentile(found, share) for share in (50, 99, 99.9, 100)]
            print(
                f"{kind}: {len(found)} places on {len(levels)} levels; the step-over asks for {asked:.0f} degrees; median {at[0]:.0f}, "
                f"99 of 100 {at[1]:.0f}, 999 of 1000 {at[2]:.0f}, most {at[3]:.0f}",
                flush=True,
            )
            if kind != "parallel":
                failed = any(at[index] > asked + most for index, most in MOST_BEYOND.items())
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
