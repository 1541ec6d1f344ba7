"""Times our slicer beside PrusaSlicer and CuraEngine on the same meshes, in one run.

Usage: python3 tests/referees/print_speed.py [MODEL.stl ...]
Environment: SOLEWRIGHT (default target/release/solewright), PRUSA_INI (settings for PrusaSlicer), CURA (a command that takes
in.stl out.gcode threads, since CuraEngine has no file of settings). A missing program is skipped and said.

After the models an insole of 10 mm is sliced, since a shell of 3 mm has almost no infill: once even, and once with zones,
which PrusaSlicer gets as modifiers of our own 3MF project and CuraEngine does not get. We print a brim where prusa.ini asks
for a skirt, and check our program by reading it back, which is in our time.
Prints wall and CPU seconds (user + system, least of three), peak memory in MiB, and the others' figures over ours.
Exit code 1 if our program fails; the ratios are reported, not judged.
"""

import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

RUNS = 3
OUTLINE_POINTS = 180
OURS = os.environ.get("SOLEWRIGHT", "target/release/solewright")
SETTINGS = ["layer_height_mm=0.2", "walls=3", "infill_pct=20", "infill=gyroid", "supports=on"]


def insole(path):
    """Writes a closed insole 180 mm x 72 mm x 10 mm, flat on both sides, as binary STL."""
    ring = []
    for k in range(OUTLINE_POINTS):
        turn = 2 * math.pi * k / OUTLINE_POINTS
        y = 90 * math.sin(turn)
        ring.append(((36 + 0.06 * y) * math.cos(turn), y))
    facets = []
    for k, a in enumerate(ring):
        b = ring[(k + 1) % OUTLINE_POINTS]
        low_a, low_b, high_a, high_b = (*a, 0), (*b, 0), (*a, 10), (*b, 10)
        facets += [(low_a, low_b, high_b), (low_a, high_b, high_a), ((0, 0, 10), high_a, high_b), ((0, 0, 0), low_b, low_a)]
    with open(path, "wb") as file:
        file.write(bytes(80) + struct.pack("<I", len(facets)))
        for facet in facets:
            file.write(struct.pack("<12fH", 0, 0, 0, *[c for corner in facet for c in corner], 0))


def measure(command, log):
    """Wall s, CPU s and peak MiB of a command, or None if it fails."""
    start = time.monotonic()
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)])
    os.close(out)
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        return None
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def solewright(model, zones, *more):
    command = [OURS, "print", model, "--printer", "marlin-generic", "--orient", "flat", *zones, *more]
    for setting in SETTINGS:
        command += ["--set", setting]
    return command


def peers(model, zones, folder, out):
    """The commands of the others by name; a project with the zones is written for them first."""
    commands = {}
    if shutil.which("prusa-slicer") and "PRUSA_INI" in os.environ:
        placed = ["--center", "125,105", model]
        if zones:
            project = os.path.join(folder, "zones.3mf")
            subprocess.run(solewright(model, zones, "--project", project, "--out", out), check=True, stdout=subprocess.DEVNULL)
            placed = ["--dont-arrange", project]
        commands["PrusaSlicer"] = ["prusa-slicer", "--export-gcode", "--load", os.environ["PRUSA_INI"], "-o", out, *placed]
    if not zones and shutil.which("CuraEngine") and "CURA" in os.environ:
        commands["CuraEngine"] = [*os.environ["CURA"].split(), model, out, "2"]
    return commands


def compare(model, zones, folder):
    """Prints a table; whether our program went through."""
    out = os.path.join(folder, "out.gcode")
    commands = {"ours": solewright(model, zones, "--out", out), **peers(model, zones, folder, out)}
    print(os.path.basename(model), "with zones" if zones else "")
    for name in {"PrusaSlicer", "CuraEngine"} - set(commands):
        print(f"  {name} skipped: not installed, not set, or it takes no zones")
    rows = {}
    log = os.path.join(folder, "log")
    for _ in range(RUNS):
        for name, command in commands.items():
            row = measure(command, log)
            if row is None:
                print(f"  {name} failed:", open(log, errors="replace").read()[-400:])
                continue
            rows[name] = [min(pair) for pair in zip(row, rows.get(name, row))]
    for name, row in rows.items():
        ratios = "" if "ours" not in rows else "  ratio " + " / ".join(f"{b / a:.1f}" for a, b in zip(rows["ours"], row))
        print(f"  {name:12} wall {row[0]:7.2f} s  CPU {row[1]:7.2f} s  peak {row[2]:6.0f} MiB{ratios}", flush=True)
    return "ours" in rows


def main():
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, "insole_10mm.stl")
        insole(plain)
        zones = ["--zone", "heel=40", "--zone", "forefoot=15"]
        runs = [(model, []) for model in sys.argv[1:]] + [(plain, []), (plain, zones)]
        good = [compare(model, zones, folder) for model, zones in runs]
        sys.exit(not all(good))


main()
