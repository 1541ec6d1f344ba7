"""Packs parts into a build volume as published for spectral packing, to compare densities.

Usage: python3 tests/referees/packing_spectral.py FOLDER [--voxel 2] [--spacing 5] [--margin 5] [--box 380 284 380] [--turns 24]
Needs numpy and scipy. FOLDER holds binary STL files in mm, such as the shells that `solewright make` writes; what this program
makes of the same folder says `cargo run --release -p packing --example nest_folder FOLDER`.

Method: Cui, Rong, Chen, Matusik, "Dense, Interlocking-Free and Scalable Spectral Packing of Generic 3D Objects", ACM Trans.
Graph. 42(4) 141, 2023, with the settings of the public implementation (Vrroom/psacking), which needs CUDA: largest part first;
all 24 turns of a cube; collisions of voxels by Fourier transform over every place; of the free places that with the least sum of
distances to what is there, plus 1e8 times the cube of its share of the height. Left out: the correction of interlocked parts,
which only lowers the density. The spacing is kept between centers of voxels, so it may be kept less well than by us by a voxel.

Prints how many parts found a place, the height used, the density over the used height, and the time.
"""

import argparse
import pathlib
import time

import numpy as np
from scipy import fft, ndimage

HEIGHT_PENALTY = 1e8


def read(path):
    """Triangles of a binary STL file as an array (n, 3, 3)."""
    data = path.read_bytes()
    facet = np.dtype([("normal", "<3f4"), ("corners", "<9f4"), ("rest", "<u2")])
    return np.frombuffer(data, facet, int.from_bytes(data[80:84], "little"), 84)["corners"].reshape(-1, 3, 3).astype(float)


def volume(triangles):
    a, b, c = triangles.transpose(1, 0, 2)
    return abs(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def voxels(triangles, size):
    """Voxels that the part touches; the lowest corner is the origin."""
    waiting, points = triangles - triangles.min(axis=(0, 1)), []
    while len(waiting):
        points.append(waiting.mean(axis=1))
        points.append(waiting.reshape(-1, 3))
        large = waiting[(np.ptp(waiting, axis=1).max(axis=1)) > 0.7 * size]
        a, b, c = large.transpose(1, 0, 2)
        ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
        waiting = np.concatenate([np.stack(t, 1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
    cells = np.unique(np.floor(np.concatenate(points) / size + 1e-9).astype(int), axis=0)
    grid = np.zeros(cells.max(axis=0) + 1, bool)
    grid[tuple(cells.T)] = True
    return ndimage.binary_fill_holes(grid)


def turns(grid, count):
    """The grid in every turn of a cube (24), about the vertical (4), or as it stands (1)."""
    faces = [grid]
    if count == 24:
        faces += [np.rot90(grid, k, (0, 2)) for k in (1, 2, 3)] + [np.rot90(grid, k, (1, 2)) for k in (1, 3)]
    for face in faces:
        for k in range(4 if count > 1 else 1):
            yield np.ascontiguousarray(np.rot90(face, k, (0, 1)))


class Tray:
    def __init__(self, room, size, spacing):
        self.cells = tuple(int(length // size) for length in room)
        # No wrap-around into a place that is looked at: those reach to the tray's end at most.
        self.shape = tuple(fft.next_fast_len(cells, real=True) for cells in self.cells)
        self.taken = np.zeros(self.cells, bool)
        self.reach = spacing / size
        self.prepare()

    def prepare(self):
        """What all turns of a part share: the transforms of what is taken and of the distance to it."""
        walls = np.pad(self.taken, 1, constant_values=True)
        walls[:, :, -1] = False
        away = ndimage.distance_transform_cdt(~walls, "taxicab")[1:-1, 1:-1, 1:-1].astype("f4")
        blocked = ndimage.distance_transform_edt(~self.taken) < self.reach if self.taken.any() else self.taken
        self.spectra = [fft.rfftn(field.astype("f4"), self.shape, workers=2) for field in (blocked, away)]

    def best(self, part):
        """Score and place of the best free place."""
        last = tuple(all_cells - cells for all_cells, cells in zip(self.cells, part.shape))
        if min(last) < 0:
            return np.inf, None
        spectrum = np.conj(fft.rfftn(part.astype("f4"), self.shape, workers=2))
        window = tuple(slice(0, cells + 1) for cells in last)
        hits, near = (fft.irfftn(field * spectrum, self.shape, workers=2)[window] for field in self.spectra)
        score = near + HEIGHT_PENALTY * (np.arange(last[2] + 1) / self.cells[2]) ** 3
        score[hits > 0.5] = np.inf
        place = np.unravel_index(np.argmin(score), score.shape)
        return score[place], place

    def put(self, part, place):
        window = tuple(slice(at, at + cells) for at, cells in zip(place, part.shape))
        assert not (self.taken[window] & part).any()
        self.taken[window] |= part
        self.prepare()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--voxel", type=float, default=2.0)
    parser.add_argument("--spacing", type=float, default=5.0)
    parser.add_argument("--margin", type=float, default=5.0)
    parser.add_argument("--box", type=float, nargs=3, default=[380.0, 284.0, 380.0])
    parser.add_argument("--turns", type=int, choices=(1, 4, 24), default=24)
    options = parser.parse_args()
    started = time.monotonic()
    files = sorted(options.folder.glob("*.stl"))
    meshes = {path: read(path) for path in files}
    volumes = {path: volume(mesh) for path, mesh in meshes.items()}
    tray = Tray([length - 2 * options.margin for length in options.box], options.voxel, options.spacing)
    placed, filled, height = 0, 0.0, 0
    for path in sorted(files, key=lambda path: -volumes[path]):
        part = voxels(meshes[path], options.voxel)
        tried = ((*tray.best(turned), turned) for turned in turns(part, options.turns))
        score, place, turned = min(tried, key=lambda found: found[0])
        if place is None or not np.isfinite(score):
            continue
        tray.put(turned, place)
        placed, filled = placed + 1, filled + volumes[path]
        height = max(height, place[2] + turned.shape[2])
        print(f"  {placed} {path.name} at {place}", flush=True)
    used = options.box[0] * options.box[1] * (height * options.voxel + 2 * options.margin)
    print(
        f"spectral packing: {placed} of {len(files)} parts, height {height * options.voxel + 2 * options.margin:.0f} mm, "
        f"density {100 * filled / used:.1f} % of the used height, {time.monotonic() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
