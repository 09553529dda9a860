"""Each parameter of each estimator, searched over alone, scores as by GridSearchCV."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit
from sklearn.preprocessing import StandardScaler

from dlkit import ESNClassifier, ESNForecaster, ESNRegressor, ESNTagger, ReservoirSearchCV
from dlkit.exceptions import IgnoredParameterWarning
from dlkit.forecasting import Horizon, Scaling
from dlkit.reservoir import (
    Context,
    CycleJumps,
    Dense,
    Feedback,
    InputWeights,
    IntrinsicPlasticity,
    Layers,
    Leaky,
    ModelSpace,
    Sparse,
)

r = np.random.RandomState(0)
SEQUENCES = [np.cumsum(r.randn(r.randint(6, 12), 2), axis=0) / 3 + i % 2 for i in range(12)]
SEQUENCES = [np.c_[x, np.full(len(x), r.randn())] for x in SEQUENCES]  # the last one is a context
LABELS, NUMBERS = np.arange(12) % 2, np.array([x[:, 0].max() for x in SEQUENCES])
SERIES = np.c_[r.uniform(-1, 1, (60, 2)), np.full(60, 0.25)]
PRODUCT = np.roll(SERIES[:, 0], 1) * SERIES[:, 1] + 0.1 * SERIES[:, 0]
ONE, SEVERAL = TimeSeriesSplit(2), KFold(2, shuffle=True, random_state=0)
SIZE = {"n_units": 6, "n_links": 3, "random_state": 0}
CASES = {
    "classifier": (ESNClassifier(**SIZE), SEQUENCES, LABELS, SEVERAL),
    "regressor": (ESNRegressor(**SIZE), SEQUENCES, NUMBERS, SEVERAL),
    "forecaster": (ESNForecaster(**SIZE, scaling=None), SERIES, PRODUCT, ONE),
    "next step": (ESNForecaster(**SIZE, scaling=None), SERIES, None, ONE),
    "several series": (
        ESNForecaster(**SIZE, scaling=None),
        SEQUENCES,
        [x[:, 0] for x in SEQUENCES],
        SEVERAL,
    ),
    "tagger": (ESNTagger(**SIZE), SERIES, np.where(PRODUCT > 0, "plus", "minus"), ONE),
}
VALUES = {
    "activation": ["tanh", "relu", "identity", "logistic"],
    "alpha": [1e-6, 0.3, "auto", [0.1, 10.0]],
    "bias_scaling": [0.0, 0.5],
    "bidirectional": [False, True],
    "cell": ["leaky", "es2n", Leaky(delays=(1, 3)), "gru", "euler"],
    "class_weight": [None, "balanced"],
    "context": [None, 2, Context(2, enters="state")],
    "control": ["radius", "effective", "norm"],
    "feedback": [False, True, Feedback(scaling=0.5)],
    "horizon": [1, Horizon(increments=True)],
    "input_scaling": [0.1, [0.1, 1.0, 0.5]],
    "input_weights": ["uniform", "normal", InputWeights("rademacher", density=0.5)],
    "layers": [None, 2, [{"leak_rate": 0.5}, {"n_units": 4}], Layers(2), None],
    "leak_rate": [0.3, ("log_uniform", 2, 20), ("groups", 1, 5)],
    "n_jobs": [None, 2],
    "n_lanes": [None, 1, 3],
    "n_links": [2, 4],
    "n_units": [6, 9],
    "noise": [0.0, 0.01],
    "passthrough": [False, True],
    "plasticity": [None, IntrinsicPlasticity()],
    "pooling": ["last", "moments", "mean", "last_mean", "model_space", ModelSpace(2)],
    "random_state": [0, 1],
    "readout": [None, Ridge(0.1)],
    "scaling": [None, "standard", Scaling("robust"), StandardScaler()],
    "spectral_radius": [0.5, 0.9],
    "start": ["rest", "fit"],
    "topology": [
        "sparse", "ring", "dense", "delay_line", "orthogonal", "hadamard", "cycle_jumps",
        Sparse(weights="normal"), Dense(weights="normal"), CycleJumps(2), csr_array(np.eye(6)),
        np.diag(np.arange(1.0, 7.0)),
    ],
    "verbose": [0, False],
    "washout": [0, 3],
}  # fmt: skip
UNCOMPILED = {"layers", "washout", "random_state"}  # that are tried in the slow run, too


def test_there_are_values_for_every_parameter():
    names = {name for esn, *_ in CASES.values() for name in esn.get_params(deep=False)}
    assert names == set(VALUES)


def assert_same_scores(case, grid):
    ours, theirs = (scores(search, case, grid) for search in (ReservoirSearchCV, GridSearchCV))
    assert ours.keys() == theirs.keys()
    for key, expected in theirs.items():
        np.testing.assert_allclose(ours[key], expected, rtol=1e-7, atol=1e-8, err_msg=key)


def scores(search, case, grid):
    esn, X, y, cv = CASES[case]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IgnoredParameterWarning)  # n_links beside a ring, say
        warnings.simplefilter("ignore", FitFailedWarning)  # the next step and feedback, say
        warnings.filterwarnings("ignore", message=".* the ordinary way")
        try:
            found = search(esn, grid, cv=cv, refit=False, error_score=-1.0).fit(X, y).cv_results_
        except ValueError as error:
            if "fits failed" not in str(error):
                raise
            return {"all fits fail": 0.0}  # the next step and feedback, in both of its forms
    return {key: found[key] for key in found if key.startswith("split")}


@pytest.mark.parametrize(
    ("case", "name"),
    [
        pytest.param(case, name, marks=[] if name in UNCOMPILED else pytest.mark.compiled)
        for case, (esn, *_) in CASES.items()
        for name in esn.get_params(deep=False)
    ],
)
def test_each_parameter_alone(case, name):
    values = VALUES[name]
    if name == "readout" and case in ("classifier", "tagger"):
        values = [None, RidgeClassifier(0.1)]
    assert_same_scores(case, {name: values})


@pytest.mark.parametrize(
    "grid",
    [
        {"layers": [None, 2], "bias_scaling": [0.0, 0.5]},
        {"layers": [2, None], "activation": ["relu", "tanh"], "spectral_radius": [0.5, 0.9]},
        {"layers": [Layers(2), 2, None], "leak_rate": [0.2, 1.0]},
        [{"layers": [2]}, {"layers": [None], "n_units": [6, 5]}],
    ],
)
@pytest.mark.parametrize("case", ["classifier", pytest.param("tagger", marks=pytest.mark.compiled)])
def test_one_reservoir_beside_several_in_series(case, grid):
    assert_same_scores(case, grid)
