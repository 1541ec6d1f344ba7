#!/usr/bin/env python3
"""Lets two libraries that are not ours judge meshes of random prescriptions.

    cargo run --release -p shell --example random_prescriptions -- 1000 0 FOLDER
    python3 tests/referees/self_intersections.py FOLDER

pymeshlab counts triangles that cut others, manifold3d says whether the mesh bounds one solid
(pip install pymeshlab manifold3d trimesh). Leaves with 0 if every mesh passes, 1 if one does not,
77 if a package is missing.
"""

import pathlib
import sys

try:
    import manifold3d
    import numpy
    import pymeshlab
    import trimesh
except ImportError as missing:
    print(f"SKIPPED: {missing}; see the top of {__file__}", file=sys.stderr)
    sys.exit(77)


def faults(path):
    found = []
    meshes = pymeshlab.MeshSet()
    meshes.load_new_mesh(str(path))
    meshes.compute_selection_by_self_intersections_per_face()
    cut = meshes.current_mesh().selected_face_number()
    if cut:
        found.append(f"{cut} of {meshes.current_mesh().face_number()} triangles cut others")
    mesh = trimesh.load(path, process=False)
    mesh.merge_vertices(digits_vertex=12)
    solid = manifold3d.Manifold(
        manifold3d.Mesh64(
            vert_properties=numpy.asarray(mesh.vertices, dtype=numpy.float64),
            tri_verts=numpy.asarray(mesh.faces, dtype=numpy.uint64),
        )
    )
    status = str(solid.status()).split(".")[-1]
    if status != "NoError":
        found.append("manifold3d: " + status)
    elif len(solid.decompose()) != 1 or solid.volume() <= 0:
        found.append(f"{len(solid.decompose())} bodies of {solid.volume():.0f} mm3")
    return found


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.stl"))
    faulty = 0
    for path in paths:
        for fault in faults(path):
            faulty += 1
            print(f"{path.name}: {fault}")
    print(f"{len(paths)} meshes, {faulty} faults")
    return 1 if faulty or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
