"""Intrinsic plasticity against its formulas, and in every estimator."""

import pickle

import numpy as np
import pytest
from scipy import stats
from sklearn.base import clone
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
    RidgeReadout,
    _budgets,
)
from dlkit.reservoir import (
    ES2N,
    Clockwork,
    Context,
    Feedback,
    InputWeights,
    IntrinsicPlasticity,
    Layers,
    Leaky,
    Residual,
    diagnose,
    gradient_norms,
)

from .. import naive, naive_cells, naive_plasticity
from .test_estimators import STEP_LEVEL

rng = np.random.RandomState(0)
LENGTHS = (5, 12, 3, 9, 7, 30, 4, 6, 11, 8)
RAGGED = [rng.randn(n, 2) for n in LENGTHS]
LABELS = np.arange(len(RAGGED)) % 2
SERIES = np.sin(0.3 * np.arange(150))[:, None] * [1.0, 0.5] + [0.0, 1.0]
N = 9
QUICK = IntrinsicPlasticity(0.1, std=0.3, learning_rate=0.01, n_passes=2)
KINDS = {
    "plain": {},
    "dense": {"topology": "dense", "leak_rate": np.linspace(0.2, 1.0, N)},
    "ring": {"topology": "ring", "leak_rate": 0.4},
    "delays": {"cell": Leaky(delays=(1, 4)), "leak_rate": ("groups", 1, 5)},
    "delays, dense": {"cell": Leaky(delays=(2, 3)), "topology": "dense"},
    "no W": {"cell": Leaky(delays=(1, 2)), "topology": "dense", "spectral_radius": 0.0},
    "logistic": {"activation": "logistic", "leak_rate": 0.5},
    "sparse input": {"input_weights": InputWeights(density=0.5)},
    "es2n": {"cell": "es2n", "leak_rate": 0.3},
    "es2n, ring, delays": {"cell": ES2N(path="ring", delays=(1, 4))},
    "residual": {"cell": Residual(path="hadamard", alpha=0.7)},
    "residual, identity": {"cell": Residual(path="identity", alpha=0.5), "activation": "logistic"},
    "clockwork": {"cell": "clockwork", "leak_rate": 0.7},
    "clockwork, delays": {"cell": Clockwork(periods=[3, 1], delays=(1, 2)), "topology": "dense"},
}
kernels, compiled = pytest.mark.kernels, pytest.mark.compiled


def options(kind="plain", **others):
    return {"random_state": 0, "input_scaling": 0.5, "plasticity": QUICK} | KINDS[kind] | others


def drawn(n=N, **params):
    """The reservoir before it adapts."""
    return ReservoirStates(n, **params | {"plasticity": None}).fit(SERIES).reservoir_


def change(reservoir, y):
    if reservoir.activation == "tanh":
        return naive_plasticity.gaussian(y, 0.1, 0.3)
    return naive_plasticity.exponential(y, 0.1)


def check_gains(got, before, sequences, **how):
    """A reservoir is the one before with the twin's gains in its matrices."""
    twin = naive_plasticity.adapt(before, sequences, lambda y: change(before, y), 0.01, 2, **how)
    gain, shift = twin
    W = naive_cells.dense(before.matrix)
    np.testing.assert_allclose(naive_cells.dense(got.matrix), gain[:, None] * W, atol=1e-10)
    np.testing.assert_allclose(got.w_in, gain[:, None] * before.w_in, atol=1e-10)
    np.testing.assert_allclose(got.bias, gain * before.bias + shift, atol=1e-10)
    assert np.abs(gain - 1).max() > 0.01  # something was learned


# the rule


@kernels
@pytest.mark.parametrize("kind", KINDS)
def test_gains_follow_the_formula(kind):
    esn = ReservoirStates(N, **options(kind)).fit(RAGGED)
    check_gains(esn.reservoir_, drawn(**options(kind)), RAGGED)
    for got, x in zip(esn.transform(RAGGED), RAGGED, strict=True):
        want = naive_cells.states(esn.reservoir_, x)
        np.testing.assert_allclose(got, want, atol=1e-10)


