"""Fits cut into blocks: the same on every joblib backend, whatever becomes of a worker."""

import os
import pickle
import signal
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import Parallel, delayed, parallel_config
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.neighbors import KNeighborsRegressor

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNRegressor,
    ESNTagger,
    ReservoirFeatures,
    ReservoirSearchCV,
    RidgeReadout,
    _budgets,
)
from dlkit.reservoir import ModelSpace
from dlkit.reservoir._driver import Driver
from dlkit.reservoir._learning import spread
from dlkit.sequences import pack

r = np.random.RandomState(0)
Y = np.arange(40) % 2
X = [np.cumsum(r.randn(r.randint(5, 15), 2) + 2 * c - 1, axis=0) / 9 for c in Y]
TARGET = np.array([len(x) for x in X], dtype=float)
TAGS = [np.where(x[:, 0] > x[:, 1], "up", "down") for x in X]

FITS = {
    "classifier": (ESNClassifier(15, alpha=0.1, random_state=0), Y, "decision_function"),
    "regressor": (ESNRegressor(15, alpha=0.1, noise=0.01, random_state=0), TARGET, "predict"),
    "model space": (
        ESNClassifier(15, pooling=ModelSpace(3), readout=LogisticRegression()),
        Y,
        "predict_proba",
    ),
    "next step": (
        ESNForecaster(40, alpha=0.1, washout=2, noise=0.01, scaling=None),
        None,
        "predict",
    ),
    "targets": (ESNForecaster(40, alpha=0.1, scaling=None), [x[:, 0] for x in X], "predict"),
    "tagger": (ESNTagger(40, alpha=0.1, class_weight="balanced"), TAGS, "predict_proba"),
    "features": (ReservoirFeatures(15, random_state=0), None, "transform"),
}


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with (
        distributed.LocalCluster(**options, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def cluster(client):
    """Two worker processes under Dask; one that a test killed has come back."""
    client.wait_for_workers(2, timeout=60)
    return client


@pytest.fixture(scope="module")
def ray():
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    from ray.util.joblib import register_ray

    register_ray()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")  # leave no token in the home directory
        ray.init(num_cpus=2, include_dashboard=False)
        yield ray
        ray.shutdown()


@pytest.fixture
def small(monkeypatch):
    """Blocks of some six sequences, and no fit too small to be summed up."""
    monkeypatch.setattr(_budgets, "STATES_BYTES", 2**16)


def outcome(name):
    """Fitted coefficients, if any, and the output."""
    estimator, y, method = FITS[name]
    estimator = clone(estimator).set_params(random_state=0).fit(X, y)
    results = getattr(estimator, method)(X)
    results = list(results) if isinstance(results, list) else [results]
    if hasattr(estimator, "readout_"):
        results.append(estimator.readout_.coef_)
    if hasattr(estimator, "final_state_"):
        results.append(estimator.final_state_)
    return results


@pytest.fixture
def counted(monkeypatch):
    """How many blocks were run, call by call of `run`."""
    counts, run = [], spread.run

    def counting(parts, *args, **options):
        counts.append(len(parts))
        return run(parts, *args, **options)

    monkeypatch.setattr(spread, "run", counting)
    return counts


def check_same(names, counted, backend, **config):
    for name in names:
        expected = outcome(name)
        counted.clear()
        with parallel_config(backend, n_jobs=2, **config):
            got = outcome(name)
        if backend != "threading":
            assert max(counted) > 2, name
        for a, b in zip(got, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12, err_msg=name)


def test_the_same_on_threads(small, counted):
    check_same(FITS, counted, "threading")


@pytest.mark.compiled
def test_the_same_on_loky(small, counted):
    check_same(FITS, counted, "loky", max_nbytes=100)  # all arrays read-only, as large ones are


@pytest.mark.compiled
def test_the_same_on_dask(cluster, small, counted):
    check_same(FITS, counted, "dask")


@pytest.mark.compiled
def test_the_same_on_ray(ray, small, counted):
    check_same(["classifier", "targets"], counted, "ray")


# what may go wrong


class Mortal(RidgeReadout):
    """Kills its process, the first time it is told to add a block in another than the test's."""

    def __init__(self, alpha=0.1, *, marker=None, home=None):
        super().__init__(alpha)
        self.marker, self.home = marker, home

    def partial_fit(self, X, y, sample_weight=None):
        die_once(self.marker, self.home)
        return super().partial_fit(X, y, sample_weight)


class MortalFeatures(ReservoirFeatures):
    """The same, when it is to run its reservoir."""

    def __init__(self, n_units=15, *, marker=None, home=None):
        super().__init__(n_units, random_state=0)
        self.marker, self.home = marker, home

    def _new_driver(self, n_channels, fed=None, drawn=None):
        driver = super()._new_driver(n_channels, fed, drawn)
        return MortalDriver(**vars(driver), marker=self.marker, home=self.home)


@dataclass(frozen=True, eq=False)
class MortalDriver(Driver):
    marker: str = None
    home: int = None

    def pooled(self, batch, pooling, **options):
        die_once(self.marker, self.home)
        return super().pooled(batch, pooling, **options)


def die_once(marker, home):
    if os.getpid() != home:
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.compiled
def test_a_worker_killed_in_mid_fit_loses_nothing(cluster, small, tmp_path):
    expected = ESNForecaster(40, readout=RidgeReadout(0.1), random_state=0, scaling=None).fit(X)
    marker = tmp_path / "killed"
    readout = Mortal(marker=str(marker), home=os.getpid())
    with parallel_config("dask"):
        esn = ESNForecaster(40, readout=readout, random_state=0, scaling=None).fit(X)
    assert marker.exists()
    np.testing.assert_allclose(esn.readout_.coef_, expected.readout_.coef_, rtol=1e-12)
    np.testing.assert_array_equal(esn.final_state_, expected.final_state_)


@pytest.mark.compiled
def test_a_worker_killed_in_mid_transform_loses_nothing(cluster, small, tmp_path):
    expected = ReservoirFeatures(15, random_state=0).fit_transform(X)
    marker = tmp_path / "killed"
    with parallel_config("dask"):
        rows = MortalFeatures(marker=str(marker), home=os.getpid()).fit_transform(X)
    assert marker.exists()
    np.testing.assert_array_equal(rows, expected)


@pytest.mark.compiled
@pytest.mark.parametrize("backend", ["loky", "dask"])
def test_errors_reach_the_user(backend, request, small):
    if backend == "dask":
        request.getfixturevalue("cluster")
    growing = [np.ones((30, 2)) * (i == 33) for i in range(40)]
    esn = ReservoirFeatures(
        15, activation="identity", spectral_radius=1e30, input_scaling=1e30, bias_scaling=0,
        random_state=0,
    )  # fmt: skip
    message = "not finite at the end of sequence 33: "
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=message):
        esn.fit(growing).transform(growing)
    with parallel_config(backend, n_jobs=2), pytest.raises(ValueError, match=message):
        esn.transform(growing)


# who runs what


def test_stays_here_unless_asked(cluster, small, monkeypatch):
    def refuse(*args, **options):
        raise AssertionError("nothing is to be sent off")

    monkeypatch.setattr(spread, "Parallel", refuse)
    outcome("classifier")
    with parallel_config("dask"):
        for n_jobs, expected in [(1, False), (None, True), (2, True), (-1, True)]:
            assert spread.elsewhere(n_jobs) is expected
        ESNRegressor(15, n_jobs=1, random_state=0).fit(X, TARGET).predict(X)
        ESNForecaster(40, n_jobs=1, random_state=0, scaling=None).fit(X).predict(X)
        # states take longer to move than to make
        other = ESNForecaster(40, readout=KNeighborsRegressor(), random_state=0, scaling=None).fit(
            X
        )
        other.predict(X)
        with pytest.raises(AssertionError, match="sent off"):
            ESNRegressor(15, random_state=0).fit(X, TARGET)
    with parallel_config("loky"):  # whose default is one job
        assert not spread.elsewhere(None)
        assert spread.elsewhere(2)
    with parallel_config("threading", n_jobs=2):
        assert not spread.elsewhere(None)
    assert not spread.elsewhere(2)
    assert not spread.elsewhere(None)


@pytest.mark.compiled
def test_a_task_sends_nothing_on(cluster):
    for backend in ("dask", "loky"):
        with parallel_config(backend, n_jobs=2):
            assert Parallel()(delayed(spread.elsewhere)(None) for _ in range(4)) == [False] * 4


@pytest.mark.compiled
@pytest.mark.parametrize("backend", ["loky", "dask"])
def test_searches_run_there(backend, request):
    if backend == "dask":
        request.getfixturevalue("cluster")
    grid = {"alpha": [0.01, 1.0], "leak_rate": [0.3, 1.0]}
    search = GridSearchCV(ESNClassifier(15, random_state=0), grid, cv=3)
    expected = clone(search).fit(X, Y)
    with parallel_config(backend, n_jobs=2):
        search.fit(X, Y)
    name = "mean_test_score"
    np.testing.assert_allclose(search.cv_results_[name], expected.cv_results_[name], rtol=1e-12)
    np.testing.assert_allclose(search.decision_function(X), expected.decision_function(X))


def test_progress_is_reported_by_the_one_who_asked(small, monkeypatch, capfd):
    done = []

    class Recorder:
        def __init__(self, name, total, verbose):
            self.total = total if verbose else 0

        def advance(self, amount):
            done.append(amount / self.total)

    monkeypatch.setattr(spread, "Progress", Recorder)
    with parallel_config("loky", n_jobs=2):
        ESNForecaster(40, random_state=0, verbose=1, scaling=None).fit(X)
    assert len(done) > 2
    assert sum(done) == pytest.approx(1)
    assert capfd.readouterr().out == ""
    for n_jobs in (None, 2):
        done.clear()
        ESNForecaster(40, random_state=0, verbose=1, n_jobs=n_jobs, scaling=None).fit(X)
        assert sum(done) == pytest.approx(1)


# the blocks


@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=30), st.integers(1, 50), st.integers(1, 9)
)
@settings(deadline=None, derandomize=True, max_examples=50)
def test_blocks_are_whole_sequences_in_order(lengths, n_columns, least):
    batch = pack([np.full((n, 2), i, dtype=float) for i, n in enumerate(lengths)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_budgets, "STATES_BYTES", 2**17)
        parts = spread.cut(batch, n_columns, least)
    found = [x for part in parts for x in (part[i] for i in range(len(part)))]
    assert [(len(x), x[0, 0]) for x in found] == [(n, i) for i, n in enumerate(lengths)]
    width = 8 * max(n_columns, 2 * _budgets.INPUT_WEIGHT)
    for part, rows in zip(parts, spread.rows_of(parts), strict=True):
        assert part.first == rows.start
        assert len(part) >= least or part is parts[-1]
        assert len(part) <= least or len(part.values) * width <= 2**17


def test_a_task_carries_its_block_and_little_else():
    esn = ESNRegressor(500, readout=KNeighborsRegressor(), random_state=0).fit(X, TARGET)
    size = len(pickle.dumps(esn.driver_.light()))
    links = 500 * 10 * (8 + 4)  # a weight and where it comes from
    assert links < size < 1.5 * links
    part = pack(X).part(3, 5)
    assert len(pickle.dumps(part)) < part.values.nbytes + 1000
    ridge = ESNForecaster(50, readout=RidgeReadout(0.1, solver="moments"), scaling=None).fit(X)
    light = spread.light(ridge.readout_)
    assert len(pickle.dumps(light)) < 5000 < len(pickle.dumps(ridge.readout_))
    np.testing.assert_array_equal(light.coef_, ridge.readout_.coef_)


@pytest.mark.parametrize("weight", [None, np.where(np.arange(40) < 25, 0.0, np.arange(40))])
def test_many_sequences_are_fitted_without_keeping_their_features(weight, monkeypatch):
    options = {"pooling": "last", "random_state": 0}
    fits = [
        (ESNClassifier(5, alpha=0.1, class_weight={0: 1, 1: 3}, **options), Y),
        (ESNClassifier(5, alpha=0.1, **options), Y + np.arange(40) // 20),
        (ESNRegressor(5, alpha=0.1, **options), np.c_[TARGET, Y]),
        (ESNRegressor(5, readout=RidgeReadout([0.1, 1.0]), **options), TARGET),
    ]
    kept = [clone(esn).fit(X, y, weight) for esn, y in fits]
    monkeypatch.setattr(_budgets, "STATES_BYTES", 1)
    summed = [clone(esn).fit(X, y, weight) for esn, y in fits]
    for a, b in zip(kept, summed, strict=True):
        np.testing.assert_allclose(a.readout_.coef_, b.readout_.coef_, atol=1e-9)
        np.testing.assert_allclose(a.predict(X), b.predict(X), atol=1e-9)
    assert [hasattr(esn.readout_, "moments_") for esn in summed] == [True, True, True, False]
    with pytest.raises(ValueError, match="sample_weight must sum to more than zero"):
        ESNRegressor(5, **options).fit(X, TARGET, np.zeros(40))


def test_class_weights_count_once():
    weighted = ESNClassifier(15, alpha=1.0, class_weight={0: 1, 1: 5}, random_state=0).fit(X, Y)
    by_hand = np.where(Y == 1, 5.0, 1.0)
    expected = ESNClassifier(15, alpha=1.0, random_state=0).fit(X, Y, by_hand)
    np.testing.assert_allclose(weighted.decision_function(X), expected.decision_function(X))


@pytest.mark.compiled
@pytest.mark.parametrize("backend", ["loky", "threading", "dask"])
def test_a_reservoir_search_runs_anywhere(backend, request):
    """Settings are sent as whole tasks; the scores are those found here."""
    options = {"n_jobs": 2}
    if backend == "dask":
        request.getfixturevalue("cluster")
        options = {}
    grid = {"spectral_radius": [0.5, 0.9], "leak_rate": [0.3, 1.0], "alpha": [0.1, 1.0]}
    series = np.random.RandomState(0).randn(300, 1)
    for estimator, data, cv in (
        (ESNClassifier(15, random_state=0), (X, Y), 3),
        (ESNForecaster(15, random_state=0, scaling=None), (series,), TimeSeriesSplit(3)),
    ):
        search = ReservoirSearchCV(estimator, grid, cv=cv, refit=False)
        want = clone(search).fit(*data).cv_results_["mean_test_score"]
        with parallel_config(backend=backend, **options):
            got = search.fit(*data).cv_results_["mean_test_score"]
        np.testing.assert_allclose(got, want, rtol=0, atol=1e-12)
