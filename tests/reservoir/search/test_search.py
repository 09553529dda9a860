"""ReservoirSearchCV against GridSearchCV and RandomizedSearchCV, which fit one by one."""

import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import loguniform, uniform
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.metrics import make_scorer, mean_squared_error
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    PredefinedSplit,
    RandomizedSearchCV,
    ShuffleSplit,
    StratifiedKFold,
    TimeSeriesSplit,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    ReservoirSearchCV,
    RidgeReadoutClassifier,
    _budgets,
)
from dlkit.metrics import make_sequence_scorer, nmse
from dlkit.readout._folds import MAX_CONDITION, SharedRows
from dlkit.readout._select import Choice, solve_rows
from dlkit.reservoir import InputWeights, ModelSpace
from dlkit.reservoir._models.reservoir import draw_reservoir
from dlkit.reservoir.search import _engine


def walks(n=40, n_classes=3, seed=0):
    """Random walks of unequal length with one of several drifts, and which."""
    r = np.random.RandomState(seed)
    y = np.arange(n) % n_classes
    X = [np.cumsum(r.randn(r.randint(8, 20), 2) + c - 1, axis=0) / 5 for c in y]
    return X, y


def product(n=160, seed=0):
    """A series of noise, a product of its past, and the sign of that."""
    u = np.random.RandomState(seed).uniform(-1, 1, (n, 2))
    y = np.roll(u[:, 0], 1) * np.roll(u[:, 1], 2) + 0.1 * u[:, 0]
    return u, y, np.where(y > 0, "plus", "minus")


X, LABELS = walks()
NUMBERS = np.array([x[:, 0].max() for x in X])
U, V, SIGNS = product()
GROUPS = np.arange(40) // 4
GRID = {"spectral_radius": [0.3, 0.9], "leak_rate": [0.2, 1.0], "alpha": [1e-3, 0.3, 10.0]}
# no two of these choose the same alpha, which would be a tie up to rounding
LISTS = [1e-9, [1e-5, 1e-4], [0.02, 0.03], "auto"]


def some_uncompiled(first, *others):
    """Parameters of which only the first is for the uncompiled run, which is slow."""
    return [first, *(pytest.param(other, marks=pytest.mark.compiled) for other in others)]


@pytest.fixture
def fused(monkeypatch):
    """Fail if a candidate is evaluated the ordinary way."""

    def refuse(task, candidates, pairs):
        raise AssertionError(f"not fused: {pairs}")

    monkeypatch.setattr(_engine, "fit_and_score", refuse)


def twins(estimator, grid, X, y=None, *, fit=None, cls=ReservoirSearchCV, **options):
    """Both searches, fitted."""
    fit = fit or {}
    ours = cls(estimator, grid, **options).fit(X, y, **fit)
    theirs = GridSearchCV(estimator, grid, **options).fit(X, y, **fit)
    return ours, theirs


def assert_same(ours, theirs, tolerance=1e-8):
    """The same results, but for times."""
    mine, other = ours.cv_results_, theirs.cv_results_
    assert list(mine) == list(other)
    assert mine["params"] == other["params"]
    for key, expected in other.items():
        if key.startswith(("split", "mean_t", "std_t")):
            np.testing.assert_allclose(
                mine[key], expected, rtol=tolerance, atol=tolerance, err_msg=key
            )
        elif key.startswith("rank"):
            np.testing.assert_array_equal(mine[key], expected, err_msg=key)
        elif key.startswith("param_"):
            assert mine[key].dtype == expected.dtype
        elif key.endswith("time"):
            assert (mine[key] >= 0).all()
    for name in ("best_index_", "best_params_", "n_splits_", "multimetric_"):
        assert hasattr(ours, name) == hasattr(theirs, name)
        assert getattr(ours, name, None) == getattr(theirs, name, None)
    if hasattr(theirs, "best_score_"):
        assert ours.best_score_ == pytest.approx(theirs.best_score_, rel=tolerance, abs=tolerance)


# the same scores


@pytest.mark.parametrize(
    "cv",
    some_uncompiled(
        KFold(3, shuffle=True, random_state=1),
        None,
        StratifiedKFold(4, shuffle=True, random_state=0),
        PredefinedSplit(np.arange(40) % 5 - 1),
        ShuffleSplit(4, random_state=0),
        [(np.arange(10, 40), np.arange(20)), (np.arange(30), np.arange(5, 40))],
    ),
)
def test_classifier(cv, fused):
    ours, theirs = twins(ESNClassifier(12, random_state=0), GRID, X, LABELS, cv=cv)
    assert_same(ours, theirs)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.score(X, LABELS) == theirs.score(X, LABELS)


