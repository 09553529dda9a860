"""Parameters that are NumPy's own numbers, as grids and files have them, mean the same."""

import re
from fractions import Fraction

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold

import dlkit

from .catalogue import ENTRIES, answers, assert_same, data

pytestmark = pytest.mark.compiled

KINDS = {
    "unsigned": (np.uint8, np.float16),
    "signed": (np.int8, np.float32),
}


def small(value, kind):
    """A number of Python's as a small one of NumPy's, where there is one of about that value."""
    whole, real = KINDS[kind]
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        info = np.iinfo(whole)
        return whole(value) if info.min <= value <= info.max else value
    if isinstance(value, float) and 1e-3 <= abs(value) <= 1e3:
        return real(value)
    return np.str_(value) if isinstance(value, str) else value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ENTRIES)
def test_numbers_of_numpy_are_those_of_python(name, kind):
    X, y = data(ENTRIES[name])
    given = ENTRIES[name].make().get_params(deep=False)
    given = {key: small(value, kind) for key, value in given.items()}
    given = {key: value for key, value in given.items() if isinstance(value, np.generic)}
    plain = {key: value.item() for key, value in given.items()}
    got, want = (ENTRIES[name].make().set_params(**params).fit(X, y) for params in (given, plain))
    assert_same(answers(got, X), answers(want, X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ENTRIES)
def test_numbers_that_numpy_does_not_compute_with_are_named(name):
    X, y = data(ENTRIES[name])
    for key, value in ENTRIES[name].make().get_params(deep=False).items():
        if isinstance(value, float) and np.isfinite(value):
            one = ENTRIES[name].make().set_params(**{key: Fraction(value)})
            with pytest.raises(ValueError, match=f"{key}.*Fraction"):
                one.fit(X, y)


def masked(values):
    return np.ma.masked_array(values, np.arange(np.size(values)).reshape(np.shape(values)) == 1)


R = np.random.RandomState(0)
WAVE = np.sin(0.3 * np.arange(120))
HIDDEN = {
    "input_scaling": lambda: dlkit.ReservoirStates(5, input_scaling=masked([0.1, 0.2])).fit(
        R.randn(9, 2)
    ),
    "classes": lambda: dlkit.RidgeReadoutClassifier().partial_fit(
        R.randn(4, 2), [0, 1, 0, 1], classes=masked([0, 1, 2])
    ),
    "groups": lambda: dlkit.ReservoirSearchCV(
        dlkit.ESNClassifier(5, random_state=0), {"alpha": [1.0]}, cv=GroupKFold(2)
    ).fit(R.randn(4, 5, 1), [0, 1, 0, 1], groups=masked(np.arange(4))),
    "initial_state": lambda: (
        dlkit.ESNForecaster(5, random_state=0)
        .fit(WAVE)
        .forecast(3, WAVE, initial_state=masked(np.zeros(5)))
    ),
    "known": lambda: (
        dlkit.AssociativeMemory()
        .fit(R.randn(5, 2))
        .predict(R.randn(1, 2), known=masked([[True, True]]))
    ),
    "sample_weight[0]": lambda: dlkit.PixelClassifier(4, n_stages=1).fit(
        [R.randn(6, 6)] * 2, [np.eye(6, dtype=int)] * 2, sample_weight=[masked(np.ones((6, 6)))] * 2
    ),
    "W": lambda: dlkit.reservoir.spectral_radius(masked(R.randn(3, 3))),
    "coefficients": lambda: dlkit.datasets.make_narma(9, coefficients=masked([0.3, 0.05, 1, 0.1])),
    "variance": lambda: dlkit.metrics.nmse(np.eye(3), np.eye(3), variance=masked(np.ones(3))),
    "labels": lambda: dlkit.metrics.mean_iou([[0, 1]], [[0, 1]], labels=masked([0, 1])),
    "one": lambda: dlkit.metrics.edit_distance(masked([1, 2]), [1]),
    "X": lambda: dlkit.sequences.from_channels_first(masked(R.randn(3, 2, 5))),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_arguments_with_masked_entries_are_refused(name):
    with pytest.raises(ValueError, match=rf"{re.escape(name)} has masked entries"):
        HIDDEN[name]()
