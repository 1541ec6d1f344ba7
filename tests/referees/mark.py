#!/usr/bin/env python3
"""Reads the mark of a shell from below and measures it, without any of this program's code.

    python3 tests/referees/mark.py FILE.stl [EXPECTED] [--depth MM] [--picture OUT.png]

The pattern is what one comes to from the underside across an odd number of its low upright walls. It is drawn as seen
from below and read by zxing-cpp, and by libdmtx where pylibdmtx is installed; its depth is the height of the walls along
the normal of the underside. Needs numpy, trimesh, scipy, networkx and zxing-cpp (PyPI).

Leaves with 0 if the part is closed, the code reads as EXPECTED, and every wall is MM high (0.4) within 0.02; with 1 if
not, with 77 if a needed package is missing.
"""

import argparse
import collections
import sys

SKIPPED = 77

try:
    import numpy
    import trimesh
    import zxingcpp
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(SKIPPED)

PIXEL_MM = 0.1
MARGIN_MM = 3.0
# Higher walls are the rim of the part.
HIGHEST_WALL_MM = 1.5
DEPTH_TOLERANCE_MM = 0.02


def parts_of_underside(mesh):
    """Component of every triangle that looks down, -1 for others, and the low upright walls."""
    down = mesh.face_normals[:, 2] < -1e-3
    heights = mesh.triangles[:, :, 2]
    low = heights.max(axis=1) - heights.min(axis=1) < HIGHEST_WALL_MM
    wall = (numpy.abs(mesh.face_normals[:, 2]) < 1e-3) & low
    pairs = mesh.face_adjacency
    groups = trimesh.graph.connected_components(
        pairs[down[pairs].all(axis=1)], nodes=numpy.nonzero(down)[0], min_len=1
    )
    component = numpy.full(len(mesh.faces), -1)
    for index, group in enumerate(groups):
        component[group] = index
    return component, wall


def pattern(mesh):
    """Whether a triangle belongs to the pattern, and the height of its walls along the normal."""
    component, wall = parts_of_underside(mesh)
    # Each wall triangle touches one component; the other triangle of its quad the one across.
    beside = collections.defaultdict(set)
    cosine = {}
    walls = []
    for one, other in mesh.face_adjacency:
        for a, b in ((one, other), (other, one)):
            if wall[a] and component[b] >= 0:
                beside[a].add(component[b])
                cosine[a] = abs(mesh.face_normals[b][2])
        if wall[one] and wall[other]:
            walls.append((one, other))
    links = collections.defaultdict(set)
    for one, other in walls:
        for a in beside[one]:
            for b in beside[other]:
                if a != b:
                    links[a].add(b)
                    links[b].add(a)
    sizes = numpy.bincount(component[component >= 0])
    dark = {int(sizes.argmax()): False}
    open_ones = list(dark)
    while open_ones:
        here = open_ones.pop()
        for there in links[here]:
            if there not in dark:
                dark[there] = not dark[here]
                open_ones.append(there)
    in_pattern = numpy.array([dark.get(index, False) for index in component])
    heights = []
    for triangle, slant in cosine.items():
        corners = mesh.triangles[triangle]
        for a, b in ((0, 1), (1, 2), (2, 0)):
            if numpy.hypot(*(corners[a] - corners[b])[:2]) < 1e-6:
                heights.append(abs(corners[a][2] - corners[b][2]) * slant)
    return in_pattern, numpy.array(heights)


def drawn(triangles, low, high):
    """Pixels whose middle lies in one of the triangles."""
    columns, rows = numpy.ceil((high - low) / PIXEL_MM).astype(int)
    picture = numpy.zeros((rows, columns), dtype=bool)
    for corners in (triangles[:, :, :2] - low) / PIXEL_MM - 0.5:
        first = numpy.maximum(numpy.ceil(corners.min(axis=0)), 0).astype(int)
        last = numpy.minimum(numpy.floor(corners.max(axis=0)), [columns - 1, rows - 1]).astype(int)
        if (last < first).any():
            continue
        x, y = numpy.meshgrid(
            numpy.arange(first[0], last[0] + 1), numpy.arange(first[1], last[1] + 1)
        )
        sides = []
        for (ax, ay), (bx, by) in zip(corners, numpy.roll(corners, -1, axis=0)):
            sides.append((bx - ax) * (y - ay) - (by - ay) * (x - ax))
        inside = numpy.all([side <= 1e-9 for side in sides], axis=0)
        picture[first[1]:last[1] + 1, first[0]:last[0] + 1] |= inside
    return picture


def read(dark):
    """The picture as seen from below, and what each reader sees in it."""
    # Row 0 is the top of a picture; seen from below with the toes up, x runs to the left.
    picture = numpy.where(dark, 0, 255).astype(numpy.uint8)[::-1, ::-1]
    picture = numpy.ascontiguousarray(picture)
    said = {"zxing-cpp": [code.text for code in zxingcpp.read_barcodes(picture)]}
    try:
        from pylibdmtx.pylibdmtx import decode
    except ImportError as missing:
        print(f"skipped: {missing}")
    else:
        found = decode(picture, max_count=1, timeout=20_000)
        said["libdmtx"] = [code.data.decode() for code in found]
    return picture, said


def main():
    options = argparse.ArgumentParser()
    options.add_argument("file")
    options.add_argument("expected", nargs="?")
    options.add_argument("--depth", type=float, default=0.4)
    options.add_argument("--picture")
    options = options.parse_args()
    mesh = trimesh.load(options.file, force="mesh")
    print(f"{len(mesh.faces)} triangles, closed: {mesh.is_watertight}, {mesh.volume:.1f} mm3")
    in_pattern, heights = pattern(mesh)
    if not in_pattern.any():
        print("no mark")
        return 1
    marked = mesh.triangles[in_pattern]
    low, high = (end(marked[:, :, :2].reshape(-1, 2), axis=0) for end in (numpy.min, numpy.max))
    print(f"mark at x {low[0]:.1f} to {high[0]:.1f}, y {low[1]:.1f} to {high[1]:.1f} mm")
    print(f"walls {heights.min():.4f} to {heights.max():.4f} mm high, mean {heights.mean():.4f}")
    picture, said = read(drawn(marked, low - MARGIN_MM, high + MARGIN_MM))
    print(said)
    if options.picture:
        from PIL import Image

        Image.fromarray(picture).save(options.picture)
    even = numpy.abs(heights - options.depth).max() <= DEPTH_TOLERANCE_MM
    right = not options.expected or all(options.expected in texts for texts in said.values())
    return 0 if mesh.is_watertight and even and right else 1


if __name__ == "__main__":
    sys.exit(main())