@pytest.mark.parametrize("n_units", some_uncompiled(6, 40))  # more rows than features, and fewer
@pytest.mark.parametrize("target", some_uncompiled("two", "one"))
def test_regressor(n_units, target, fused):
    y = NUMBERS if target == "one" else np.c_[NUMBERS, [len(x) for x in X]]
    grid = {"input_scaling": [0.1, 1.0], "bias_scaling": [0.2], "alpha": [1e-3, 0.3, 10.0]}
    esn = ESNRegressor(n_units, random_state=0)
    assert_same(*twins(esn, grid, X, y, return_train_score=True))


@pytest.mark.compiled
def test_groups(fused):
    esn = ESNRegressor(12, random_state=0)
    ours, theirs = twins(esn, GRID, X, NUMBERS, cv=GroupKFold(4), fit={"groups": GROUPS})
    assert_same(ours, theirs)


@pytest.mark.parametrize("start", ["rest", "fit"])
@pytest.mark.parametrize(
    "cv",
    some_uncompiled(
        TimeSeriesSplit(4),
        TimeSeriesSplit(3, gap=5, max_train_size=60),
        KFold(3),
        KFold(3, shuffle=True, random_state=0),
    ),
)
@pytest.mark.parametrize("targets", some_uncompiled("given", "next step"))
def test_forecaster_on_one_series(start, cv, targets, fused):
    esn = ESNForecaster(15, start=start, random_state=0)
    grid = GRID | {"washout": [0, 7]}
    y = V if targets == "given" else None
    assert_same(*twins(esn, grid, U, y, cv=cv, return_train_score=start == "fit"))


@pytest.mark.compiled
def test_start_may_be_searched_over(fused):
    grid = {"start": ["rest", "fit"], "alpha": [0.1, 1.0], "passthrough": [True, False]}
    assert_same(*twins(ESNForecaster(15, random_state=0), grid, U, V, cv=TimeSeriesSplit(3)))


@pytest.mark.parametrize("form", some_uncompiled("list", "cube"))
def test_forecaster_on_several_series(form, fused):
    rows = [slice(13 * i, 13 * i + (13 if form == "cube" else 8 + i % 5)) for i in range(12)]
    several, targets = [U[r] for r in rows], [V[r] for r in rows]
    if form == "cube":
        several, targets = np.array(several), np.array(targets)
    score = make_sequence_scorer(nmse, greater_is_better=False, washout=2)
    for scoring in (None, score):
        esn = ESNForecaster(10, washout=2, random_state=0)
        assert_same(*twins(esn, GRID, several, targets, cv=KFold(4), scoring=scoring))


@pytest.mark.parametrize("cv", some_uncompiled(TimeSeriesSplit(4), KFold(4)))
def test_tagger(cv, fused):
    esn = ESNTagger(15, washout=3, random_state=0)
    grid = {"alpha": [1e-3, 0.3], "class_weight": [None, "balanced"]}
    scoring = {"accuracy": "accuracy", "loss": "neg_log_loss"}
    assert_same(*twins(esn, {"alpha": [1e-3, 0.3]}, U, SIGNS, cv=cv))
    assert_same(*twins(esn, grid, U, SIGNS, cv=cv, scoring=scoring, refit=False))


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("esn", "y"),
    [
        (ESNRegressor(10, random_state=0), NUMBERS),
        (ESNRegressor(60, random_state=0), NUMBERS),
    ],
)
def test_lists_of_alphas(esn, y, fused):
    grid = {"alpha": LISTS, "leak_rate": [0.2, 1.0]}
    ours, theirs = twins(esn, grid, X, y)
    assert_same(ours, theirs)
    assert ours.best_estimator_.readout_.alpha_ == theirs.best_estimator_.readout_.alpha_


