"""A context: a fixed vector for each sequence, as input, as first state, or both."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    ReservoirFeatures,
    ReservoirSearchCV,
    ReservoirStates,
    _budgets,
)
from dlkit.forecasting import Horizon
from dlkit.reservoir import Context, _driver

from .. import naive

rng = np.random.RandomState(0)
LENGTHS = (5, 12, 3, 9, 7, 30, 4, 6, 11, 8)
CONTEXT = [1, 3]
MODES = ["both", "input", "state"]
DRIVING = {"both": [0, 1, 2, 3], "input": [0, 1, 2, 3], "state": [0, 2]}


def with_context(x, context):
    """Series of two channels with a context of two between and behind them."""
    held = np.broadcast_to(context, (len(x), 2))
    return np.column_stack([x[:, 0], held[:, 0], x[:, 1], held[:, 1]])


RAGGED = [with_context(rng.randn(n, 2), rng.randn(2)) for n in LENGTHS]
LABELS = np.arange(len(RAGGED)) % 2
ANGLE = 0.3 * np.arange(80)
WAVES = [
    with_context(np.c_[a * np.sin(ANGLE), a * np.cos(ANGLE)], [a, -a]) for a in (0.5, 1.0, 0.8)
]


def first_state(model, x):
    """tanh(scaling W_c c), where the context sets the state."""
    r = model.reservoir_
    if model.context.enters == "input":
        return np.zeros(r.n_units)
    weights = np.random.RandomState([r.noise_seed, 2]).uniform(-1, 1, (r.n_units, 2))
    return np.tanh(model.context.scaling * weights @ x[0, CONTEXT])


def oracle(model, x):
    r, u = model.reservoir_, x[:, DRIVING[model.context.enters]]
    how = r.matrix, r.w_in, r.bias, r.leak_rate, r.activation
    states = naive.states(*how, u, first_state(model, x))
    return np.hstack([states, u]) if model.passthrough else states


@pytest.mark.kernels
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_states_and_features_follow_the_formula(mode, bidirectional, dtype):
    X = [x.astype(dtype) for x in RAGGED]
    options = {
        "context": Context(CONTEXT, enters=mode, scaling=1.0 if mode == "input" else 0.7),
        "passthrough": True,
        "bidirectional": bidirectional,
        "random_state": 0,
    }
    tolerance = 1e-10 if dtype == np.float64 else 2e-5
    model = ReservoirStates(11, **options).fit(X)
    for got, x in zip(model.transform(X), X, strict=True):
        want = oracle(model, x)
        if bidirectional:
            want = np.hstack([want[:, :11], oracle(model, x[::-1])[::-1, :11], want[:, 11:]])
        np.testing.assert_allclose(got, want, atol=tolerance)
        assert got.dtype == dtype
    pooled = ReservoirFeatures(11, pooling="moments", **options)
    want = []
    got = pooled.fit_transform(X)
    for x in X:
        passes = [x, x[::-1]] if bidirectional else [x]
        want.append(np.concatenate([naive.pool_moments(oracle(pooled, p)) for p in passes]))
    np.testing.assert_allclose(got, want, atol=tolerance)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("passthrough", [False, True])
@pytest.mark.parametrize("increments", [False, True])
def test_forecasts_hold_the_context(mode, passthrough, increments, monkeypatch):
    esn = ESNForecaster(
        20,
        context=Context(CONTEXT, enters=mode),
        passthrough=passthrough,
        horizon=Horizon(increments=increments),
        washout=5,
        alpha=1e-3,
        random_state=0,
        scaling=None,
    ).fit(WAVES)
    free = [0, 2]
    F = np.vstack([oracle(esn, x)[5:-1] for x in WAVES])
    Y = np.vstack([x[6:, free] - increments * x[5:-1, free] for x in WAVES])
    coef, intercept = naive.ridge(F, Y, 1e-3)
    got = esn.forecast(12)
    for x, ahead, predicted in zip(WAVES, got, esn.predict(WAVES), strict=True):
        rows = oracle(esn, x)
        want = rows @ coef + intercept + increments * x[:, free]
        np.testing.assert_allclose(predicted, want, atol=1e-7)
        series, outputs = x, [want[-1]]
        for _ in range(11):  # from the start each time
            step = with_context(outputs[-1][None], x[0, CONTEXT])
            series = np.vstack([series, step])
            last = oracle(esn, series)[-1] @ coef + intercept
            outputs.append(last + increments * series[-1, free])
        np.testing.assert_allclose(ahead, outputs, atol=1e-5)
    assert 0.9 < esn.score(WAVES) <= 1
    again = esn.forecast(12, WAVES[1])
    np.testing.assert_allclose(again, got[1], atol=1e-7)
    # step by step, as for a readout that is not linear
    with monkeypatch.context() as patch:
        patch.setattr(_driver, "linear_map", lambda *args: None)
        np.testing.assert_allclose(esn.forecast(12)[1], got[1], atol=1e-8)
    kernel = (
        clone(esn).set_params(alpha="auto", readout=KernelRidge(1e-3, kernel="poly")).fit(WAVES)
    )
    assert [a.shape for a in kernel.forecast(3)] == [(3, 2)] * 3


@pytest.mark.parametrize("mode", MODES)
def test_pieces_and_blocks_give_what_the_whole_gives(mode, monkeypatch):
    esn = ESNForecaster(
        15, context=Context(CONTEXT, enters=mode), alpha=1e-2, random_state=0, scaling=None
    )
    whole = clone(esn).fit(WAVES)
    pieces = clone(esn)
    for start, stop in ((0, 1), (1, 30), (30, 80)):
        pieces.partial_fit([x[start:stop] for x in WAVES])
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    monkeypatch.setattr(_budgets, "LOOK_ROWS", 7)
    blocks = clone(esn).fit(WAVES)
    for other in (pieces, blocks, pickle.loads(pickle.dumps(whole))):
        np.testing.assert_allclose(other.forecast(5), whole.forecast(5), atol=1e-6)
        np.testing.assert_allclose(other.final_state_, whole.final_state_, atol=1e-12)


def test_the_context_matters_and_start_says_where_to_begin():
    other = [with_context(x[:, [0, 2]], [1.0, 2.0]) for x in RAGGED]
    for make in (ReservoirFeatures, ReservoirStates):
        model = make(9, context=Context(CONTEXT, enters="state"), random_state=0).fit(RAGGED)
        a, b = model.transform(RAGGED), model.transform(other)
        assert not np.allclose(a[0], b[0])
    model.set_params(start="fit").fit(RAGGED[:1])
    joined = np.vstack([RAGGED[0], RAGGED[0]])
    went_on = model.transform(RAGGED[0])
    np.testing.assert_allclose(went_on, oracle(model, joined)[5:], atol=1e-10)


@pytest.mark.compiled
@pytest.mark.parametrize("options", [{}, {"noise": 0.01}, {"bidirectional": True}])
def test_searches_agree(options):
    grid = [
        {"context__enters": MODES, "leak_rate": [0.3, 1.0], "alpha": [0.1, 10.0]},
        {"context": [Context([1], scaling=0.5), Context([3, 1], scaling=2.0)]},
    ]
    esn = ESNClassifier(9, context=Context(CONTEXT), random_state=0, **options)
    common = {"cv": KFold(3), "scoring": "neg_brier_score"}
    want = GridSearchCV(esn, grid, **common).fit(RAGGED, LABELS).cv_results_
    got = ReservoirSearchCV(esn, grid, **common).fit(RAGGED, LABELS).cv_results_
    np.testing.assert_allclose(got["mean_test_score"], want["mean_test_score"], atol=1e-9)
    if "bidirectional" in options:
        return
    for scaling in (None, "standard"):
        esn = ESNForecaster(9, context=CONTEXT, random_state=0, **options, scaling=scaling)
        want = GridSearchCV(esn, grid, cv=TimeSeriesSplit(3)).fit(WAVES[0]).cv_results_
        got = ReservoirSearchCV(esn, grid, cv=TimeSeriesSplit(3)).fit(WAVES[0]).cv_results_
        np.testing.assert_allclose(got["mean_test_score"], want["mean_test_score"], atol=1e-8)


@pytest.mark.parametrize(
    "make",
    [ReservoirFeatures, ESNClassifier, ESNRegressor, ReservoirStates, ESNForecaster, ESNTagger],
)
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"context": 4}, "context must hold numbers of channels, from 0 to 3; got 4"),
        ({"context": [-1]}, "context must hold numbers of channels"),
        ({"context": [0.5]}, "context must hold numbers of channels"),
        ({"context": []}, "context must hold numbers of channels"),
        ({"context": [1, 1]}, "context must name each channel once"),
        ({"context": [0, 1, 2, 3]}, "leave one of the 4 channels"),
        ({"context": "x"}, "context"),
        ({"context": Context(0, enters="bias")}, "enters"),
        ({"context": Context(0, scaling=np.inf)}, "scaling"),
        ({"context": [0, 1]}, "stay the same throughout a sequence.* in sequence 0, step 1"),
    ],
)
def test_bad_contexts(make, options, match):
    y = LABELS
    if make in (ESNForecaster, ESNTagger):
        y = [np.arange(len(x)) % 2 for x in RAGGED]
    with pytest.raises((ValueError, TypeError), match=match):
        make(9, random_state=0, **options).fit(RAGGED, y)
    model = make(9, context=1, random_state=0).fit(RAGGED, y)
    spoiled = [x.copy() for x in RAGGED]
    spoiled[3][4:, 1] += 1
    with pytest.raises(ValueError, match="they change in sequence 3, step 4"):
        (model.predict if hasattr(model, "predict") else model.transform)(spoiled)


@pytest.mark.compiled
@parametrize_with_checks([ESNClassifier(20)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)
