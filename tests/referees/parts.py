#!/usr/bin/env python3
"""Lets programs that are not ours read the files of a part and say what they find.

    python3 tests/referees/parts.py FILE[=VOLUME[:RELATIVE]] ...

where VOLUME is what the file should hold in mm3 and RELATIVE how far off it may be (0.001), as in
`shell.step=45304.5:1e-5 shell.stl shell.3mf`.

STEP is read by OpenCASCADE (pip install cadquery-ocp), STL, 3MF, OBJ, PLY and GLB by trimesh and manifold3d
(pip install trimesh manifold3d). Prints one JSON object with an entry for every file and
its faults. Leaves with 0 if no file has a fault, 1 if one has, 77 if a needed package is missing.
"""

import json
import sys
import xml.etree.ElementTree
import zipfile

SKIPPED = 77


def read_step(path):
    from OCP.Bnd import Bnd_Box
    from OCP.BRep import BRep_Tool
    from OCP.BRepBndLib import BRepBndLib
    from OCP.BRepCheck import BRepCheck_Analyzer
    from OCP.BRepGProp import BRepGProp
    from OCP.GProp import GProp_GProps
    from OCP.IFSelect import IFSelect_RetDone
    from OCP.STEPControl import STEPControl_Reader
    from OCP.TopAbs import TopAbs_EDGE, TopAbs_FACE, TopAbs_SOLID
    from OCP.TopExp import TopExp_Explorer
    from OCP.TopoDS import TopoDS

    reader = STEPControl_Reader()
    if reader.ReadFile(path) != IFSelect_RetDone:
        return {"faults": ["OpenCASCADE cannot read the file"]}
    reader.TransferRoots()
    shape = reader.OneShape()

    def parts(kind):
        found, explorer = [], TopExp_Explorer(shape, kind)
        while explorer.More():
            found.append(explorer.Current())
            explorer.Next()
        return found

    properties = GProp_GProps()
    BRepGProp.VolumeProperties_s(shape, properties, 1e-7, True, False)
    box = Bnd_Box()
    BRepBndLib.AddOptimal_s(shape, box, False, False)
    low, high = box.CornerMin(), box.CornerMax()
    to_edge = getattr(TopoDS, "Edge_s", None) or TopoDS.Edge
    facts = {
        "reader": "OpenCASCADE",
        "valid": bool(BRepCheck_Analyzer(shape).IsValid()),
        "solids": len(parts(TopAbs_SOLID)),
        "faces": len(parts(TopAbs_FACE)),
        "volume_mm3": properties.Mass(),
        "largest_edge_tolerance_mm": max(BRep_Tool.Tolerance_s(to_edge(e)) for e in parts(TopAbs_EDGE)),
        "extent_mm": [high.X() - low.X(), high.Y() - low.Y(), high.Z() - low.Z()],
        "faults": [],
    }
    if not facts["valid"]:
        facts["faults"].append("BRepCheck finds the shape invalid")
    if facts["solids"] != 1:
        facts["faults"].append(f"{facts['solids']} solids instead of 1")
    return facts


def read_mesh(path):
    import manifold3d
    import numpy
    import trimesh

    mesh = trimesh.load(path, force="mesh", process=False)
    triangles = len(mesh.faces)
    if path.lower().endswith(".glb"):
        # glTF is in meters with y up, and every zone has vertices of its own.
        mesh.apply_scale(1000)
    mesh.merge_vertices(merge_tex=True, merge_norm=True, digits_vertex=9)
    solid = manifold3d.Manifold(
        manifold3d.Mesh64(
            vert_properties=numpy.asarray(mesh.vertices, dtype=numpy.float64),
            tri_verts=numpy.asarray(mesh.faces, dtype=numpy.uint64),
        )
    )
    # A self-intersecting mesh does not keep its volume when it is cut in two and put together again.
    low, high = mesh.bounds
    middle = (low[1] + high[1]) / 2
    pieces = solid.split_by_plane((0.0, 1.0, 0.0), float(middle))
    joined = pieces[0] + pieces[1]
    facts = {
        "reader": "trimesh and manifold3d",
        "triangles": triangles,
        "watertight": bool(mesh.is_watertight),
        "winding_consistent": bool(mesh.is_winding_consistent),
        "volume_mm3": float(mesh.volume),
        "smallest_triangle_mm2": float(mesh.area_faces.min()),
        "bodies": len(solid.decompose()),
        "genus": solid.genus(),
        "manifold_status": str(solid.status()).split(".")[-1],
        "volume_after_cut_mm3": joined.volume(),
        "extent_mm": [float(value) for value in high - low],
        "faults": [],
    }
    checks = [
        (facts["watertight"], "not watertight"),
        (facts["winding_consistent"], "winding not consistent"),
        (facts["volume_mm3"] > 0, "turned inside out"),
        (facts["smallest_triangle_mm2"] > 1e-9, "degenerate triangle"),
        (facts["manifold_status"] == "NoError", "manifold3d: " + facts["manifold_status"]),
        (facts["bodies"] == 1, f"{facts['bodies']} bodies instead of 1"),
        (
            abs(facts["volume_after_cut_mm3"] - facts["volume_mm3"]) < 1e-6 * facts["volume_mm3"],
            "volume changes when cut",
        ),
    ]
    facts["faults"] += [fault for good, fault in checks if not good]
    return facts


def read_package(path):
    facts = read_mesh(path)
    with zipfile.ZipFile(path) as package:
        model = next(name for name in package.namelist() if name.endswith(".model"))
        root = xml.etree.ElementTree.fromstring(package.read(model))
    facts["unit"] = root.get("unit")
    if facts["unit"] != "millimeter":
        facts["faults"].append(f"unit is {facts['unit']}")
    return facts


READERS = {
    "step": read_step,
    "stp": read_step,
    "stl": read_mesh,
    "obj": read_mesh,
    "ply": read_mesh,
    "glb": read_mesh,
    "3mf": read_package,
}


def expected(argument):
    """Path, volume or None, allowed relative difference."""
    path, found, rest = argument.rpartition("=")
    if not found:
        return argument, None, None
    volume, _, relative = rest.partition(":")
    return path, float(volume), float(relative or 1e-3)


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    report, faulty, skipped = {}, False, False
    for argument in sys.argv[1:]:
        path, volume, relative = expected(argument)
        try:
            facts = READERS[path.rsplit(".", 1)[-1].lower()](path)
        except ImportError as missing:
            print(f"SKIPPED {path}: {missing}; see the top of {__file__}", file=sys.stderr)
            skipped = True
            continue
        if volume is not None and "volume_mm3" in facts:
            facts["volume_off"] = facts["volume_mm3"] / volume - 1
            if abs(facts["volume_off"]) > relative:
                facts["faults"].append(f"volume is off by {facts['volume_off']:.2e}")
        faulty = faulty or bool(facts["faults"])
        report[path] = facts
    json.dump(report, sys.stdout, indent=1)
    print()
    return 1 if faulty else SKIPPED if skipped else 0


if __name__ == "__main__":
    sys.exit(main())