@pytest.mark.compiled
def test_tiny_alphas(fused):
    """Where rounding would show, the operations are those of fit; at zero, too."""
    grid = {"alpha": [0.0, 1e-14, 1e-10, 1e-7, 1e-5, "auto"], "leak_rate": [0.1, 1.0]}
    esn = ESNForecaster(30, random_state=0)
    assert_same(*twins(esn, grid, U, V, cv=TimeSeriesSplit(3)))
    assert_same(*twins(ESNRegressor(8, random_state=0), grid, X, NUMBERS))


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
    ("esn", "y"),
    [
        (ESNRegressor(10, noise=0.01, random_state=0), NUMBERS),
        (ESNClassifier(10, pooling=ModelSpace(3), random_state=0), LABELS),
        (
            ESNClassifier(10, pooling=ModelSpace(3, whiten=True), random_state=0),
            LABELS,
        ),
    ],
)
def test_what_depends_on_the_fold_is_run_for_each(esn, y, fused):
    assert_same(*twins(esn, GRID, X, y, cv=KFold(3), return_train_score=True))


def test_noise_on_a_series(fused):
    esn = ESNForecaster(10, noise=0.01, random_state=0)
    grid = {"alpha": [0.01, 0.3, 10.0]}
    assert_same(*twins(esn, grid, U, V, cv=TimeSeriesSplit(3), return_train_score=True))


@pytest.mark.compiled
@pytest.mark.parametrize("n_units", [8, 30])
def test_weights(n_units, fused):
    weight = np.random.RandomState(0).uniform(0.1, 2, 40)
    fit = {"sample_weight": weight}
    scoring = ["r2", "neg_mean_squared_error"]
    esn = ESNRegressor(n_units, random_state=0)
    assert_same(*twins(esn, GRID, X, NUMBERS, scoring=scoring, refit="r2", fit=fit))
    esn = ESNClassifier(n_units, random_state=0)
    grid = {"class_weight": [None, "balanced", {0: 5.0}], "alpha": [1e-3, 0.3]}
    options = {"scoring": ["neg_log_loss", "accuracy"], "refit": "accuracy", "cv": 3}
    assert_same(*twins(esn, grid, X, LABELS, fit=fit, **options))
    weight = np.random.RandomState(0).uniform(0.1, 2, len(U))
    esn = ESNForecaster(n_units, random_state=0)
    fit = {"sample_weight": weight}
    assert_same(*twins(esn, GRID, U, V, cv=TimeSeriesSplit(3), fit=fit))


@pytest.mark.compiled
def test_routed_metadata(fused):
    weight = np.random.RandomState(0).uniform(0.1, 2, 40)
    with config_context(enable_metadata_routing=True):
        esn = ESNRegressor(8, random_state=0).set_fit_request(sample_weight=True)
        scoring = make_scorer(mean_squared_error, greater_is_better=False)
        options = {"scoring": scoring.set_score_request(sample_weight=True), "cv": GroupKFold(4)}
        fit = {"sample_weight": weight, "groups": GROUPS}
        assert_same(*twins(esn, GRID, X, NUMBERS, fit=fit, **options))


@pytest.mark.compiled
def test_single_precision(fused):
    """Predictions are rounded to seven digits, so scores agree to some six."""
    parts = [x.astype(np.float32) for x in X]
    esn = ESNRegressor(20, random_state=0)
    ours, theirs = twins(esn, GRID, parts, NUMBERS)
    assert_same(ours, theirs, tolerance=1e-4)
    assert ours.predict(parts).dtype == np.float32


@pytest.mark.parametrize("wide", some_uncompiled(False, True))
def test_tables_and_frames(wide, fused):
    r = np.random.RandomState(0)
    table = r.randn(30, 12)
    y = table[:, :3].sum(axis=1)
    frame = pd.DataFrame(table, columns=[f"t{i}" for i in range(12)])
    esn = ESNRegressor(30 if wide else 5, random_state=0)
    ours, theirs = twins(esn, GRID, frame, y)
    assert_same(ours, theirs)
    assert list(ours.feature_names_in_) == list(frame)
    assert ours.n_features_in_ == 12


