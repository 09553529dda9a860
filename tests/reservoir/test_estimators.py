"""The four echo state networks: against the oracle, in scikit-learn's company, over time."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
    train_test_split,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    PerStep,
    ReservoirFeatures,
    RidgeReadout,
    _budgets,
)
from dlkit.datasets import make_mackey_glass, make_narma
from dlkit.metrics import nrmse
from dlkit.reservoir._learning.feedback import linear_map

from .. import naive


def walks(n=40, seed=0, channels=1):
    """Rising and falling random walks of unequal length, and which is which."""
    r = np.random.RandomState(seed)
    y = np.arange(n) % 2
    return [np.cumsum(r.randn(r.randint(15, 40), channels) + 2 * c - 1, axis=0) for c in y], y


X, Y = walks()
SERIES = np.sin(0.3 * np.arange(300))[:, None] * [1.0, 0.5] + [0.0, 1.0]


# a target for each sequence


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("pooling", list(naive.POOLINGS))
def test_regressor_is_ridge_on_the_oracles_features(pooling, dtype):
    parts = [x.astype(dtype) for x in X]
    esn = ESNRegressor(15, pooling=pooling, alpha=0.3, random_state=0)
    target = np.c_[Y, [len(x) for x in X]]
    esn.fit(parts[:30], target[:30])
    pool = naive.POOLINGS[pooling]
    F = np.array([pool(naive.estimator_states(esn, x)) for x in parts])
    coef, intercept = naive.ridge(F[:30], target[:30], 0.3)
    got = esn.predict(parts[30:])
    tolerance = 1e-8 if dtype == np.float64 else 2e-2
    np.testing.assert_allclose(got, F[30:] @ coef + intercept, atol=tolerance)


def test_classifier_is_ridge_on_signs():
    esn = ESNClassifier(15, alpha=0.3, random_state=0).fit(X[:30], Y[:30])
    F = np.array([naive.pool_moments(naive.estimator_states(esn, x)) for x in X])
    coef, intercept = naive.ridge(F[:30], 2.0 * Y[:30] - 1, 0.3)
    decision = (F[30:] @ coef + intercept)[:, 0]
    np.testing.assert_allclose(esn.decision_function(X[30:]), decision, atol=1e-8)
    np.testing.assert_array_equal(esn.predict(X[30:]), decision > 0)
    p = esn.predict_proba(X[30:])
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(p[:, 1], np.clip((decision + 1) / 2, 0, 1), atol=1e-8)
    assert esn.score(X[30:], Y[30:]) == 1.0


@pytest.mark.parametrize("readout", [LogisticRegression(), SVC(), KNeighborsClassifier()])
def test_any_classifier_can_read_out(readout):
    esn = ESNClassifier(30, readout=readout, random_state=0).fit(X[:30], Y[:30])
    assert type(esn.readout_) is type(readout)
    assert not hasattr(readout, "classes_")
    assert hasattr(esn, "predict_proba") == hasattr(readout, "predict_proba")
    assert hasattr(esn, "decision_function") == hasattr(readout, "decision_function")
    assert esn.score(X[30:], Y[30:]) >= 0.9
    F = ReservoirFeatures(30, random_state=0).fit_transform(X)
    np.testing.assert_array_equal(
        esn.predict(X[30:]), clone(readout).fit(F[:30], Y[:30]).predict(F[30:])
    )


def test_labels_of_any_kind():
    for names in (["b", "a"], np.array([7, 3]), np.array(["x", "yy"], dtype=object)):
        labels = np.asarray(names)[Y]
        esn = ESNClassifier(20, random_state=0).fit(X, labels)
        assert esn.classes_.tolist() == sorted(np.asarray(names).tolist())
        assert set(esn.predict(X)) <= set(names)
    three = np.array(["a", "b", "c"])[np.arange(len(X)) % 3]
    esn = ESNClassifier(20, random_state=0).fit(X, three)
    assert esn.decision_function(X).shape == (len(X), 3)
    np.testing.assert_allclose(esn.predict_proba(X).sum(axis=1), 1)


def test_weights_reach_the_readout():
    weight = np.where(np.arange(len(X)) < 20, 1.0, 0.0)
    weighted = ESNClassifier(20, alpha=1.0, random_state=0).fit(X, Y, weight)
    fewer = ESNClassifier(20, alpha=1.0, random_state=0).fit(X[:20], Y[:20])
    np.testing.assert_allclose(weighted.decision_function(X), fewer.decision_function(X))
    skewed = ESNClassifier(20, class_weight={0: 1, 1: 50}, random_state=0).fit(X, Y)
    assert skewed.predict(X).mean() >= Y.mean()
    few = np.r_[:20, 20:40:4]  # classes out of balance
    few_X, few_y = [X[i] for i in few], np.where(few < 20, 0, 1)
    balanced = ESNClassifier(20, class_weight="balanced", alpha=1.0, random_state=0)
    by_hand = np.where(few_y == 0, 25 / 2 / 20, 25 / 2 / 5)
    np.testing.assert_allclose(
        balanced.fit(few_X, few_y).decision_function(X),
        ESNClassifier(20, alpha=1.0, random_state=0)
        .fit(few_X, few_y, by_hand)
        .decision_function(X),
    )
    labels = SERIES[:, 0] > 0.5
    rare = ESNTagger(9, washout=5, class_weight={0: 1, 1: 30}, random_state=0)
    common = clone(rare).set_params(class_weight=None).fit(SERIES, labels)
    assert rare.fit(SERIES, labels).predict(SERIES).mean() > common.predict(SERIES).mean()
    with pytest.raises(ValueError, match="KNeighborsClassifier takes none"):
        ESNClassifier(20, readout=KNeighborsClassifier()).fit(X, Y, weight)


@pytest.mark.parametrize(
    "meta",
    [
        lambda e: VotingClassifier([("a", e), ("b", clone(e).set_params(random_state=1))]),
        lambda e: VotingClassifier([("a", e), ("b", clone(e))], voting="soft"),
        lambda e: StackingClassifier([("a", e)], cv=3),
        lambda e: CalibratedClassifierCV(e, cv=3),
        lambda e: make_pipeline(PerStep(StandardScaler()), e),
        lambda e: make_pipeline(
            make_union(ReservoirFeatures(9), ReservoirFeatures(8, pooling="last")),
            LogisticRegression(),
        ),
    ],
)
def test_lists_pass_through_scikit_learns_meta_estimators(meta):
    model = meta(ESNClassifier(20, random_state=0)).fit(X[:30], Y[:30])
    assert model.score(X[30:], Y[30:]) >= 0.9


@pytest.mark.compiled
def test_splits_searches_and_bagging():
    train, test, y_train, y_test = train_test_split(X, Y, random_state=0)
    grid = {"spectral_radius": [0.5, 0.9], "leak_rate": [0.1, 0.5], "pooling": ["mean", "last"]}
    search = GridSearchCV(ESNClassifier(15, random_state=0), grid, cv=3, n_jobs=2)
    assert search.fit(train, y_train).score(test, y_test) >= 0.9
    assert cross_val_predict(ESNClassifier(15, random_state=0), X, Y, cv=3).shape == Y.shape
    table = np.array([x[:15, 0] for x in X])  # bagging slices arrays, so it takes 2-D ones
    bag = BaggingClassifier(ESNClassifier(10), 5, random_state=0).fit(table, Y)
    assert bag.score(table, Y) >= 0.9


# a target for each time step


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("passthrough", [False, True])
def test_forecaster_is_ridge_on_the_oracles_states(passthrough, dtype):
    u = SERIES.astype(dtype)
    y = np.c_[np.roll(u[:, 0], 3), u[:, 1] ** 2]
    esn = ESNForecaster(15, washout=20, alpha=0.1, passthrough=passthrough, random_state=0).fit(
        u[:200], y[:200]
    )
    F = naive.estimator_states(esn, u)
    coef, intercept = naive.ridge(F[20:200], y[20:200], 0.1)
    tolerance = 1e-8 if dtype == np.float64 else 1e-3
    np.testing.assert_allclose(esn.predict(u), F @ coef + intercept, atol=tolerance)


def test_next_step_and_closed_loop_follow_the_oracle():
    for passthrough in (False, True):
        esn = ESNForecaster(15, washout=20, alpha=1e-3, passthrough=passthrough, random_state=0)
        esn.fit(SERIES[:200])
        F = naive.estimator_states(esn, SERIES)
        coef, intercept = naive.ridge(F[20:199], SERIES[21:200], 1e-3)
        np.testing.assert_allclose(esn.predict(SERIES), F @ coef + intercept, atol=1e-8)
        first = F[199] @ coef + intercept
        rest = naive.closed_loop(esn, coef, intercept, F[199, :15], first, 29)
        got = esn.forecast(30)
        np.testing.assert_allclose(got, np.vstack([first, rest]), atol=1e-6)
        # from the end of any series, and from any state
        np.testing.assert_allclose(esn.forecast(30, SERIES[:200]), got, atol=1e-9)
        tail = esn.forecast(30, SERIES[150:200], initial_state=F[149, :15])
        np.testing.assert_allclose(tail, got, atol=1e-9)
        np.testing.assert_array_equal(esn.forecast(5), got[:5])


def test_several_series_at_once():
    parts = [SERIES[:120], SERIES[30:90], SERIES[100:300]]
    esn = ESNForecaster(15, washout=10, alpha=1e-3, random_state=0).fit(parts)
    rows, targets = [], []
    for x in parts:
        rows.append(naive.estimator_states(esn, x)[10:-1])
        targets.append(x[11:])
    coef, intercept = naive.ridge(np.concatenate(rows), np.concatenate(targets), 1e-3)
    for got, x in zip(esn.predict(parts), parts, strict=True):
        np.testing.assert_allclose(
            got, naive.estimator_states(esn, x) @ coef + intercept, atol=1e-8
        )
    assert esn.final_state_.shape == (3, 15)
    ahead = esn.forecast(7)
    assert [a.shape for a in ahead] == [(7, 2)] * 3
    for a, x in zip(ahead, parts, strict=True):
        np.testing.assert_allclose(a, esn.forecast(7, x), atol=1e-9)
    cube = np.stack([SERIES[:50], SERIES[50:100]])
    assert esn.forecast(4, cube).shape == (2, 4, 2)
    assert 0.9 < esn.score(parts) <= 1
    flat = [x[:, 0] for x in parts]
    one = clone(esn).fit(flat)
    assert [a.shape for a in one.forecast(7)] == [(7,)] * 3
    assert [a.shape for a in one.predict(flat)] == [x.shape for x in flat]
    assert esn.score(parts, [np.roll(x, -1, axis=0) for x in parts]) <= 1


def plain(z):
    return z / (1 + abs(z))


@pytest.mark.parametrize(
    "readout",
    [
        Ridge(1e-3),
        LinearRegression(),
        RidgeReadout([1e-3, 1.0], selection="gcv"),
        KernelRidge(1e-3, kernel="poly"),
        make_pipeline(StandardScaler(), Ridge(1e-3)),
    ],
    ids=lambda r: type(r).__name__,
)
def test_any_regressor_closes_the_loop(readout):
    """Linear readouts run in the compiled loop, others step by step, to the same series."""
    esn = ESNForecaster(15, readout=readout, activation=plain, washout=5, random_state=0)
    esn.fit(SERIES)
    got = esn.forecast(6)
    assert (linear_map(esn.readout_, 2) is None) == (
        type(readout).__name__ in ("KernelRidge", "Pipeline")
    )
    x = np.array(SERIES)
    for t in range(6):  # one step ahead at a time, over the whole series again
        x = np.vstack([x, esn.predict(x)[-1]])
        np.testing.assert_allclose(got[t], x[-1], atol=1e-6)


def test_a_generalised_linear_readout_is_not_taken_for_a_linear_one():
    x = 1.5 + SERIES[:, :1]
    esn = ESNForecaster(15, readout=PoissonRegressor(alpha=1e-3), random_state=0)
    esn.fit(x, x[:, 0])
    assert linear_map(esn.readout_, 1) is None


def test_tagger_labels_every_step():
    r = np.random.RandomState(0)
    u = r.uniform(-1, 1, (400, 1))
    y = np.where(np.roll(u[:, 0], 2) > 0, "above", "below")
    esn = ESNTagger(40, leak_rate=1.0, washout=5, alpha=1e-3, random_state=0).fit(u[:300], y[:300])
    F = naive.estimator_states(esn, u)
    signs = np.where(y == "below", 1.0, -1.0)
    coef, intercept = naive.ridge(F[5:300], signs[5:300], 1e-3)
    decision = (F @ coef + intercept)[:, 0]
    np.testing.assert_allclose(esn.decision_function(u), decision, atol=1e-6)
    assert esn.score(u[300:], y[300:]) > 0.9
    np.testing.assert_allclose(esn.predict_proba(u).sum(axis=1), 1)
    parts, labels = [u[:100], u[100:150], u[150:300]], [y[:100], y[100:150], y[150:300]]
    several = ESNTagger(40, leak_rate=1.0, washout=5, random_state=0).fit(parts, labels)
    assert several.score(parts, labels) > 0.9
    assert [p.shape for p in several.predict_proba(parts)] == [(100, 2), (50, 2), (150, 2)]
    assert [p.shape for p in several.predict(parts)] == [(100,), (50,), (150,)]
    weights = [np.ones(len(p)) for p in parts]
    again = ESNTagger(40, leak_rate=1.0, washout=5, random_state=0).fit(parts, labels, weights)
    np.testing.assert_allclose(again.readout_.coef_, several.readout_.coef_, rtol=1e-6)
    assert several.score(parts, labels, weights) == several.score(parts, labels)


def test_zero_weight_takes_a_step_out_of_training_but_not_out_of_the_series():
    y = np.roll(SERIES[:, 0], 2)
    weight = (np.arange(300) >= 50).astype(float)
    spoiled = np.where(weight > 0, y, 1e3)
    a = ESNForecaster(15, alpha=0.1, random_state=0).fit(SERIES, spoiled, weight)
    b = ESNForecaster(15, alpha=0.1, washout=50, random_state=0).fit(SERIES, y)
    np.testing.assert_allclose(a.predict(SERIES), b.predict(SERIES), atol=1e-8)


def test_long_series_are_fitted_without_keeping_their_states(monkeypatch):
    y = np.roll(SERIES[:, 0], 2)
    labels = y > 0
    weight = np.linspace(0.5, 1, 300)
    parts = [SERIES[:100], SERIES[100:]]
    kept = [
        ESNForecaster(15, washout=9, alpha=0.1, random_state=0).fit(SERIES, y, weight),
        ESNForecaster(15, washout=9, alpha=[0.1, 1.0], random_state=0).fit(parts),
        ESNTagger(15, washout=9, alpha=0.1, random_state=0).fit(SERIES, labels),
    ]
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    summed = [
        clone(kept[0]).fit(SERIES, y, weight),
        clone(kept[1]).fit(parts),
        clone(kept[2]).fit(SERIES, labels),
    ]
    for a, b in zip(kept, summed, strict=True):
        np.testing.assert_allclose(a.readout_.coef_, b.readout_.coef_, atol=1e-7)
        np.testing.assert_array_equal(a.final_state_, b.final_state_)


def test_series_go_on_where_they_stopped():
    y = np.roll(SERIES[:, 0], 2)
    esn = ESNForecaster(15, random_state=0).fit(SERIES[:200], y[:200])
    whole = esn.predict(SERIES)
    np.testing.assert_allclose(
        esn.predict(SERIES[200:], initial_state=esn.final_state_), whole[200:], atol=1e-9
    )
    first, state = esn.predict(SERIES[:250], return_state=True)
    np.testing.assert_allclose(first, whole[:250], atol=1e-12)
    np.testing.assert_allclose(esn.predict(SERIES[250:], state), whole[250:], atol=1e-9)
    esn.set_params(start="fit")
    np.testing.assert_allclose(esn.predict(SERIES[200:]), whole[200:], atol=1e-9)
    before = pickle.dumps(esn.__dict__)
    for _ in range(2):  # nothing a call does changes what the next returns
        np.testing.assert_allclose(esn.predict(SERIES[200:]), whole[200:], atol=1e-9)
    assert pickle.dumps(esn.__dict__) == before


@pytest.mark.compiled
def test_time_series_split_wants_a_start_where_fit_ended():
    u, y = make_narma(600, random_state=0)
    scores = [
        cross_val_score(
            ESNForecaster(60, input_scaling=0.5, washout=30, start=start, random_state=0),
            u, y, cv=TimeSeriesSplit(4, test_size=40),
        ).mean()
        for start in ("rest", "fit")
    ]  # fmt: skip
    assert scores[1] > scores[0]
    search = GridSearchCV(
        ESNForecaster(30, washout=20, start="fit", random_state=0),
        {"spectral_radius": [0.5, 0.9], "alpha": [1e-6, 1e-2]},
        cv=TimeSeriesSplit(3),
    )
    assert search.fit(u, y).best_estimator_.start == "fit"
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.compiled
def test_mackey_glass_is_carried_on():
    x = make_mackey_glass(1700, random_state=0)
    esn = ESNForecaster(150, washout=100, random_state=0).fit(x[:1600])
    assert nrmse(x[1600:1650], esn.forecast(50)) < 0.1


# the contract

ORDER = "a row depends on the rows before it, so their order is part of the data"
REMOVED = "the check removes and repeats rows, and each row belongs to one series"
STEP_LEVEL = {
    "check_methods_subset_invariance": ORDER,
    "check_methods_sample_order_invariance": ORDER,
    "check_sample_weight_equivalence_on_dense_data": REMOVED,
}


@pytest.mark.compiled
# some checks set an attribute ``alpha`` wherever there is one
@pytest.mark.filterwarnings("ignore::dlkit.exceptions.IgnoredParameterWarning")
@parametrize_with_checks(
    [
        ESNClassifier(),
        ESNClassifier(20, pooling="model_space"),
        ESNClassifier(20, pooling="last", readout=LogisticRegression(tol=1e-12)),
        ESNRegressor(),
        ESNRegressor(100, pooling="last_mean", passthrough=True, readout=LinearRegression()),
        ESNForecaster(),
        ESNTagger(),
    ],
    expected_failed_checks=lambda e: STEP_LEVEL if isinstance(e, ESNForecaster | ESNTagger) else {},
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("make", [ESNClassifier, ESNRegressor, ESNForecaster, ESNTagger])
def test_pickle_clone_and_repeat(make, tmp_path):
    steps = make in (ESNForecaster, ESNTagger)
    u, y = (SERIES, (SERIES[:, 0] > 0).astype(int)) if steps else (X, Y)
    for options in ({}, {"activation": plain}, {"topology": "orthogonal", "control": "effective"}):
        esn = make(12, random_state=0, leak_rate=0.5, **options).fit(u, y)
        want = esn.predict(u)
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(esn)).predict(u), want)
        np.testing.assert_array_equal(clone(esn).fit(u, y).predict(u), want)
        joblib.dump(esn, tmp_path / "esn.joblib")
        mapped = joblib.load(tmp_path / "esn.joblib", mmap_mode="r")  # its arrays are read-only
        np.testing.assert_array_equal(mapped.predict(u), want)
    same = np.random.RandomState(3)
    one, two = (make(12, random_state=same).fit(u, y).reservoir_.w_in for _ in range(2))
    assert not np.array_equal(one, two)


def test_data_frames():
    frame = pd.DataFrame(SERIES, columns=["a", "b"])
    esn = ESNForecaster(12, random_state=0).fit(frame)
    assert esn.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="feature names"):
        esn.predict(frame[["b", "a"]])
    frames = [pd.DataFrame(x) for x in X]
    esn = ESNClassifier(12, random_state=0)
    want = esn.fit(X, Y).decision_function(X)
    np.testing.assert_array_equal(esn.fit(frames, pd.Series(Y)).decision_function(frames), want)


def test_verbose_reports_long_work(capsys, monkeypatch):
    from dlkit import _progress

    monkeypatch.setattr(_progress.Progress.__init__, "__kwdefaults__", {"every": 0.0})
    ReservoirFeatures(5, verbose=1, random_state=0).fit_transform(X)
    assert "[ReservoirFeatures] 100 %" in capsys.readouterr().out
    ReservoirFeatures(5, random_state=0).fit_transform(X)
    assert capsys.readouterr().out == ""
