"""Measures the walls of our print programs against the sections of the mesh, by shapely and trimesh.

Usage: python3 tests/referees/print_walls.py MODEL.stl [...]
Environment: SOLEWRIGHT (default target/release/solewright), LAYERS (how many layers of each are looked at, default 24),
ORIENT (default flat). Needs numpy, shapely, trimesh, networkx, scipy, rtree.

The model is printed solid with three walls. Of each layer the section of the mesh at the middle of its height is compared with
the program's lines, whose widths are told from what they extrude:
  position  how far the middle of an outer wall lies out of (+) or inside (-) the border moved in by half the ordered width, mm, at
            places 0.5 mm apart where it runs along the border; limit 0.02
  gaps      what no line covers in the band of the walls, where the part is thicker than two line widths and the gap is wider
            than 0.05 mm: its area, mm^2, and the width of the widest, mm; limit none
Ends with 1 if the 99th percentile of the positions or a gap misses its limit.
"""

import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
import shapely
import trimesh
from shapely.geometry import LineString, Polygon
from shapely.ops import unary_union

OURS = os.environ.get("SOLEWRIGHT", "target/release/solewright")
LAYERS = int(os.environ.get("LAYERS", "24"))
ORIENT = os.environ.get("ORIENT", "flat")
HEIGHT, WIDTH, WALLS, FILAMENT = 0.2, 0.45, 3, 1.75
BESIDE = {"Support", "Support-Interface", "Raft", "Brim", "Skirt", "Prime"}
LEAST_GAP = 0.05
POSITION_LIMIT = 0.02
# Sine of the angle up to which a wall runs along a border.
PARALLEL = 0.2


def printed(model, folder):
    """The program of a solid print, and the motion from the part to the bed."""
    program = os.path.join(folder, "out.gcode")
    settings = [f"layer_height_mm={HEIGHT}", f"walls={WALLS}", "infill_pct=100", "supports=on", "brim_mm=0"]
    command = [OURS, "print", model, "--printer", "marlin-generic", "--orient", ORIENT, "--out", program]
    for setting in settings:
        command += ["--set", setting]
    result = subprocess.run([*command, "--json"], check=True, capture_output=True)
    placement = json.loads(result.stdout)["placements"][0]
    motion = np.eye(4)
    motion[:3, :3] = placement["rotation"]
    motion[:3, 3] = placement["offset_mm"]
    return program, motion


def layers_of(program):
    """For each layer the height of its middle over the bed, its own height, and its lines: role, two points, width."""
    area = math.pi * FILAMENT**2 / 4
    layers, role, at, z = [], None, [0.0, 0.0], 0.0
    for text in open(program):
        if text.startswith(";LAYER:"):
            layers.append([0.0, []])
        elif text.startswith(";TYPE:"):
            role = text[6:].strip()
        elif text.startswith(("G0 ", "G1 ")):
            words = {word[0]: float(word[1:]) for word in text.split(";")[0].split()[1:]}
            z = words.get("Z", z)
            to = [words.get("X", at[0]), words.get("Y", at[1])]
            length = math.dist(at, to)
            if layers and words.get("E", 0.0) > 0.0 and length > 1e-6:
                layers[-1][0] = z
                layers[-1][1].append((role, tuple(at), tuple(to), words["E"] * area / length))
            at = to
    found, below = [], 0.0
    for top, lines in layers:
        high = top - below
        widths = [(role, a, b, section / high + high * (1 - math.pi / 4)) for role, a, b, section in lines]
        found.append((below + high / 2, high, widths))
        below = top
    return found


def section(mesh, height):
    """The area that a plane cuts out of the mesh."""
    path = mesh.section(plane_origin=[0, 0, height], plane_normal=[0, 0, 1])
    if path is None:
        return Polygon()
    rings = [Polygon(ring[:, :2]) for ring in path.discrete if len(ring) > 3]
    area = Polygon()
    for ring in sorted((ring.buffer(0) for ring in rings), key=lambda ring: -ring.area):
        area = area.symmetric_difference(ring)
    return area


def positions(area, lines):
    """How far outer walls lie out of their ideal offset, mm, at places 0.5 mm apart."""
    border = area.boundary
    shapely.prepare(border)
    out = []
    for role, a, b, width in lines:
        if role != "Wall-Outer":
            continue
        length = math.dist(a, b)
        along = np.subtract(b, a) / length
        for share in np.linspace(0, 1, max(int(length / 0.5), 1) + 1)[:-1]:
            place = np.add(a, share * np.subtract(b, a))
            to_border = shapely.shortest_line(shapely.Point(place), border).coords
            across = np.subtract(to_border[1], to_border[0])
            away = np.hypot(*across)
            # Where a strip gets too narrow for two lines the wall turns back, across the strip: no border runs beside it there.
            if away < 1e-9 or abs(np.dot(across, along)) < PARALLEL * away:
                out.append(WIDTH / 2 - away)
    return out


def gaps(area, lines, high):
    """Area of the gaps in the band of the walls, and the width of the widest."""
    beads = unary_union([LineString([a, b]).buffer(width / 2, quad_segs=4) for role, a, b, width in lines if role not in BESIDE])
    thick = area.buffer(-WIDTH).buffer(WIDTH).intersection(area)
    band = thick.difference(area.buffer(-WALLS * (WIDTH - high * (1 - math.pi / 4))))
    open_ = band.difference(beads).buffer(-LEAST_GAP / 2).buffer(LEAST_GAP / 2)
    widest, step = 0.0, 0.01
    while open_.area > 0 and widest < 1 and not open_.buffer(-(widest + step) / 2).is_empty:
        widest += step
    return open_.area, widest


def measure(model):
    with tempfile.TemporaryDirectory() as folder:
        program, motion = printed(model, folder)
        layers = layers_of(program)
    mesh = trimesh.load(model)
    mesh.apply_transform(motion)
    chosen = sorted(set(np.linspace(0, len(layers) - 1, LAYERS).astype(int)))
    out, area_of_gaps, widest, band = [], 0.0, 0.0, 0.0
    for index in chosen:
        middle, high, lines = layers[index]
        area = section(mesh, middle)
        out += positions(area, lines)
        found = gaps(area, lines, high)
        area_of_gaps, widest, band = area_of_gaps + found[0], max(widest, found[1]), band + area.area
    out = np.array(out)
    p99 = np.percentile(np.abs(out), 99)
    print(
        f"{os.path.basename(model)} {ORIENT}: {len(chosen)} of {len(layers)} layers; outer walls: median {np.median(out):+.4f}, "
        f"99 % within {p99:.4f}, {100 * np.mean(np.abs(out) > POSITION_LIMIT):.1f} % over {POSITION_LIMIT}, all {out.min():+.4f} to {out.max():+.4f} mm; gaps {area_of_gaps:.2f} of {band:.0f} mm^2, "
        f"widest {widest:.2f} mm"
    )
    return p99 <= POSITION_LIMIT and area_of_gaps == 0.0


sys.exit(not all([measure(model) for model in sys.argv[1:]]))