@pytest.mark.compiled
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    radii=st.lists(st.floats(0, 1.5), min_size=1, max_size=2, unique=True),
    leaks=st.lists(st.floats(0.01, 1), min_size=1, max_size=2, unique=True),
    alphas=st.lists(st.floats(1e-12, 1e3), min_size=1, max_size=3, unique=True),
    n_units=st.integers(1, 40),
    seed=st.integers(0, 2**31 - 1),
    folds=st.integers(2, 6),
)
def test_any_small_grid(fused, radii, leaks, alphas, n_units, seed, folds):
    grid = {"spectral_radius": radii, "leak_rate": leaks, "alpha": alphas}
    esn = ESNRegressor(n_units, topology="ring", random_state=seed)
    for data, y, cv, model in (
        (X, NUMBERS, KFold(folds), esn),
        (U[:80], V[:80], TimeSeriesSplit(folds), ESNForecaster(**{
            name: value for name, value in esn.get_params().items()
            if name in ESNForecaster().get_params()
        })),
    ):  # fmt: skip
        ours, theirs = (
            search(model, grid, cv=cv, scoring="neg_mean_squared_error", refit=False).fit(data, y)
            for search in (ReservoirSearchCV, GridSearchCV)
        )
        for key, expected in theirs.cv_results_.items():
            if key.startswith("split"):
                np.testing.assert_allclose(ours.cv_results_[key], expected, rtol=1e-8, atol=1e-8)


# scorers and refits


def depends_on_everything(esn, X, y):
    """A scorer that looks into the estimator."""
    again = [esn.predict(X[:3])[0], esn.predict(X)[0]]
    return {
        "agreement": float(abs(again[0] - again[1]) < 1e-6),
        "coefficients": float(np.abs(esn.readout_.coef_).sum() + esn.readout_.intercept_),
        "radius": esn.reservoir_.recurrent.spectral_radius,
        "alpha": esn.readout_.alpha_ + esn.alpha,
        "error": float(np.mean((esn.predict(X) - y) ** 2)),
    }


def least_error(results):
    return int(np.argmin(results["mean_test_error"]))


@pytest.mark.parametrize("n_units", some_uncompiled(6, 40))
def test_scorers_get_a_fitted_estimator(n_units, fused):
    esn = ESNRegressor(n_units, random_state=0)
    options = {"scoring": depends_on_everything, "refit": least_error}
    ours, theirs = twins(esn, GRID, X, NUMBERS, cv=KFold(3), **options)
    assert_same(ours, theirs)


def goes_on(esn, X, y=None):
    """A scorer that forecasts on its own."""
    ahead = esn.forecast(3)
    return -float(np.abs(ahead - X[:3]).mean()) - float(np.abs(esn.predict(X)).mean())


@pytest.mark.compiled
def test_forecasts_in_a_scorer(fused):
    esn = ESNForecaster(15, random_state=0)
    assert_same(*twins(esn, GRID, U, None, cv=TimeSeriesSplit(3), scoring=goes_on))


@pytest.mark.compiled
def test_several_scorers(fused):
    esn = ESNClassifier(12, random_state=0)
    scoring = {
        "accuracy": "accuracy",
        "loss": "neg_log_loss",
        "auc": "roc_auc_ovr",
        "brier": make_scorer(
            lambda y, p: mean_squared_error(np.eye(3)[y], p),
            response_method="predict_proba",
            greater_is_better=False,
        ),
    }
    for refit in ("loss", False):
        options = {"scoring": scoring, "refit": refit, "return_train_score": bool(refit), "cv": 3}
        ours, theirs = twins(esn, {"alpha": [1e-3, 0.3]}, X, LABELS, **options)
        assert_same(ours, theirs)
    assert not hasattr(ours, "best_estimator_")
    with pytest.raises(ValueError, match="refit must be set"):
        ReservoirSearchCV(esn, GRID, scoring=scoring).fit(X, LABELS)


@pytest.mark.compiled
def test_two_classes_and_decision_function(fused):
    y = np.where(LABELS > 0, "b", "a")
    esn = ESNClassifier(12, random_state=0)
    scoring = ["roc_auc", "accuracy", "average_precision"]
    fit = {"scoring": make_scorer(lambda y, p: float(np.mean(y == p)))}
    assert_same(*twins(esn, GRID, X, LABELS, **fit))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # average precision wants numeric labels
        assert_same(*twins(esn, GRID, X, (y == "b").astype(int), scoring=scoring, refit="roc_auc"))
    assert_same(*twins(esn, GRID, X, y))


