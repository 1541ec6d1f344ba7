"""Mills a model and has a second program measure the finished surface, beside our own simulation.

Usage: TOOLPATH_CHECK=check_toolpath.py python3 tests/referees/mill_surface.py MODEL.stl [parallel|spiral|waterline]
The second program takes `path.npy radius model.stl cell longest-jump`: tip points in the frame of the model, the radius of
a ball, and prints a JSON object with `all`: `overcut_max_um`, `left_max_um`, `left_p99_um`, from dense dexels.
Environment: SOLEWRIGHT (default target/release/solewright), TOOLPATH_PYTHON (the Python that runs it; default this one).
Exit code 1 if the two differ by more than 5 um in gouge, in most left, or in what 99 of 100 places have left.
"""

import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy

OURS = os.environ.get("SOLEWRIGHT", "target/release/solewright")
PYTHON = os.environ.get("TOOLPATH_PYTHON", sys.executable)
RADIUS = 3.0
CELL = 0.1
# Links between passes are shorter than this; where the tool was lifted the points are farther apart.
JUMP = 12.0
LIMIT_UM = 5.0
# Places of arcs lie this far apart, mm, and the axes of their planes.
ARC_STEP = 0.1
PLANES = {"17": (0, 1, 2), "18": (2, 0, 1), "19": (1, 2, 0)}


def arc(start, end, center, plane, turns):
    """Places of an arc after its start, in steps of ARC_STEP."""
    u, v, w = plane
    angles = [math.atan2(at[v] - center[1], at[u] - center[0]) for at in (start, end)]
    sweep = (angles[1] - angles[0]) % (2 * math.pi) if turns > 0 else -((angles[0] - angles[1]) % (2 * math.pi))
    radius = math.hypot(start[u] - center[0], start[v] - center[1])
    pieces = max(1, math.ceil(radius * abs(sweep) / ARC_STEP))
    places = []
    for piece in range(1, pieces):
        share, place = piece / pieces, [0.0, 0.0, 0.0]
        angle = angles[0] + share * sweep
        place[u], place[v] = center[0] + radius * math.cos(angle), center[1] + radius * math.sin(angle)
        place[w] = start[w] + share * (end[w] - start[w])
        places.append(place)
    return [*places, list(end)]


def straight(start, end):
    """Places of a straight cut after its start, none farther from the next than JUMP: a flat top is cut in long moves."""
    pieces = max(1, math.ceil(math.dist(start, end) / (0.9 * JUMP)))
    return [[a + (b - a) * piece / pieces for a, b in zip(start, end)] for piece in range(1, pieces + 1)]


def finishing(program):
    """Tip points of the finishing passes in the model's frame, from the words of the program."""
    text = program.read_text()
    offset = [float(word) for word in re.findall(r"[XYZ] (-?[\d.]+)", re.search("Part in blank:.*", text)[0])]
    points, place, motion, finishes, plane = [], [0.0, 0.0, 0.0], 0, False, PLANES["17"]
    for line in text.splitlines():
        if line.startswith("("):
            finishes = "Finishing" in line or (finishes and "Outline" not in line)
            continue
        before, moves, offset_of = list(place), False, {}
        for letter, number in re.findall(r"([A-Z])(-?[\d.]+)", line):
            if letter == "G" and number in ("0", "1", "2", "3"):
                motion = int(number)
            elif letter == "G" and number in PLANES:
                plane = PLANES[number]
            elif letter in "IJK":
                offset_of["IJK".index(letter)] = float(number)
            elif letter in "XYZ":
                place["XYZ".index(letter)] = float(number)
                moves = True
        if finishes and moves:
            places = straight(before, place) if motion == 1 else [list(place)]
            if motion > 1:
                center = [before[axis] + offset_of.get(axis, 0.0) for axis in plane[:2]]
                places = arc(before, place, center, plane, 1 if motion == 3 else -1)
            # A place far away stands for a lift, so that no sweep is made across it.
            points += [[part - by for part, by in zip(at, offset)] if motion else [1e4, 1e4, 1e3] for at in places]
    return numpy.array(points)


def main():
    checker = os.environ.get("TOOLPATH_CHECK")
    if checker is None or len(sys.argv) not in (2, 3):
        print("SKIPPED: name the second program in TOOLPATH_CHECK and a model", file=sys.stderr)
        return 0
    model, finished = sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else "parallel"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        program, points = folder / "part.nc", folder / "part.npy"
        command = [OURS, "mill", model, "--machine", "linuxcnc-router", "--tool", "ball-6mm", "--workpiece", "insole"]
        command += ["--finishing", finished, "--allow-left", "1", "--out", program]
        subprocess.run(command, check=True, capture_output=True)
        check = [OURS, "check", program, "--against", model, "--allow-left", "1", "--json"]
        ours = json.loads(subprocess.run(check, check=True, capture_output=True, text=True).stdout)
        numpy.save(points, finishing(program))
        command = [PYTHON, checker, points, str(RADIUS), model, str(CELL), str(JUMP)]
        theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["all"]
    surface, rim = ours["interior"], ours["rim"]
    rows = [
        ("gouge", 1000 * max(surface["worst_gouge_mm"], rim["worst_gouge_mm"]), theirs["overcut_max_um"]),
        ("left at most", 1000 * max(surface["worst_left_mm"], rim["worst_left_mm"]), theirs["left_max_um"]),
        ("left on 99 of 100", 1000 * surface["p99_left_mm"], theirs["left_p99_um"]),
    ]
    for what, mine, other in rows:
        print(f"{what}: ours {mine:.2f} um, theirs {other:.2f} um, apart by {abs(mine - other):.2f} um")
    return int(any(abs(mine - other) > LIMIT_UM for _, mine, other in rows))


if __name__ == "__main__":
    sys.exit(main())
