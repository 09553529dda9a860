"""Checks of the package's own."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

from dlkit import (
    ConvFeatures,
    ESNClassifier,
    ESNRegressor,
    GreedyLayerwise,
    HingeReadoutClassifier,
    ImageScanFeatures,
    PerStep,
    RandomAutoencoder,
    ReservoirSearchCV,
    RidgeReadout,
    RLSReadout,
    Rocket,
    SparseScaler,
    StreamedReadout,
    _validation,
)
from dlkit._validation import check_weights, naming, splitter_of
from dlkit.conv import ZCAWhitening


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 2, 2, 2)])
def test_the_first_wild_sample_is_found(bad, shape):
    samples = np.random.RandomState(0).randn(*shape)
    assert _validation.first_wild(samples) is None
    samples[3:].flat[0] = bad
    samples[4:].flat[0] = np.nan
    assert _validation.first_wild(samples) == 3
    what = "NaN" if np.isnan(bad) else "infinity"
    with pytest.raises(ValueError, match=rf"Input X contains {what} in sample 13;"):
        _validation.refuse_wild(samples, "X", lambda i: f"sample {10 + i}")


def test_a_sum_that_overflows_is_not_taken_for_a_wild_sample():
    assert _validation.first_wild(np.full((4, 4), 1e308)) is None
    assert _validation.first_wild(np.arange(4)) is None


def test_every_family_names_the_sample():
    images = np.random.RandomState(0).rand(6, 8, 8)
    images[4, 2, 2] = np.nan
    with pytest.raises(ValueError, match="NaN in sample 4"):
        ConvFeatures(4, kernel_size=(3, 3), random_state=0).fit(images)
    with pytest.raises(ValueError, match="NaN in image 4"):
        ImageScanFeatures(4, random_state=0).fit(images)
    with pytest.raises(ValueError, match="NaN in sequence 4, step 2"):
        ESNClassifier(4).fit(images, [0, 1] * 3)
    sizes = [images[0], images[1, :4], images[2, :4], images[3], images[4, :4]]
    with pytest.raises(ValueError, match="NaN in image 4"):
        ImageScanFeatures(4, strip=2, grid=2, random_state=0).fit(sizes)


@pytest.mark.parametrize("rows", [slice(1, 3), np.array([2, 0])])
def test_samples_are_taken_from_whatever_holds_them(rows):
    table = np.arange(12).reshape(4, 3)
    want = table[rows]
    for X in (table, pd.DataFrame(table), csr_array(table), list(table)):
        part = _validation.take(X, rows)
        assert type(part) is type(X)
        assert _validation.n_samples(part) == 2
        part = part.toarray() if isinstance(part, csr_array) else np.asarray(part)
        assert_array_equal(part, want)


def test_errors_that_lack_the_argument_get_it():
    with pytest.raises(ValueError, match="y cannot be taken: an array"), naming("y"):
        raise ValueError("an array")
    with pytest.raises(ValueError, match="^y is none$"), naming("X or y"):
        raise ValueError("y is none")
    with pytest.raises(ValueError, match="^X cannot be taken: too large$"), naming("X"):
        raise OverflowError("too large")


def test_weights_of_any_real_kind_become_floats():
    for weight in ([1, 2], np.array([1, 2], np.uint8), [True, 2.0], np.array([1, 2], object)):
        assert_array_equal(check_weights(weight, 2), [1.0, 2.0])
    assert_array_equal(check_weights(0.5, 3), [0.5, 0.5, 0.5])
    assert check_weights(None, 3) is None
    for weight in ([1.0, 1e-300], [1e308, 1e308], [1j, 1], ["a", "b"], [1.0], [np.inf, 1.0]):
        with pytest.raises(ValueError, match="sample_weight"):
            check_weights(weight, 2)


DAYS = np.arange(12).astype("M8[D]").reshape(6, 2)
READERS = [
    RidgeReadout(1.0), RLSReadout(), HingeReadoutClassifier(), ZCAWhitening(),
    RandomAutoencoder(2), SparseScaler(), ConvFeatures(2, input_shape=(2,), kernel_size=(2,)),
    ESNRegressor(3), Rocket(3), PerStep(StandardScaler()),
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("X", "match"),
    [
        (DAYS, r"X holds dates \(datetime64\[D\]\).*X - X.min\(\)\) / np.timedelta64"),
        (np.where(DAYS[2, 0] < DAYS, np.datetime64("NaT"), DAYS), "X holds dates"),
        (DAYS - DAYS[0], "X holds spans of time"),
        (DAYS.tolist(), "X"),
        ([list(row) for row in DAYS], "X holds dates"),
        (
            pd.DataFrame(DAYS, columns=["a", "b"]),
            r"Columns \['a', 'b'\] of X hold dates.*X\['a'\] - ",
        ),
        (pd.DataFrame({"a": DAYS[:, 0], "b": 1.0}), r"Columns \['a'\] of X hold dates"),
        (pd.DataFrame({"a": list("abcabc"), "b": 1.0}), r"Columns \['a'\] of X hold what is no"),
        (np.ma.masked_greater(np.arange(12.0).reshape(6, 2), 5), "X has masked entries"),
    ],
    ids=["dates", "NaT", "spans", "days", "list", "frame", "one column", "text", "masked"],
)
def test_what_is_no_number_is_refused_everywhere(reader, X, match):
    with pytest.raises((ValueError, TypeError), match=match):
        clone(reader).fit(X, np.arange(6) % 2)


def test_a_mask_that_hides_nothing_is_no_harm():
    X = np.arange(12.0).reshape(6, 2)
    assert_array_equal(_validation.check_array(np.ma.array(X)), X)
    with pytest.raises(ValueError, match=r"X has columns of the same name: \['a'\]"):
        _validation.check_array(pd.DataFrame(X, columns=["a", "a"]))


@pytest.mark.parametrize("cv", [b"5", re.compile("x"), "5", 1, [], [0.1, 1.0], 2.5])
def test_what_can_be_split_is_no_splitter(cv):
    with pytest.raises((ValueError, TypeError), match=r"\bcv\b"):
        splitter_of(cv, np.arange(9), classifier=False)
    X, y = np.random.RandomState(0).randn(20, 3, 1), np.arange(20) % 2
    for model in (
        StreamedReadout(StandardScaler(), RidgeReadout([0.1, 1.0]), cv=cv),
        ReservoirSearchCV(ESNClassifier(5), {"alpha": [0.1, 1.0]}, cv=cv),
    ):
        with pytest.raises((ValueError, TypeError), match=r"\bcv\b"):
            model.fit(X[:, :, 0] if isinstance(model, StreamedReadout) else X, y)


class Tensor:
    """One that cannot be turned into an array, as PyTorch's that require a gradient."""

    shape, ndim = (20, 3), 2

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def __len__(self):
        return 20