@pytest.mark.parametrize("kind", ["plain", "delays"])
def test_washout_spans_and_starts(kind, monkeypatch):
    """Steps of the washout are run and not learned from, in stretches as in one go."""
    before = drawn(**options(kind))
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)  # stretches of 64 steps
    esn = ReservoirStates(N, washout=70, **options(kind)).fit(SERIES)
    check_gains(esn.reservoir_, before, [SERIES], washout=70)
    X = [np.column_stack([x, np.full(len(x), i)]) for i, x in enumerate(RAGGED)]
    esn = ReservoirStates(N, context=Context(2, enters="state"), **options(kind)).fit(X)
    weights = np.random.RandomState([before.noise_seed, 2]).uniform(-1, 1, (N, 1))
    starts = [np.tanh(weights[:, 0] * i) for i in range(len(X))]
    check_gains(esn.reservoir_, before, RAGGED, starts=starts)


@kernels
@pytest.mark.parametrize("skips", [False, True])
def test_layers_adapt_one_after_another(skips):
    layers = Layers([{}, {"plasticity": None}, {"activation": "logistic"}], skips=skips)
    layers.inputs = "all" if skips else "first"
    esn = ReservoirStates(N, layers=layers, **options()).fit(RAGGED)
    before = drawn(layers=layers, random_state=0, input_scaling=0.5)
    found = [[] for _ in RAGGED]
    for k, (layer, old) in enumerate(zip(esn.reservoir_.layers, before.layers, strict=True)):
        heard = [([x] if k == 0 or skips else []) for x in RAGGED]
        below = [f if skips else f[-1:] for f in found]
        heard = [np.hstack([*h, *b]) for h, b in zip(heard, below, strict=True)]
        if k == 1:
            np.testing.assert_array_equal(layer.w_in, old.w_in)
        else:
            check_gains(layer, old, heard)
        for f, h in zip(found, heard, strict=True):
            f.append(naive_cells.states(layer, h))
    for got, f in zip(esn.transform(RAGGED), found, strict=True):
        np.testing.assert_allclose(got, np.hstack(f), atol=1e-10)


def test_both_directions_are_learned_from():
    both = [s for x in RAGGED for s in (x, x[::-1])]
    for make in (ReservoirStates, ReservoirFeatures):
        esn = make(N, bidirectional=True, **options(leak_rate=0.7)).fit(RAGGED)
        check_gains(esn.reservoir_, drawn(**options(leak_rate=0.7)), both)


def test_true_outputs_are_learned_from():
    target = np.roll(SERIES[:, 0], 3)
    esn = ESNForecaster(N, feedback=Feedback(scaling=0.8), **options(), scaling=None).fit(
        SERIES, target
    )
    plain = clone(esn).set_params(plasticity=None).fit(SERIES, target)
    fed = np.column_stack([SERIES, np.r_[0.0, target[:-1]]])
    check_gains(esn.reservoir_, plain.reservoir_, [fed])


@compiled
@pytest.mark.parametrize(("mean", "std"), [(None, 0.2), (0.0, 0.4), (0.3, 0.15), (-0.2, 0.3)])
@pytest.mark.parametrize("how", [{}, {"cell": Leaky(delays=(1, 7))}, {"topology": "ring"}])
def test_tanh_units_come_to_a_gaussian(mean, std, how):
    u = np.random.RandomState(1).uniform(-1, 1, (6000, 1))
    plasticity = IntrinsicPlasticity(mean, std=std)
    shared = {"input_scaling": 1.0, "random_state": 0} | how
    esn = ReservoirStates(40, plasticity=plasticity, **shared).fit(u)
    states = esn.transform(u)[200:]
    assert np.abs(states.mean(axis=0) - (mean or 0.0)).max() < 0.1
    assert np.abs(states.std(axis=0) / std - 1).mean() < 0.1
    before = clone(esn).set_params(plasticity=None).fit(u).transform(u)[200:]

    def away(x):
        return stats.kstest(x.ravel()[::7], stats.norm(mean or 0.0, std).cdf).statistic

    assert away(states) < min(0.06, away(before) / 1.5)


@compiled
@pytest.mark.parametrize("mean", [None, 0.1, 0.3])
def test_logistic_units_come_to_an_exponential(mean):
    u = np.random.RandomState(1).uniform(-1, 1, (6000, 1))
    plasticity = IntrinsicPlasticity(mean, learning_rate=0.005)
    shared = {"activation": "logistic", "input_scaling": 1.0, "random_state": 0}
    esn = ReservoirStates(40, plasticity=plasticity, **shared).fit(u)
    states = esn.transform(u)[200:]
    wanted = 0.2 if mean is None else mean
    assert np.abs(states.mean(axis=0) / wanted - 1).max() < 0.25
    before = clone(esn).set_params(plasticity=None).fit(u).transform(u)[200:]

    def away(x):
        return stats.kstest(x.ravel()[::7], stats.expon(scale=wanted).cdf).statistic

    assert away(states) < 0.08 < 0.3 < away(before)


