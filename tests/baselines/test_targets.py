"""Targets: labels or numbers, however they come."""

import warnings

import numpy as np
import pandas as pd
import pytest

from dlkit.baselines._targets import read_targets
from dlkit.exceptions import ReadingWarning

R = np.random.RandomState(0)
N = 60
NUMBERS = R.randn(N)


@pytest.mark.parametrize(
    ("y", "target", "kind"),
    [
        (list("ab") * 30, "classification", "U"),
        (pd.Series(list("ab") * 30, dtype=object), "classification", "U"),
        (pd.DataFrame({"y": list("ab") * 30}), "classification", "U"),
        (np.arange(N) % 2 == 0, "classification", "b"),
        (np.array(list(np.arange(N) % 3), dtype=object), "classification", "i"),
        ((np.arange(N) % 3)[:, None], "classification", "i"),
        (np.array(NUMBERS.tolist(), dtype=object), "regression", "f"),
        (pd.Series(NUMBERS), "regression", "f"),
        (R.randn(N, 2), "regression", "f"),
        (NUMBERS[:, None], "regression", "f"),
    ],
)  # fmt: skip
def test_labels_and_numbers(y, target, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found, told = read_targets(y, N, None)
    assert (told, found.dtype.kind) == (target, kind)
    assert found.ndim == (2 if np.shape(y) == (N, 2) else 1)


def test_what_the_user_says_is_taken():
    assert read_targets(np.arange(N) % 3, N, "regression")[1] == "regression"
    assert read_targets(np.arange(N), N, "classification")[1] == "classification"


@pytest.mark.parametrize(
    ("y", "target", "mend"),
    [
        (np.arange(N), "regression", 'say task="regression"'),
        ([f"{one:.4f}" for one in NUMBERS], "classification", "y.astype"),
        (np.eye(3)[np.arange(N) % 3], "regression", "y.argmax"),
    ],
)
def test_another_reading_is_likelier(y, target, mend):
    with pytest.warns(ReadingWarning, match=mend):
        assert read_targets(y, N, None)[1] == target
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_targets(y, N, target)


@pytest.mark.parametrize(
    ("y", "target", "message"),
    [
        ("price", None, "got 'price': hand over the values, y=data\\[name\\]"),
        (3, None, "a number for each sample, got 3"),
        ([1, 2], None, "X has 60 samples, but y has 2"),
        ([np.nan, np.nan, *NUMBERS[2:]], None, "no value for 2 of 60 samples, the first .* 0"),
        (["a", None] + ["b"] * 58, None, "no value for 1 of 60 samples, the first .* 1"),
        (pd.Series([pd.NA] + [1] * 59, dtype="Int64"), None, "no value for 1 of 60"),
        (["a"] * N, None, "holds the label '?.*a'?.* alone"),
        (np.array(["a", 1] * 30, dtype=object), None, "a mix of int and str"),
        (list("ab") * 30, "regression", "numbers for a regression, got for instance .*'a'"),
        (NUMBERS, "classification", 'labels for a classification.*say task="regression"'),
    ],
)
def test_bad_targets(y, target, message):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=message):
            read_targets(y, N, target)


def test_no_samples():
    with pytest.raises(ValueError, match="hold no samples"):
        read_targets([], 0, None)