def test_forms_that_are_no_table_are_named_with_what_converts_them():
    X, y = np.random.RandomState(0).standard_normal((20, 3)), np.arange(20.0)
    records = np.array([tuple(row) for row in X], dtype=[(c, float) for c in "abc"])
    for form, match in (
        ({"a": X[:, 0]}, r"X is a dict: hand over pandas.DataFrame\(X\)"),
        (records, r"X is an array of records: .*structured_to_unstructured\(X\)"),
        (pd.Series(list(X)), r"X is a column of arrays: hand over np.stack\(X\)"),
        (Tensor(), "X cannot be taken: Can't call numpy"),
        ([*X[:-1], np.ma.array(X[-1], mask=[0, 1, 0])], "X has masked entries"),
    ):
        with pytest.raises((ValueError, TypeError), match=match):
            RidgeReadout().fit(form, y)
    with pytest.raises(TypeError, match="y cannot be taken: Can't call numpy"):
        RidgeReadout().fit(X, Tensor())


def test_a_class_is_no_estimator():
    X = np.random.RandomState(0).standard_normal((20, 3))
    with pytest.raises(ValueError, match="'transformer' .* Got <class '.*StandardScaler'>"):
        StreamedReadout(StandardScaler, RidgeReadout()).fit(X, X[:, 0])
    with pytest.raises(TypeError, match="layers: 'one' .* got <class '.*StandardScaler'>"):
        GreedyLayerwise([("one", StandardScaler)]).fit(X)


@pytest.mark.parametrize("X", [np.array([]), pd.DataFrame(), pd.DataFrame(index=range(3))])
def test_what_is_empty_is_called_so(X):
    for estimator in (RidgeReadout(), Rocket(), PerStep(StandardScaler()), ConvFeatures()):
        with pytest.raises(ValueError, match="X is empty, of shape"):
            estimator.fit(X, np.zeros(len(X)))
