"""Which candidates share what, and which go the ordinary way."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from dlkit import ESNClassifier, ESNRegressor, ReservoirSearchCV, RidgeReadoutClassifier
from dlkit.reservoir import InputWeights

from .twins import GRID, LABELS, NUMBERS, X, assert_same, some_uncompiled, twins


@pytest.mark.parametrize(
    "params",
    some_uncompiled(
        {"topology": ["ring", "sparse", "dense"], "n_units": [10, 15]},
        {"activation": ["tanh", "relu"], "control": ["norm", "effective"]},
        {"random_state": [0, 1], "n_links": [2, 5]},
        {"input_weights": ["rademacher", InputWeights("normal", density=0.5)]},
        {"pooling": ["last", "mean", "last_mean", "moments"], "washout": [0, 3]},
        {"passthrough": [True, False], "input_scaling": [[0.1, 1.0], 0.5]},
        {"topology": [np.diag(np.arange(9.0) + 1), np.ones((7, 7))]},
    ),
)
def test_other_parameters(params, fused):
    own = isinstance(params.get("topology", [""])[0], np.ndarray)  # brings its size along
    size = {} if own else {"n_units": 10}
    esn = ESNRegressor(**size, leak_rate=0.5, random_state=0)
    grid = params | {"spectral_radius": [0.6, 0.9], "alpha": [0.1]}
    ours = ReservoirSearchCV(esn, grid, cv=KFold(3)).fit(X, NUMBERS)
    theirs = GridSearchCV(esn, grid, cv=KFold(3)).fit(X, NUMBERS)
    if not own:
        assert_same(ours, theirs)
    for key in ("mean_test_score", "split0_test_score"):
        np.testing.assert_allclose(ours.cv_results_[key], theirs.cv_results_[key], rtol=1e-8)


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("esn", "grid", "reason"),
    [
        (ESNRegressor(8, readout=Ridge(), random_state=0), {"leak_rate": [0.3, 1.0]}, "readout"),
        (ESNRegressor(8), {"leak_rate": [0.3]}, "random_state=None"),
        (
            make_pipeline(FunctionTransformer(), ESNRegressor(8, random_state=0)),
            {"esnregressor__alpha": [0.1, 1.0]},
            "Pipeline",
        ),
        (
            ESNRegressor(8, random_state=0),
            {"readout": [None, Ridge(0.1)], "leak_rate": [0.3, 1.0]},
            "readout",
        ),
    ],
)
def test_the_ordinary_way_is_said_once(esn, grid, reason):
    with pytest.warns(UserWarning, match=reason) as told:
        ours = ReservoirSearchCV(esn, grid, cv=KFold(3)).fit(X, NUMBERS)
    assert len(told) == 1
    theirs = GridSearchCV(esn, grid, cv=KFold(3)).fit(X, NUMBERS)
    if reason != "random_state=None":
        np.testing.assert_allclose(
            ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"], rtol=1e-8
        )
        assert ours.best_index_ == theirs.best_index_


@pytest.mark.compiled
def test_a_readout_of_ones_own_with_the_same_alpha():
    esn = ESNClassifier(8, readout=RidgeReadoutClassifier(0.3), random_state=0)
    with pytest.warns(UserWarning, match="ordinary way"):
        own = ReservoirSearchCV(esn, {"leak_rate": [0.2, 0.9]}).fit(X, LABELS)
    default = ReservoirSearchCV(
        ESNClassifier(8, alpha=0.3, random_state=0), {"leak_rate": [0.2, 0.9]}
    ).fit(X, LABELS)
    np.testing.assert_allclose(
        own.cv_results_["mean_test_score"], default.cv_results_["mean_test_score"]
    )


@pytest.mark.compiled
def test_given_random_states_are_left_as_they_are(fused):
    state = np.random.RandomState(5)
    esn = ESNRegressor(12, random_state=state)
    before = state.get_state()[1].copy()
    assert_same(*twins(esn, GRID, X, NUMBERS))
    np.testing.assert_array_equal(state.get_state()[1], before)