@pytest.mark.compiled
def test_refit_is_a_plain_fit(fused):
    esn = ESNClassifier(12, random_state=0)
    search = ReservoirSearchCV(esn, GRID).fit(X, LABELS)
    plain = clone(esn).set_params(**search.best_params_).fit(X, LABELS)
    np.testing.assert_array_equal(search.decision_function(X), plain.decision_function(X))
    np.testing.assert_array_equal(search.best_estimator_.readout_.coef_, plain.readout_.coef_)
    np.testing.assert_array_equal(search.classes_, plain.classes_)


# candidates drawn at random


@pytest.mark.compiled
def test_distributions(fused):
    esn = ESNRegressor(12, random_state=0)
    space = {
        "spectral_radius": uniform(0.1, 1),
        "leak_rate": [0.2, 0.5, 1.0],
        "alpha": loguniform(1e-3, 1),
    }
    ours = ReservoirSearchCV(
        esn, param_distributions=space, n_iter=7, random_state=3, cv=3
    ).fit(X, NUMBERS)  # fmt: skip
    theirs = RandomizedSearchCV(esn, space, n_iter=7, random_state=3, cv=3).fit(X, NUMBERS)
    assert_same(ours, theirs)


def test_either_a_grid_or_distributions():
    esn = ESNRegressor(5, random_state=0)
    for grids in ({}, {"param_grid": GRID, "param_distributions": GRID}):
        with pytest.raises(ValueError, match="One of param_grid and param_distributions"):
            ReservoirSearchCV(esn, **grids).fit(X, NUMBERS)
    with pytest.raises(ValueError, match="n_iter"):
        ReservoirSearchCV(esn, param_distributions=GRID, n_iter=0).fit(X, NUMBERS)


# what goes the ordinary way


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
def test_callbacks_follow_single_fits():
    search = ReservoirSearchCV(ESNRegressor(8, random_state=0), GRID, cv=KFold(3))
    if not hasattr(search, "set_callbacks"):
        pytest.skip("callbacks came with scikit-learn 1.9")

    class Count:
        max_propagation_depth = 0
        begun = 0

        def setup(self, **kwargs): ...
        def teardown(self, **kwargs): ...
        def on_fit_task_end(self, *args, **kwargs): ...

        def on_fit_task_begin(self, *args, **kwargs):
            self.begun += 1

    search.set_callbacks(counter := Count())
    with pytest.warns(UserWarning, match="callbacks"):
        search.fit(X, NUMBERS)
    assert counter.begun > 0
    search.set_callbacks()
    assert_same(search, GridSearchCV(search.estimator, GRID, cv=KFold(3)).fit(X, NUMBERS))


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


def test_states_too_many_to_keep(monkeypatch):
    monkeypatch.setattr(_budgets, "STATES_BYTES", 10_000)
    esn = ESNForecaster(20, random_state=0)
    grid = {"n_units": [2, 20], "alpha": [1e-3, 0.1]}
    with pytest.warns(UserWarning, match="its states take"):
        ours = ReservoirSearchCV(esn, grid, cv=TimeSeriesSplit(3)).fit(U, V)
    assert_same(ours, GridSearchCV(esn, grid, cv=TimeSeriesSplit(3)).fit(U, V))


# failures


@pytest.mark.filterwarnings("ignore:One or more of the test scores")
@pytest.mark.parametrize(
    "bad", [{"spectral_radius": [-1.0, 0.9]}, {"leak_rate": [2.0, 0.5]}, {"alpha": [-1.0, 0.1]}]
)
def test_a_candidate_that_fails(bad):
    esn = ESNClassifier(8, random_state=0)
    grid = {"input_scaling": [0.1, 1.0]} | bad
    results = []
    for search in (ReservoirSearchCV, GridSearchCV):
        with pytest.warns(FitFailedWarning, match="10 fits failed out of a total of 20"):
            results.append(search(esn, grid, error_score=-1.0).fit(X, LABELS))
        with pytest.raises(ValueError, match=next(iter(bad))):
            search(esn, grid, error_score="raise").fit(X, LABELS)
    assert_same(*results)


def test_a_parameter_there_is_not():
    for search in (ReservoirSearchCV, GridSearchCV):
        with pytest.raises(ValueError, match="Invalid parameter"):
            search(ESNClassifier(5, random_state=0), {"nonsense": [1]}).fit(X, LABELS)


