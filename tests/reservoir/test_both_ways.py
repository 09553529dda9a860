"""Both directions: features of two passes joined, states of two passes at the same step."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import r2_score
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
    RLSReadout,
    _budgets,
)
from dlkit.metrics import make_sequence_scorer
from dlkit.reservoir import ModelSpace
from dlkit.reservoir._engine.both_ways import both_ways, mirror
from dlkit.sequences import pack

from .. import naive, naive_paths
from .test_estimators import STEP_LEVEL

rng = np.random.RandomState(0)
LENGTHS = (5, 12, 3, 9, 7, 30, 4, 6, 11, 8)
RAGGED = [rng.randn(n, 2) for n in LENGTHS]
LABELS = np.arange(len(RAGGED)) % 2
SERIES = rng.randn(90, 2)
LATER = np.r_[SERIES[4:, 0], np.zeros(4)]  # what only a look ahead can tell


def passes(estimator, x):
    return naive_paths.both_directions(lambda s: naive.estimator_states(estimator, s), x)


def joined(estimator, x):
    """States of both passes at the same step, then the input."""
    n = estimator.reservoir_.n_units
    there, back = passes(estimator, x)
    return np.hstack([there[:, :n], back[::-1, :n], there[:, n:]])


@pytest.mark.kernels
def test_sequences_turned_around():
    batch = pack(RAGGED[:3])
    turned = batch.values[mirror(batch.offsets)]
    for i, x in enumerate(RAGGED[:3]):
        np.testing.assert_array_equal(turned[batch.offsets[i] : batch.offsets[i + 1]], x[::-1])
    both = both_ways(batch.part(1, 3))
    assert (len(both), both.first) == (4, 2)
    for i, x in enumerate([RAGGED[1], RAGGED[1][::-1], RAGGED[2], RAGGED[2][::-1]]):
        np.testing.assert_array_equal(both[i], x)


@pytest.mark.kernels
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("passthrough", [False, True])
@pytest.mark.parametrize("pooling", list(naive.POOLINGS))
def test_features_are_those_of_both_passes(pooling, passthrough, dtype):
    X = [x.astype(dtype) for x in RAGGED]
    model = ReservoirFeatures(
        11, bidirectional=True, pooling=pooling, washout=2, passthrough=passthrough, random_state=3
    )
    got = model.fit_transform(X)
    pool = naive.POOLINGS[pooling]
    want = [np.concatenate([pool(states[2:]) for states in passes(model, x)]) for x in X]
    assert got.dtype == dtype
    assert got.shape == (len(X), len(model.get_feature_names_out()))
    np.testing.assert_allclose(got, want, atol=1e-10 if dtype == np.float64 else 2e-5)
    np.testing.assert_array_equal(got, model.transform(X))


def test_model_space_has_pooling_of_both_passes():
    model = ReservoirFeatures(11, bidirectional=True, pooling=ModelSpace(3), random_state=0).fit(
        RAGGED
    )
    states = np.concatenate([np.vstack(passes(model, x)) for x in RAGGED])
    np.testing.assert_allclose(model.pooling_.mean, states.mean(axis=0), atol=1e-10)
    space = model.pooling_.mean, model.pooling_.components, model.pooling_.alpha
    want = [
        np.concatenate([naive.model_space(s, *space) for s in passes(model, x)]) for x in RAGGED
    ]
    np.testing.assert_allclose(model.transform(RAGGED), want, atol=1e-9)


def test_classifier_and_regressor_are_ridge_on_both_passes():
    target = np.array(LENGTHS, dtype=float)
    esn = ESNRegressor(9, bidirectional=True, alpha=0.3, random_state=0).fit(RAGGED, target)
    F = np.array(
        [np.concatenate([naive.pool_last_mean(s) for s in passes(esn, x)]) for x in RAGGED]
    )
    coef, intercept = naive.ridge(F, target, 0.3)
    np.testing.assert_allclose(esn.predict(RAGGED), (F @ coef + intercept)[:, 0], atol=1e-8)
    esn = ESNClassifier(9, bidirectional=True, alpha=0.3, random_state=0).fit(RAGGED, LABELS)
    F = np.array(
        [np.concatenate([naive.pool_statistics(s) for s in passes(esn, x)]) for x in RAGGED]
    )
    coef, intercept = naive.ridge(F, 2.0 * LABELS - 1, 0.3)
    want = (F @ coef + intercept)[:, 0]
    np.testing.assert_allclose(esn.decision_function(RAGGED), want, atol=1e-8)


def test_streams_of_sequences_and_blocks(monkeypatch):
    esn = ESNRegressor(9, bidirectional=True, alpha=0.3, noise=0.01, random_state=0)
    target = np.array(LENGTHS, dtype=float)
    whole = clone(esn).fit(RAGGED, target)
    parts = clone(esn)
    for rows in np.split(np.arange(len(RAGGED)), [1, 4]):
        parts.partial_fit([RAGGED[i] for i in rows], target[rows])
    np.testing.assert_allclose(parts.predict(RAGGED), whole.predict(RAGGED), atol=1e-6)
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    monkeypatch.setattr(_budgets, "INPUT_WEIGHT", 1)
    blocks = clone(esn).fit(RAGGED, target)
    np.testing.assert_allclose(blocks.predict(RAGGED), whole.predict(RAGGED), atol=1e-8)


@pytest.mark.kernels
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("passthrough", [False, True])
def test_states_of_both_passes_at_the_same_step(passthrough, dtype):
    X = [x.astype(dtype) for x in RAGGED]
    model = ReservoirStates(11, bidirectional=True, passthrough=passthrough, random_state=0).fit(X)
    for got, x in zip(model.transform(X), X, strict=True):
        assert got.dtype == dtype
        want = joined(model, x)
        np.testing.assert_allclose(got, want, atol=1e-10 if dtype == np.float64 else 2e-5)
    assert len(model.get_feature_names_out()) == want.shape[1]
    start = rng.randn(11)
    got = model.transform(X[:1], initial_state=start)[0]
    want = naive.states(*_parts(model), X[0], start)
    np.testing.assert_allclose(got[:, :11], want, atol=1e-10 if dtype == np.float64 else 2e-5)
    np.testing.assert_array_equal(got[:, 11:22], model.transform(X[:1])[0][:, 11:22])


def _parts(model):
    r = model.reservoir_
    return r.matrix, r.w_in, r.bias, r.leak_rate, r.activation


def test_forecaster_and_tagger_look_ahead():
    esn = ESNForecaster(30, bidirectional=True, washout=5, alpha=1e-2, random_state=0, scaling=None)
    esn.fit(SERIES, LATER)
    F = joined(esn, SERIES)
    coef, intercept = naive.ridge(F[5:], LATER[5:], 1e-2)
    np.testing.assert_allclose(esn.predict(SERIES), (F @ coef + intercept)[:, 0], atol=1e-8)
    assert (
        esn.score(SERIES, LATER)
        > 0.9
        > clone(esn).set_params(bidirectional=False).fit(SERIES, LATER).score(SERIES, LATER)
    )
    labels = LATER > 0
    tagger = ESNTagger(30, bidirectional=True, washout=5, alpha=1e-2, random_state=0)
    tagger.fit([SERIES[:40], SERIES[40:]], [labels[:40], labels[40:]])
    F = np.vstack([joined(tagger, SERIES[:40])[5:], joined(tagger, SERIES[40:])[5:]])
    signs = 2.0 * np.r_[labels[5:40], labels[45:]] - 1
    coef, intercept = naive.ridge(F, signs, 1e-2)
    want = (joined(tagger, SERIES) @ coef + intercept)[:, 0]
    np.testing.assert_allclose(tagger.decision_function(SERIES), want, atol=1e-8)
    again = pickle.loads(pickle.dumps(tagger))
    np.testing.assert_array_equal(again.predict(SERIES), tagger.predict(SERIES))


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize("readout", [None, RLSReadout(0.1)])
def test_a_long_mapped_series_is_fitted_in_blocks(monkeypatch, tmp_path, noise, readout):
    np.save(tmp_path / "x.npy", SERIES)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    esn = ESNForecaster(9, bidirectional=True, washout=5, noise=noise, random_state=0, scaling=None)
    esn.set_params(readout=readout or RidgeReadout(0.1, selection="gcv"))
    parts, targets = [SERIES[:50], SERIES[50:]], [LATER[:50], LATER[50:]]
    kept = clone(esn).fit(SERIES, LATER), clone(esn).fit(parts, targets)
    want = kept[0].predict(SERIES)
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)  # 64 steps
    summed = clone(esn).fit(mapped, LATER), clone(esn).fit(parts, targets)
    for a, b in zip(summed, kept, strict=True):
        np.testing.assert_allclose(a.readout_.coef_, b.readout_.coef_, atol=1e-8)
        np.testing.assert_array_equal(a.final_state_, b.final_state_)
    np.testing.assert_allclose(kept[0].predict(mapped), want, atol=1e-10)


@pytest.mark.compiled  # uncompiled, NumPy warns of the overflow itself
@pytest.mark.parametrize("layers", [None, 2])
def test_errors_name_sequences_by_the_callers_numbers(layers):
    wild = {"activation": "identity", "spectral_radius": 1e12, "layers": layers}
    X = [*RAGGED[:2], np.zeros((4, 2)), np.ones((60, 2)), np.ones((70, 2))]
    X = [np.zeros_like(x[:3]) if len(x) < 60 else x for x in X]
    for make in (ReservoirFeatures, ReservoirStates):
        esn = make(9, bidirectional=True, bias_scaling=0.0, **wild)
        with pytest.raises(ValueError, match="not finite at the end of sequence 3:"):
            esn.fit(X).transform(X)


def test_whole_series_in_a_stream():
    esn = ESNForecaster(9, bidirectional=True, alpha=0.1, random_state=0, scaling=None)
    for x, y in ((SERIES[:40], LATER[:40]), (SERIES[40:], LATER[40:])):
        esn.partial_fit(x, y, new_series=True)
    want = clone(esn).fit([SERIES[:40], SERIES[40:]], [LATER[:40], LATER[40:]])
    np.testing.assert_allclose(esn.predict(SERIES), want.predict(SERIES), atol=1e-6)
    before = vars(esn).copy()
    with pytest.raises(ValueError, match="bidirectional=True needs each series to its end"):
        esn.partial_fit(SERIES, LATER)
    assert vars(esn) == before


def test_the_next_step_cannot_be_the_target():
    for call in ("fit", "partial_fit"):
        with pytest.raises(
            ValueError, match="bidirectional=True requires y to be passed.*readout sees the steps"
        ):
            getattr(ESNForecaster(9, bidirectional=True, scaling=None), call)(SERIES)
    with pytest.raises(ValueError, match="bidirectional"):
        ESNForecaster(9, bidirectional="yes", scaling=None).fit(SERIES, LATER)


@pytest.mark.compiled
@pytest.mark.parametrize("options", [{}, {"noise": 0.01}, {"pooling": ModelSpace(3)}])
def test_searches_over_sequences_agree(options):
    grid = {"bidirectional": [False, True], "leak_rate": [0.3, 1.0], "alpha": [0.1, 10.0]}
    esn, cv = ESNClassifier(9, random_state=0, **options), KFold(3)
    for X in (RAGGED, np.stack([x[:3] for x in RAGGED])):
        want = GridSearchCV(esn, grid, cv=cv, scoring="neg_brier_score").fit(X, LABELS)
        got = ReservoirSearchCV(esn, grid, cv=cv, scoring="neg_brier_score").fit(X, LABELS)
        for name in ("mean_test_score", "std_test_score"):
            np.testing.assert_allclose(got.cv_results_[name], want.cv_results_[name], atol=1e-10)


@pytest.mark.compiled
def test_searches_over_steps_agree():
    grid = {"bidirectional": [False, True], "leak_rate": [0.3, 1.0], "alpha": [0.1, 10.0]}
    esn = ESNForecaster(9, washout=2, random_state=0, scaling=None)
    parts, targets = np.split(SERIES, 6), np.split(LATER, 6)
    for X, y, cv, more in (
        (SERIES, LATER, TimeSeriesSplit(3), {}),
        (parts, targets, KFold(3), {"scoring": make_sequence_scorer(r2_score)}),
    ):
        want = GridSearchCV(esn, grid, cv=cv, **more).fit(X, y).cv_results_
        got = ReservoirSearchCV(esn, grid, cv=cv, **more).fit(X, y).cv_results_
        np.testing.assert_allclose(got["mean_test_score"], want["mean_test_score"], atol=1e-8)


def expected(estimator):
    """As of the estimators without this option, and what would cut a series short."""
    if isinstance(estimator, ReservoirStates):
        return {k: v for k, v in STEP_LEVEL.items() if "weight" not in k}
    if isinstance(estimator, ESNForecaster | ESNTagger):
        cut = "partial_fit after fit would go on with a series that was given to its end"
        return STEP_LEVEL | {"check_fit_score_takes_y": cut}
    return {}


@pytest.mark.compiled
@parametrize_with_checks(
    [
        ESNClassifier(20, bidirectional=True),
        ESNRegressor(20, bidirectional=True),
        ReservoirFeatures(20, bidirectional=True),
        ESNForecaster(20, bidirectional=True),
        ESNTagger(20, bidirectional=True),
        ReservoirStates(20, bidirectional=True),
    ],
    expected_failed_checks=expected,
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)
