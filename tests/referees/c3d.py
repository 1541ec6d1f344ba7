#!/usr/bin/env python3
"""Compares what `recording` reads from C3D files with what ezc3d (pip install ezc3d numpy) reads from them.

    cargo build --release -p recording --example motion_values
    python3 tests/referees/c3d.py target/release/examples/motion_values FILE.c3d ...

Every marker and result of a model at every frame (mm, or its own unit), every force (N), every moment about the laboratory's
origin (Nm) and every center of pressure under more than 20 N (mm). Prints one line per file and the largest differences; leaves
with 0 if markers agree within 1e-3 mm, forces within 1e-3 N, moments within 1e-3 Nm, centers of pressure within 0.01 mm, 1 if
not, 77 if ezc3d is missing.
"""

import math
import subprocess
import sys

SKIPPED = 77
LIMITS = {"marker_mm": 1e-3, "curve": 1e-3, "force_n": 1e-3, "moment_nm": 1e-3, "cop_mm": 1e-2}


def ours(program, path):
    points, plates, rows = [], [], None
    facts = {}
    for line in subprocess.run([program, path], check=True, capture_output=True, text=True).stdout.splitlines():
        cells = line.split("\t")
        if cells[0] == "":
            rows.append([float(cell) for cell in cells[1:]])
            continue
        rows = []
        if cells[0] in ("marker", "curve"):
            points.append((cells[0], cells[1], rows))
        elif cells[0] == "plate":
            plates.append(rows)
        else:
            facts.setdefault(cells[0], []).append(cells[1:])
    return facts, points, plates


def main(program, paths):
    try:
        import ezc3d
        import numpy as np
    except ImportError as missing:
        print(f"skipped: {missing}", file=sys.stderr)
        return SKIPPED
    faults = 0
    for path in paths:
        facts, points, plates = ours(program, path)
        theirs = ezc3d.c3d(path, extract_forceplat_data=True)
        parameters, data = theirs["parameters"], theirs["data"]["points"]
        labels = []
        for name in ["LABELS"] + [f"LABELS{i}" for i in range(2, 20)]:
            labels += parameters["POINT"].get(name, {"value": []})["value"]
        residuals = theirs["data"]["meta_points"]["residuals"][0]
        # Order is theirs in both kinds, so each of our points is the next of its label.
        left = {}
        for index, label in enumerate(labels):
            left.setdefault(label.split(":")[-1].strip(), []).append(index)
        worst = dict.fromkeys(LIMITS, 0.0)
        visibility = 0
        for kind, label, rows in points:
            their = data[:3, left[label].pop(0), :].T
            mine = np.array(rows)
            seen = ~np.isnan(mine[:, 0])
            gone = np.isnan(their[:, 0]) | (residuals[labels.index(label)] < 0 if label in labels else False)
            visibility += int((seen & np.isnan(their[:, 0])).sum())
            if kind == "marker":
                visibility += int((~seen & ~gone & (np.abs(their).sum(axis=1) > 0)).sum())
            both = seen & ~np.isnan(their[:, 0])
            if both.any():
                key = "marker_mm" if kind == "marker" else "curve"
                worst[key] = max(worst[key], float(np.abs(mine[both] - their[both]).max()))
        kinds = parameters["FORCE_PLATFORM"]["TYPE"]["value"] if plates else []
        loaded = 0
        for kind, mine, their in zip(kinds, plates, theirs["data"]["platform"]):
            mine = np.array(mine)
            force, moment = mine[:, :3], mine[:, 3:]
            sign = -1.0 if kind == 1 else 1.0  # ezc3d's moments of type 1 are F x r, not r x F
            center = their["corners"].mean(axis=1)
            their_moment = sign * their["moment"].T * 1e-3 + np.cross(center * 1e-3, their["force"].T)
            worst["force_n"] = max(worst["force_n"], float(np.abs(force - their["force"].T).max()))
            worst["moment_nm"] = max(worst["moment_nm"], float(np.abs(moment - their_moment).max()))
            x, z = [their["corners"][:, 0] - their["corners"][:, i] for i in (1, 3)]
            normal = np.cross(x, z)
            normal /= np.linalg.norm(normal)
            pressed = force @ normal
            use = np.abs(pressed) > 20
            about = moment[use] - np.cross(center * 1e-3, force[use])
            cop = center + 1e3 * np.cross(np.broadcast_to(normal, about.shape), about) / pressed[use, None]
            if use.any():
                loaded += int(use.sum())
                worst["cop_mm"] = max(worst["cop_mm"], float(np.abs(cop - their["center_of_pressure"].T[use]).max()))
        bad = [key for key in LIMITS if not worst[key] <= LIMITS[key] or math.isnan(worst[key])]
        faults += bool(bad) or bool(visibility) or any(left.values())
        print(f"{path}: {len(points)} points, {len(plates)} plates ({loaded} loaded samples), seen differently {visibility}, "
              + ", ".join(f"{key} {value:.2g}" for key, value in worst.items())
              + (f"  OVER THE LIMIT: {bad}" if bad else ""))
        print("   ", facts)
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