@pytest.mark.filterwarnings("ignore:One or more of the test scores")
def test_a_fold_that_fails():
    """A training part of one class only; and a sequence shorter than the washout."""
    esn = ESNClassifier(8, random_state=0)
    y = (np.arange(40) < 20).astype(int)
    splits = [(np.arange(20), np.arange(20, 40)), (np.arange(5, 35), np.arange(5))]
    results = []
    for search in (ReservoirSearchCV, GridSearchCV):
        with pytest.warns(FitFailedWarning, match="2 fits failed"):
            results.append(
                search(esn, {"alpha": [0.1, 1.0]}, cv=splits, error_score=-1.0).fit(X, y)
            )
    assert_same(*results)
    results = []
    for search in (ReservoirSearchCV, GridSearchCV):
        with pytest.warns(FitFailedWarning):
            results.append(
                search(esn, {"washout": [0, 10]}, cv=KFold(4), error_score=-1.0).fit(X, LABELS)
            )
    assert_same(*results)


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:One or more of the test scores")
@pytest.mark.filterwarnings("ignore:Scoring failed")
def test_states_that_grow_without_bound():
    esn = ESNForecaster(8, activation="identity", random_state=0)
    grid = {"spectral_radius": [0.5, 1e12], "alpha": [1.0]}
    with np.errstate(all="ignore"):
        for search in (ReservoirSearchCV, GridSearchCV):
            with pytest.warns(FitFailedWarning):
                found = search(esn, grid, cv=TimeSeriesSplit(3)).fit(U, V)
            assert found.best_params_["spectral_radius"] == 0.5


def test_bad_data_and_a_failed_fit_leave_nothing():
    search = ReservoirSearchCV(
        ESNClassifier(8, random_state=0), {"alpha": [1.0]}, error_score="raise"
    )
    for data, y in (([np.full((5, 1), np.nan)] * 10, np.arange(10) % 2), (X, None)):
        with pytest.raises((ValueError, TypeError), match="NaN|'y'"):
            search.fit(data, y)
    assert not [name for name in vars(search) if name.endswith("_")]


# a good member of the family


@pytest.mark.compiled
def test_threads_processes_and_progress_change_nothing(fused, capsys, monkeypatch):
    esn = ESNRegressor(12, random_state=0)
    alone = ReservoirSearchCV(esn, GRID).fit(X, NUMBERS)
    assert capsys.readouterr().out == ""
    threads = ReservoirSearchCV(esn, GRID, n_jobs=2, verbose=1).fit(X, NUMBERS)
    assert "Fitting 5 folds for each of 12 candidates" in capsys.readouterr().out
    with joblib.parallel_config(backend="loky", n_jobs=2):
        processes = ReservoirSearchCV(esn, GRID).fit(X, NUMBERS)
    # a backend that, like Ray's, hands over all results at a time
    monkeypatch.setattr(joblib._parallel_backends.ThreadingBackend, "supports_return_generator", 0)
    at_once = ReservoirSearchCV(esn, GRID, n_jobs=2).fit(X, NUMBERS)
    for other in (threads, processes, at_once):
        for k in range(5):
            key = f"split{k}_test_score"
            np.testing.assert_array_equal(other.cv_results_[key], alone.cv_results_[key])


@pytest.mark.compiled
def test_pickle_and_clone(fused):
    search = ReservoirSearchCV(ESNClassifier(12, random_state=0), GRID).fit(X, LABELS)
    again = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(again.predict_proba(X), search.predict_proba(X))
    np.testing.assert_array_equal(
        again.cv_results_["mean_test_score"], search.cv_results_["mean_test_score"]
    )
    copy = clone(search)
    assert not hasattr(copy, "cv_results_")
    assert copy.get_params(deep=False).keys() == search.get_params(deep=False).keys()


@pytest.mark.compiled
def test_given_random_states_are_left_as_they_are(fused):
    state = np.random.RandomState(5)
    esn = ESNRegressor(12, random_state=state)
    before = state.get_state()[1].copy()
    assert_same(*twins(esn, GRID, X, NUMBERS))
    np.testing.assert_array_equal(state.get_state()[1], before)


def outcomes(search):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            check["check_name"]: check["status"]
            for check in check_estimator(search, on_fail=None, on_skip=None)
        }


@pytest.mark.compiled
def test_checks_pass_as_for_grid_search():
    esn = ESNClassifier(5, random_state=0)
    ours = outcomes(ReservoirSearchCV(esn, {"alpha": [0.1, 1.0]}, cv=2))
    theirs = outcomes(GridSearchCV(esn, {"alpha": [0.1, 1.0]}, cv=2))
    assert len(ours) > 30
    worse = {
        name for name, status in theirs.items() if status == "passed" and ours[name] != "passed"
    }
    assert not worse


