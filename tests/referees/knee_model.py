"""Compares the knee model with the reference implementation, device by device, directly and not by printed digits.

    cargo run --release -p knee --example reference_table > table.json
    python3 tests/referees/knee_model.py table.json [FOLDER OF THE REFERENCE]

Needs numpy and numba; skips aloud without them. Exit code 1 if a figure differs by more than 2 % of itself and more than the
solver's tolerance allows.
"""

import json
import os
import sys
import tempfile

os.environ.setdefault("NUMBA_CACHE_DIR", os.path.join(tempfile.gettempdir(), "reference-knee-cache"))
sys.dont_write_bytecode = True
here = os.path.dirname(os.path.abspath(__file__))
folder = sys.argv[2] if len(sys.argv) > 2 else os.path.join(here, "../../../shared/reference/knee")
try:
    import numba  # noqa: F401
    sys.path.insert(0, folder)
    import orthomodel as reference
except ImportError as error:
    print(f"skipped: the reference implementation does not run here: {error}")
    sys.exit(0)


def devices(foot):
    tau = reference.Params.tau

    def made(rearfoot=0.0, forefoot=0.0, **more):
        return reference.orthosis(foot, rearfoot, forefoot, tau=tau, **more)

    named = {f"full {deg}": made(deg, deg) for deg in (-10, -8, -6, -4, -2, 2, 4, 5, 6, 7, 8, 10, 12)}
    named.update({
        "heel 5": made(5, 0),
        "rigid shell 5": made(5, 0, u_tr=0.62),
        "forefoot 5": made(0, 5),
        "opposed": made(4, -3),
        "arch 0.5": made(arch_fill=0.5, k_arch=15e6),
        "arch 0.8 soft": made(arch_fill=0.8, k_arch=15e6),
        "arch 0.8 stiff": made(arch_fill=0.8, k_arch=60e6),
        "arch 1.0": made(arch_fill=1.0, k_arch=200e6),
        "full 5 arch 0.5": made(5, 5, arch_fill=0.5, k_arch=40e6),
        "full 5 arch 0.8": made(5, 5, arch_fill=0.8, k_arch=60e6),
        "skive 4": made(skive=0.004),
        "soft post": made(5, 5, E_post=0.5e6),
        "cover": made(5, 5, t_top=0.006, E_top=0.4e6),
        "lift 8": made(lift=0.008),
        "cup 15": made(5, 5, cup=0.015, cup_fill=0.8),
    })
    return named


# What the solvers' tolerances leave open.
SLACK = {"kam1": 0.03, "kam2": 0.03, "kaai": 0.03, "cop_mm": 0.02, "eversion_deg": 0.01, "subtalar_nm": 0.01, "peak_kpa": 0.3}
table = {row["name"]: row for row in json.load(open(sys.argv[1], encoding="utf-8"))}
worst, wrong, compared = 0.0, 0, 0
for arch in (22, 28, 10):
    foot = reference.synth_foot(arch=arch / 1000)
    model = reference.Model(foot, reference.norm_stance(foot=foot))
    for name, device in devices(foot).items():
        found = reference.run(model, device)
        kam1, kam2, kaai = found["dk"]
        theirs = {"kam1": kam1, "kam2": kam2, "kaai": kaai, "cop_mm": found["dy1"], "eversion_deg": found["ph1"],
                  "subtalar_nm": found["dM1"], "peak_kpa": found["pk"]}
        ours = table[f"{name} on {arch} mm"]
        for key, value in theirs.items():
            off = abs(ours[key] - value)
            share = off / max(abs(value), SLACK[key] / 0.02)
            compared, worst = compared + 1, max(worst, share)
            if off > 0.02 * abs(value) + SLACK[key]:
                wrong += 1
                print(f"{name} on {arch} mm, {key}: {ours[key]:.4f}, reference {value:.4f}")
print(f"{compared} figures compared, {wrong} off; largest difference {100 * worst:.2f} % of the figure")
sys.exit(1 if wrong else 0)
