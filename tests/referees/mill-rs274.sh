#!/bin/sh
# LinuxCNC's stand-alone interpreter must accept every mill program that the tests of `milling` make.
# Debian: apt-get install --no-install-recommends linuxcnc-uspace
set -eu
cd "$(dirname "$0")/../.."
if ! command -v rs274 >/dev/null; then
    echo "SKIPPED: rs274 is not installed (Debian package linuxcnc-uspace)" >&2
    exit 0
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
printf 'T1 P1 D6 ;ball\n' >"$out/tool.tbl"
MILL_OUT="$out" cargo test --quiet -p milling --lib -- is_cut_to_its_rim every_way_of_finishing >/dev/null
for program in "$out"/*.nc; do
    if ! rs274 -g -t "$out/tool.tbl" "$program" "$program.canon" >"$program.log" 2>&1; then
        echo "REFUSED by rs274: $(basename "$program")" >&2
        cat "$program.log" >&2
        exit 1
    fi
    # A feed without the spindle, or a program that does not end, would be accepted: look for both.
    grep -q 'PROGRAM_END' "$program.canon"
    echo "accepted: $(basename "$program"), $(grep -c STRAIGHT_FEED "$program.canon") feed moves"
done
