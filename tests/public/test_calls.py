"""A bounded run of `calls.py`: functions, and methods that `fuzz.py` does not call."""

import inspect

import numpy as np
import pytest

import dlkit
from dlkit import baselines, conv, datasets, metrics, plotting, trees
from dlkit.reservoir import spectral_radius
from dlkit.sequences import pack

from . import calls, fuzz

N_CALLS, PARTS = 1500, 10
FUNCTIONS = [name for name, one in calls.public().items() if inspect.isfunction(one)]


@pytest.mark.compiled
@pytest.mark.parametrize("part", range(PARTS))
def test_no_malformed_call_ends_in_an_unexpected_way(part):
    found = [(seed, *calls.trial(seed, FUNCTIONS)) for seed in range(part, N_CALLS, PARTS)]
    assert not [(seed, done, str(error)) for seed, done, error in found if error is not None]


def test_arguments_are_those_of_the_examples():
    (call,) = calls.recorded("dlkit.metrics.edit_distance")
    assert call.arguments == {"one": "kitten", "other": "sitting"}
    assert calls.public()["dlkit.metrics.edit_distance"] is call.function  # watched no more


def test_what_is_malformed_is_found(monkeypatch):
    def careless(one, other):
        return one[other]

    call = calls.Call("careless", careless, None, {"one": [1, 2], "other": 1})
    monkeypatch.setattr(calls, "recorded", lambda name: [call])
    errors = [error for _, error in map(calls.trial, range(40)) if error is not None]
    assert errors
    assert all(isinstance(error, fuzz.UnexpectedError) for error in errors)


Y, A = np.zeros((1, 4, 4), dtype=int), np.eye(3)
PATCHES = np.random.RandomState(0).randn(50, 9)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: pack([[1.0, 2.0]], rows="columns"), "rows must be"),
        (lambda: pack([[1.0, 2.0]]).unpack(3.0), "values must have a row for each"),
        (lambda: metrics.mean_iou(Y, Y, unlabeled=[0]), "unlabeled must be one label"),
        (lambda: metrics.dice(Y, Y, average="micro"), "'average' parameter"),
        (lambda: metrics.boundary_f1(Y, Y, spacing=(1, 2, 3)), "spacing=.* one for each of 2"),
        (lambda: metrics.boundary_f1(Y, Y, tolerance=None), "'tolerance' parameter"),
        (lambda: metrics.edit_distance([[1]], [2]), "one or other"),
        (lambda: metrics.token_error_rate([[[1]]], [[[1]]]), "y_true or y_pred"),
        (lambda: metrics.nmse([1, 2], [1, 3], variance="a"), "variance"),
        (lambda: metrics.make_forecast_scorer("r2", greater_is_better=None), "greater_is_better"),
        (lambda: trees.from_conllu(0), "'text' parameter"),
        (lambda: trees.from_brackets(["(a b)", 3]), r"X\[1\] must be a string"),
        (lambda: trees.from_iupac("Gal", linkages=[]), "'linkages' parameter"),
        (lambda: trees.TreeFeatures(5, structure="balanced").fit(["ab", None]), r"X\[1\] must be"),
        (lambda: spectral_radius(A, random_state="no"), "random_state"),
        (lambda: conv.learn_kernels("kmeans", PATCHES * np.nan, 4, (3, 3)), "patches contains NaN"),
        (lambda: conv.learn_kernels("kmeans", PATCHES, 4, (3, 3), random_state=-1), "random_state"),
        (lambda: conv.gabor_bank(4, (5, 5), -1), "n_channels"),
        (lambda: conv.pool(np.ones((2, 4, 1)), [[1]]), "pooling="),
        (lambda: conv.convolve(A[None], A[None, ..., None], n_jobs="all"), "n_jobs must be"),
        (lambda: datasets.make_copy(2, n_bits=True), "'n_bits' parameter"),
        (
            lambda: datasets.make_copy(2, n_bits=2**62),
            "make_copy would need more memory .* n_bits=",
        ),
        (lambda: datasets.make_copy(2, 8), "make_copy.* takes 1 positional argument"),
        (lambda: datasets.make_multiple_sines(5, {}), "frequencies"),
        (lambda: plotting.StatesDisplay(PATCHES).plot(units=[]), "units must be"),
        (lambda: baselines.flat("text"), "X must hold samples"),
        (lambda: dlkit.PixelRegressor(4).fit(np.ones((2, 8, 8)), {1, 2}), "y must be an array"),
        (lambda: dlkit.ESNForecaster(9).fit(A, covariates=np.array(3)), "covariates must be"),
    ],
)
def test_arguments_that_were_taken_or_raised_raw_are_named(call, match):
    with pytest.raises((ValueError, TypeError), match=match):
        call()