# the parts


@pytest.mark.parametrize("control", ["radius", "effective", "norm"])
@pytest.mark.parametrize("topology", ["sparse", "dense", "ring"])
def test_with_settings_is_drawing_anew(control, topology):
    def draw(**settings):
        fixed = {
            "topology": topology,
            "n_links": 3,
            "control": control,
            "input_weights": InputWeights("normal", density=0.5),
            "random_state": 7,
        }
        return draw_reservoir(12, 2, **fixed, **settings)

    first = {
        "spectral_radius": 0.95, "leak_rate": 0.5, "input_scaling": 0.3, "bias_scaling": 0.1,
        "activation": "tanh",
    }  # fmt: skip
    second = {
        "spectral_radius": 0.8, "leak_rate": np.linspace(0.4, 1, 12) if topology == "ring" else 0.9,
        "input_scaling": [2.0, 0.7], "bias_scaling": -0.4, "activation": "relu",
    }  # fmt: skip
    start = draw(**first)
    for changed in [*second, None]:
        new = second if changed is None else {changed: second[changed]}
        derived, expected = start.with_settings(**new), draw(**{**first, **new})
        for name in ("w_in", "bias"):
            np.testing.assert_array_equal(getattr(derived, name), getattr(expected, name))
        mine, other = (
            r.matrix if topology == "dense" else r.matrix.toarray() for r in (derived, expected)
        )
        np.testing.assert_array_equal(mine, other)
        np.testing.assert_array_equal(derived.leak_rate, expected.leak_rate)
        assert derived.activation == expected.activation
        assert derived.noise_seed == expected.noise_seed
        assert derived.recurrent.spectral_radius == expected.recurrent.spectral_radius


@pytest.mark.parametrize("shape", [(30, 80), (90, 20)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("cv", [KFold(5), TimeSeriesSplit(3), "twice", "few of many"])
def test_shared_rows_solve_as_rows_of_ones_own(shape, weighted, cv):
    r = np.random.RandomState(0)
    F = r.randn(*shape) @ (r.randn(shape[1], shape[1]) * 0.8 ** np.arange(shape[1])) + 3
    Y = r.randn(shape[0], 2)
    weight = r.uniform(1, 3, shape[0]) if weighted else None
    if cv == "twice":
        splits = [(r.randint(0, shape[0], shape[0]), np.arange(5))]
    elif cv == "few of many":
        splits = [(np.arange(6), np.arange(6, 30)), (np.arange(3, 10), np.arange(3))]
    else:
        splits = list(cv.split(F))
    alphas = [*np.logspace(-12, 3, 6), [1e-3, 0.1], np.logspace(-9, 2, 12)]
    choices = [Choice.of(alpha, "gcv", False, True) for alpha in alphas]
    shared = SharedRows(F, [train for train, _ in splits])
    for k, (train, test) in enumerate(splits):
        w = None if weight is None else weight[train]
        elsewhere = F[test] * 1.0
        queries = [(F, test), (elsewhere, slice(None))]
        for choice, fit in zip(choices, shared.fit(k, Y[train], w, choices, queries), strict=True):
            expected, _ = solve_rows(F[train], Y[train], w, choice, "auto")
            values = F[test] @ expected.coef + expected.intercept
            assert fit.solution.alpha == expected.alpha
            scale = np.abs(values).max()
            for predicted in (
                *fit.predictions,
                F[test] @ fit.solution.coef + fit.solution.intercept,
            ):
                np.testing.assert_allclose(predicted, values, rtol=0, atol=2e-9 * scale)
    assert MAX_CONDITION <= 1e6


def test_choices_without_a_solution_are_left_open():
    F = np.random.RandomState(0).randn(4, 10)
    shared = SharedRows(F, [np.arange(4)])
    choices = [Choice.of(a, "gcv", False, True) for a in ([0.0, 0.0], 1.0)]
    fits = shared.fit(0, np.zeros((4, 1)), None, choices)
    assert fits[0] is None
    assert fits[1] is not None
    assert shared.fit(0, np.zeros((4, 1)), np.zeros(4), choices) == [None, None]