def test_the_radius_is_that_before_the_gains():
    esn = ReservoirStates(30, **options(spectral_radius=0.8)).fit(SERIES)
    assert esn.reservoir_.recurrent.spectral_radius == 0.8
    assert abs(diagnose(drawn(30, **options(spectral_radius=0.8))).spectral_radius - 0.8) < 1e-6
    assert abs(diagnose(esn).spectral_radius - 0.8) > 0.01
    with pytest.raises(ValueError, match="hand over an estimator that is fitted"):
        gradient_norms(clone(esn), SERIES)
    assert gradient_norms(esn, SERIES, n_steps=3).shape == (1, 4)


# estimators


@kernels
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("pooling", list(naive.POOLINGS))
def test_features_and_sequence_estimators(pooling, dtype):
    X = [x.astype(dtype) for x in RAGGED]
    esn = ReservoirFeatures(N, pooling=pooling, washout=1, **options(leak_rate=0.5))
    got = esn.fit_transform(X)
    assert got.dtype == dtype
    want = [naive.POOLINGS[pooling](naive_cells.estimator_states(esn, x)[1:]) for x in X]
    np.testing.assert_allclose(got, want, atol=1e-10 if dtype == np.float64 else 2e-5)
    np.testing.assert_array_equal(got, esn.transform(X))
    y = np.array(LENGTHS, dtype=float)
    shared = options(pooling=pooling, washout=1, alpha=0.3, leak_rate=0.5)
    regressor = ESNRegressor(N, **shared).fit(X, y)
    readout = RidgeReadout(0.3).fit(got, y)
    np.testing.assert_allclose(regressor.predict(X), readout.predict(got), atol=1e-3)
    assert set(ESNClassifier(N, **shared).fit(X, LABELS).predict(X)) <= {0, 1}


@pytest.mark.parametrize("kind", ["plain", "delays"])
def test_step_estimators_and_the_closed_loop(kind):
    shared = options(kind, washout=5, alpha=0.3)
    esn = ESNForecaster(N, **shared, scaling=None).fit(SERIES)
    F = naive_cells.estimator_states(esn, SERIES)
    coef, intercept = naive.ridge(F[5:-1], SERIES[6:], 0.3)
    np.testing.assert_allclose(esn.predict(SERIES), F @ coef + intercept, atol=1e-9)
    want = naive_cells.closed_loop(esn, coef, intercept, SERIES, 9)
    np.testing.assert_allclose(esn.forecast(9), want, atol=1e-8)
    labels = SERIES[:, 0] > 0
    tagger = ESNTagger(N, **shared).fit(SERIES, labels)
    coef, intercept = naive.ridge(F[5:], 2.0 * labels[5:] - 1, 0.3)
    want = (F @ coef + intercept)[:, 0]
    np.testing.assert_allclose(tagger.decision_function(SERIES), want, atol=1e-9)


def test_streams_adapt_to_the_first_piece():
    esn = ESNForecaster(N, readout=RidgeReadout(0.3, solver="moments"), **options(), scaling=None)
    for piece in np.array_split(SERIES, [60, 61]):
        esn.partial_fit(piece)
    check_gains(esn.reservoir_, drawn(**options()), [SERIES[:60]])
    shared = options(leak_rate=0.5)
    regressor = ESNRegressor(N, readout=RidgeReadout(0.3, solver="moments"), **shared)
    regressor.partial_fit(RAGGED[:4], LABELS[:4]).partial_fit(RAGGED[4:], LABELS[4:])
    check_gains(regressor.reservoir_, drawn(**shared), RAGGED[:4])


@pytest.mark.compiled
def test_pickles_clones_and_verbose(capsys):
    ESNForecaster(N, **options(), scaling=None).fit(SERIES)  # what it needs is compiled
    capsys.readouterr()
    esn = ESNForecaster(N, **options(verbose=1), scaling=None).fit(SERIES)
    assert capsys.readouterr().out == ""  # it was quick
    again = pickle.loads(pickle.dumps(esn))
    np.testing.assert_array_equal(again.predict(SERIES), esn.predict(SERIES))
    np.testing.assert_array_equal(clone(esn).fit(SERIES).predict(SERIES), esn.predict(SERIES))
    assert clone(esn).plasticity is not QUICK
    assert esn.get_params()["plasticity__std"] == 0.3
    assert QUICK.get_params() == {"mean": 0.1, "std": 0.3, "learning_rate": 0.01, "n_passes": 2}


