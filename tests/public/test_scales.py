"""No scale of the data gives numbers that are not finite, or a warning of NumPy's."""

import re
import warnings

import numpy as np
import pytest

from .catalogue import ENTRIES, answers, apply, data

pytestmark = pytest.mark.compiled


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ENTRIES)
def test_nothing_overflows_on_ordinary_data(name, dtype):
    X, y = data(ENTRIES[name], dtype)
    with np.errstate(all="raise"):
        answers(ENTRIES[name].make().fit(X, y), X)


OWN = "dlkit.conv.", "dlkit.rocket.", "dlkit.layerwise."
NUMBERS = {name: entry for name, entry in ENTRIES.items() if entry.sample != "word"}
SCALES = [(s, d) for s in (1e-30, 1e-9, 1e9, 1e30) for d in (np.float64, np.float32)]


CASES = [(name, *each) for name in NUMBERS for each in SCALES if "columns" not in name]
CASES += [
    (name, scale, np.float64)
    for name, entry in NUMBERS.items()
    for scale in (1e-290, 1e290)
    if type(entry.make()).__module__.startswith(OWN) and "maps" not in name
    if name != "GroupedMaps, columns"  # of scikit-learn's PCA
]


@pytest.mark.parametrize(("name", "scale", "dtype"), CASES)
def test_answers_are_finite_or_an_error_says_why(name, scale, dtype):
    X, y = data(ENTRIES[name], dtype)
    X = apply(X, lambda x: (x * dtype(scale)).astype(dtype))
    with np.errstate(over="raise", divide="raise", invalid="raise"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="dlkit|sklearn")
        warnings.filterwarnings("ignore", category=UserWarning)  # of dlkit's categories, by name
        try:
            found = answers(ENTRIES[name].make().fit(X, y), X)
        except ValueError as error:
            message = str(error)
        else:
            message = ""
    if message:
        assert re.search("X|y |scal|grow", message), message
        return
    for method, arrays in found.items():
        for a in arrays:
            assert a.dtype.kind != "f" or np.isfinite(a).all(), method


@pytest.mark.parametrize("offset", [1e3, 1e5])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NUMBERS)
def test_an_offset_of_the_data_leaves_them_finite(name, offset, dtype):
    X, y = data(ENTRIES[name], dtype)
    if name.partition(",")[0] in ("RBM", "ConvRBM"):
        pytest.skip("takes values from 0 to 1")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning)
        X = apply(X, lambda x: x + dtype(offset))
        found = answers(ENTRIES[name].make().fit(X, y), X)
    for method, arrays in found.items():
        for a in arrays:
            assert a.dtype.kind != "f" or np.isfinite(a).all(), method