@compiled
def test_searches_agree():
    grid = {"plasticity": [None, QUICK, IntrinsicPlasticity(0.2)], "alpha": [0.1, 10.0]}
    grid["spectral_radius"] = [0.5, 0.9]
    shared = {"random_state": 0}
    for esn, data, cv in (
        (ESNRegressor(N, **shared), (RAGGED, np.array(LENGTHS)), KFold(3)),
        (ESNForecaster(N, washout=2, **shared, scaling=None), (SERIES,), TimeSeriesSplit(3)),
        (ESNForecaster(N, **shared), (SERIES,), TimeSeriesSplit(3)),
        (ESNTagger(N, layers=2, **shared), (SERIES, SERIES[:, 0] > 0), TimeSeriesSplit(3)),
    ):
        how = {"cv": cv, "return_train_score": True}
        want = GridSearchCV(esn, grid, **how).fit(*data)
        got = ReservoirSearchCV(esn, grid, **how).fit(*data)
        for key in ("mean_test_score", "mean_train_score"):
            np.testing.assert_allclose(got.cv_results_[key], want.cv_results_[key], atol=1e-8)
    nested = {"plasticity__std": [0.1, 0.4], "alpha": [0.1, 1.0]}
    esn = ESNClassifier(N, plasticity=QUICK, **shared)
    want = GridSearchCV(esn, nested, cv=3).fit(RAGGED, LABELS).cv_results_["mean_test_score"]
    got = ReservoirSearchCV(esn, nested, cv=3).fit(RAGGED, LABELS).cv_results_["mean_test_score"]
    np.testing.assert_allclose(got, want, atol=1e-10)


ONLINE = {
    "check_sample_weight_equivalence_on_dense_data": "an unlabelled sequence that is repeated is "
    "adapted to twice"
}


@compiled
@parametrize_with_checks(
    [
        # some checks' inputs are near 100
        make(15, input_scaling=0.003, plasticity=QUICK)
        for make in (ReservoirFeatures, ESNClassifier, ESNForecaster)
    ],
    expected_failed_checks=lambda e: (
        STEP_LEVEL if isinstance(e, ESNForecaster) else ONLINE if hasattr(e, "predict") else {}
    ),
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


# bad input


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"plasticity": "gaussian"}, "plasticity.*'gaussian'"),
        ({"plasticity": IntrinsicPlasticity(1.0)}, "mean.*Got 1.0"),
        ({"plasticity": IntrinsicPlasticity(std=0.0)}, "std.*Got 0.0"),
        ({"plasticity": IntrinsicPlasticity(learning_rate=-1)}, "learning_rate.*Got -1"),
        ({"plasticity": IntrinsicPlasticity(n_passes=0)}, "n_passes.*Got 0"),
        ({"plasticity": IntrinsicPlasticity(learning_rate=1e3)}, "learning_rate=1000.*smaller"),
        ({"activation": "relu"}, "'tanh'.*'logistic'.*got activation='relu'"),
        ({"activation": np.sin}, "'tanh'.*'logistic'.*got activation="),
        (
            {"activation": "logistic", "plasticity": IntrinsicPlasticity(-0.1)},
            "mean=-0.1 must be above 0",
        ),
        ({"cell": "gru"}, "'leaky', 'es2n', 'residual', 'clockwork', .*got cell=GRU"),
        ({"topology": "hadamard"}, "'hadamard' has no list of links, which .*plasticity"),
        ({"layers": [{}, {"plasticity": 1}]}, "plasticity.*Got 1"),
    ],
)
@pytest.mark.parametrize("make", [ReservoirStates, ReservoirFeatures, ESNRegressor])
def test_bad_parameters(make, params, match):
    data = (SERIES,) if make is ReservoirStates else (RAGGED, np.array(LENGTHS))
    esn = make(N, **options() | params)
    before = dict(vars(esn))
    with pytest.raises((ValueError, TypeError), match=match):
        esn.fit(*data)
    assert vars(esn) == before
