"""SphericalKMeans against plain loops, and the laws it obeys."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import _budgets
from dlkit.conv import SphericalKMeans, _spherical_kmeans

from .. import naive_kernels as naive

KINDS = [
    {},
    {"sign_invariant": True},
    {"damping": 2.0},
    {"sign_invariant": True, "damping": 1.0},
]


def data(seed=0, n=60, p=5, dtype=np.float64):
    rng = np.random.RandomState(seed)
    return (rng.randn(n, p) * rng.lognormal(size=(n, 1))).astype(dtype)


def started(X, n_clusters=6, **params):
    """An estimator that begins with the first rows."""
    params = {"tol": 0, "init": np.array(X[:n_clusters]), **params}
    return SphericalKMeans(n_clusters, **params)


pytestmark = pytest.mark.kernels


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore:.*clusters have rows:sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(
    [
        SphericalKMeans(),
        SphericalKMeans(sign_invariant=True, damping=1.0),
        SphericalKMeans(3, n_init=2),
    ]
)
def test_scikit_learns_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_is_the_plain_loop(kind, weighted, dtype):
    X = data(dtype=dtype)
    X[17] = 0  # a row without direction
    weight = np.random.RandomState(1).rand(len(X)) if weighted else None
    for n_iter in (1, 4):
        kmeans = started(X, **kind, max_iter=n_iter).fit(X, sample_weight=weight)
        centers, labels, inertia = naive.spherical_kmeans(X, X[:6], n_iter, **kind, weight=weight)
        tolerance = 1e-10 if dtype == np.float64 else 1e-4
        assert kmeans.cluster_centers_.dtype == dtype
        assert kmeans.n_iter_ == n_iter
        assert_allclose(kmeans.cluster_centers_, centers, atol=tolerance)
        assert_array_equal(kmeans.labels_, labels)
        if not kind.get("sign_invariant"):  # the plain loop counts the row of zeros
            inertia -= weight[17] if weighted else 1
        assert_allclose(kmeans.inertia_, inertia, rtol=tolerance)
        assert_array_equal(kmeans.predict(X), labels)
        assert_allclose(kmeans.score(X, sample_weight=weight), -inertia, rtol=tolerance)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("sign_invariant", [False, True])
def test_transform_measures_distances(sign_invariant, dtype):
    X = data(dtype=dtype)
    X[3] = 0
    kmeans = SphericalKMeans(4, sign_invariant=sign_invariant, random_state=0).fit(X)
    D = kmeans.transform(X)
    assert D.dtype == dtype
    for x, distances in zip(X, D, strict=True):
        u = x / (np.linalg.norm(x) or 1)
        for c, distance in zip(kmeans.cluster_centers_, distances, strict=True):
            wanted = np.linalg.norm(u - ((u @ c) * c if sign_invariant else c))
            assert_allclose(distance, wanted, atol=1e-7 if dtype == np.float64 else 1e-3)
    kept = X.any(axis=1)
    assert_array_equal(D[kept].argmin(axis=1), kmeans.labels_[kept])
    assert kmeans.get_feature_names_out().tolist() == [f"sphericalkmeans{k}" for k in range(4)]


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 99), kind=st.sampled_from(KINDS), n_clusters=st.integers(1, 9))
def test_inertia_never_rises(seed, kind, n_clusters):
    X = data(seed)
    inertia = [started(X, n_clusters, **kind, max_iter=i).fit(X).inertia_ for i in (1, 2, 3, 6, 20)]
    assert (np.diff(inertia) <= 1e-9).all()


@pytest.mark.compiled
@settings(max_examples=10, deadline=None, derandomize=True)
@given(seed=st.integers(0, 99), kind=st.sampled_from(KINDS))
def test_turned_scaled_and_shuffled_data_give_the_same_clusters(seed, kind):
    X, rng = data(seed), np.random.RandomState(seed)
    kmeans = started(X, **kind).fit(X)
    Q = np.linalg.qr(rng.randn(5, 5))[0]
    turned = started(X @ Q, **kind).fit(X @ Q)
    assert_array_equal(turned.labels_, kmeans.labels_)
    assert_allclose(turned.cluster_centers_, kmeans.cluster_centers_ @ Q, atol=1e-7)
    scaled = started(X, **kind).fit(X * rng.lognormal(size=(60, 1)))
    assert_array_equal(scaled.labels_, kmeans.labels_)
    order = rng.permutation(60)
    shuffled = started(X, **kind).fit(X[order])
    assert_array_equal(shuffled.labels_, kmeans.labels_[order])
    if kind.get("sign_invariant"):
        flipped = started(X, **kind).fit(X * rng.choice([-1, 1], (60, 1)))
        assert_array_equal(flipped.labels_, kmeans.labels_)
        assert_allclose(flipped.cluster_centers_, kmeans.cluster_centers_, atol=1e-7)
    else:
        opposite = started(-X, **kind).fit(-X)
        assert_allclose(opposite.cluster_centers_, -kmeans.cluster_centers_, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_weights_are_repetitions_seeds_included(kind):
    X, weight = data(2), np.arange(60) % 3
    weighted = SphericalKMeans(7, **kind, random_state=0).fit(X, sample_weight=weight)
    order = np.random.RandomState(0).permutation(weight.sum())
    repeated = SphericalKMeans(7, **kind, random_state=0).fit(np.repeat(X, weight, axis=0)[order])
    assert_allclose(weighted.cluster_centers_, repeated.cluster_centers_, atol=1e-7)
    assert_allclose(weighted.inertia_, repeated.inertia_, rtol=1e-9)
    with pytest.raises(ValueError, match="sample_weight"):
        SphericalKMeans(7).fit(X, sample_weight=0 * weight)


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_threads_and_company_change_nothing(dtype, monkeypatch):
    monkeypatch.setattr(_spherical_kmeans, "WORTH_THREADS", 0)
    monkeypatch.setattr(_budgets, "KMEANS_TASK_ROWS", 1024)
    X = data(3, n=5000, p=7, dtype=dtype)
    one, three = (
        SphericalKMeans(20, max_iter=5, random_state=0, n_jobs=n_jobs).fit(X) for n_jobs in (1, 3)
    )
    assert_array_equal(one.cluster_centers_, three.cluster_centers_)
    assert_array_equal(one.labels_, three.labels_)
    assert one.inertia_ == three.inertia_
    assert_array_equal(one.transform(X), three.transform(X))
    assert_array_equal(one.transform(X[700:701]), one.transform(X)[700:701])
    assert_array_equal(one.predict(X[4321:]), one.labels_[4321:])


def test_empty_clusters_are_seeded_anew():
    rng = np.random.RandomState(0)
    axes = np.eye(6)
    X = np.concatenate([axis + 0.01 * rng.randn(10, 6) for axis in axes])
    init = np.vstack([axes[0], np.full((5, 6), -1.0) + 0.01 * rng.randn(5, 6)])
    for sign_invariant in (False, True):
        kmeans = SphericalKMeans(6, init=init, sign_invariant=sign_invariant, random_state=0)
        labels = kmeans.fit_predict(X)
        assert sorted(np.bincount(labels)) == [10] * 6


def test_a_centre_whose_rows_cancel_stays():
    X = np.array([[1.0, 0.0], [-1.0, 0.0]])
    kmeans = SphericalKMeans(1, init=[[0.0, 1.0]]).fit(X)
    assert_array_equal(kmeans.cluster_centers_, [[0.0, 1.0]])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_fewer_directions_than_clusters(dtype):
    lengths = dtype(2) ** np.arange(15, dtype=dtype)[:, None]  # exact
    X = np.repeat(data(4, n=3, dtype=dtype), 5, axis=0) * lengths
    for params in ({}, {"init": "random", "n_init": 1}, {"init": X[:5]}):
        kmeans = SphericalKMeans(5, random_state=0, **params)
        with pytest.warns(ConvergenceWarning, match="3 clusters have rows, n_clusters=5"):
            kmeans.fit(X)
        assert kmeans.inertia_ < 1e-4
        assert_allclose(np.linalg.norm(kmeans.cluster_centers_, axis=1), 1, rtol=1e-5)
        assert_array_equal(kmeans.predict(X), kmeans.labels_)
        assert len({tuple(kmeans.labels_[i : i + 5]) for i in (0, 5, 10)}) == 3


def test_beginnings():
    X = data(6)
    for n_init, wanted in (("auto", 10), (3, 3)):
        calls = []

        def init(X, n_clusters, random_state, calls=calls):
            calls.append(n_clusters)
            return X[random_state.permutation(len(X))[:n_clusters]]

        SphericalKMeans(4, init=init, n_init=n_init, random_state=0).fit(X)
        assert calls == [4] * wanted
    one = SphericalKMeans(4, init="random", n_init=1, random_state=0).fit(X)
    ten = SphericalKMeans(4, init="random", random_state=0).fit(X)
    assert ten.inertia_ <= one.inertia_
    again = SphericalKMeans(4, init="random", random_state=0).fit(X)
    assert_array_equal(ten.cluster_centers_, again.cluster_centers_)


def test_a_loose_tolerance_ends_early():
    X = data(7, n=200)
    strict, loose = (SphericalKMeans(8, tol=tol, random_state=0).fit(X) for tol in (0, 1.0))
    assert loose.n_iter_ < strict.n_iter_ < 300
    for kmeans in (strict, loose):
        assert_array_equal(kmeans.labels_, kmeans.predict(X))


@pytest.mark.parametrize("kind", KINDS[:2], ids=str)
def test_streaming_adds_up(kind):
    X, weight = data(8), np.random.RandomState(1).rand(60)
    sign_invariant = bool(kind)
    kmeans = started(X, **kind)
    centers, sums = X[:6] / np.linalg.norm(X[:6], axis=1, keepdims=True), np.zeros((6, 5))
    for block in (slice(0, 25), slice(25, 26), slice(26, 60)):
        kmeans.partial_fit(X[block], sample_weight=weight[block])
        for x, w in zip(X[block], weight[block], strict=True):
            u = x / np.linalg.norm(x)
            cosines = centers @ u
            k = np.argmax(np.abs(cosines) if sign_invariant else cosines)
            sums[k] += w * u * (cosines[k] if sign_invariant else 1)
        centers = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        assert_allclose(kmeans.cluster_centers_, centers, atol=1e-12)
    assert kmeans.n_iter_ == 3


def test_streaming_learns_and_goes_on_after_fit():
    X = data(9, n=600)
    streamed = SphericalKMeans(8, random_state=0)
    scores = [streamed.partial_fit(X[i : i + 100]).score(X) for i in range(0, 600, 100)]
    assert scores[-1] > scores[0]
    fitted = SphericalKMeans(8, random_state=0).fit(X)
    before, score = fitted.cluster_centers_, fitted.score(X)
    fitted.partial_fit(X[:10])
    assert 0 < np.abs(fitted.cluster_centers_ - before).max() < 0.1
    assert abs(fitted.score(X) - score) < 0.01 * abs(score)
    with pytest.raises(ValueError, match="n_samples=5 should be >= n_clusters=8"):
        SphericalKMeans(8).partial_fit(X[:5])
    again = SphericalKMeans(8, random_state=0).partial_fit(X[:100].astype(np.float32))
    assert again.cluster_centers_.dtype == np.float32
    assert again.partial_fit(X[:3]).cluster_centers_.dtype == np.float64


def test_float32_sums_keep_their_digits():
    rng = np.random.RandomState(0)
    X = (np.eye(3)[rng.randint(3, size=3000)] + 0.1 * rng.randn(3000, 3)).astype(np.float32)
    single = SphericalKMeans(3, random_state=0).fit(X)
    double = SphericalKMeans(3, random_state=0).fit(X.astype(np.float64))
    assert_array_equal(single.labels_, double.labels_)
    assert_allclose(single.cluster_centers_, double.cluster_centers_, atol=3e-7)
    huge = SphericalKMeans(3, random_state=0).fit(X * np.float32(1e30))
    assert_allclose(huge.cluster_centers_, single.cluster_centers_, atol=1e-5)
    with pytest.raises(ValueError, match="All rows of X are zeros"):  # as good as
        SphericalKMeans(3).fit(X * np.float32(1e-44))


def test_pickle_clone_memory_map_and_frames(tmp_path, capsys):
    X = data(10)
    kmeans = SphericalKMeans(4, random_state=0, verbose=1).fit(X)
    assert capsys.readouterr().out.startswith("Iteration 0, inertia ")
    kmeans.set_params(verbose=0)
    assert clone(kmeans).get_params() == kmeans.get_params()
    again = pickle.loads(pickle.dumps(kmeans))
    assert_array_equal(again.transform(X), kmeans.transform(X))
    assert_array_equal(
        again.partial_fit(X).cluster_centers_,
        pickle.loads(pickle.dumps(kmeans)).partial_fit(X).cluster_centers_,
    )
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert_array_equal(kmeans.fit(mapped).labels_, again.predict(X) * 0 + kmeans.predict(X))
    frame = pd.DataFrame(X, columns=list("abcde"))
    out = clone(kmeans).set_output(transform="pandas").fit_transform(frame)
    assert list(out.columns) == [f"sphericalkmeans{k}" for k in range(4)]
    assert capsys.readouterr().out == ""


def test_bad_input():
    X = data(11)
    bad = {
        "n_clusters": [0, 2.5, None],
        "sign_invariant": ["yes", None],
        "damping": [-1, None],
        "init": ["k-means", 3],
        "n_init": [0, "many", 2**63],
        "max_iter": [0, 1.5],
        "tol": [-1e-3, "0"],
        "random_state": ["seed"],
        "n_jobs": ["all", 1.5],
    }
    for name, values in bad.items():
        for value in values:
            with pytest.raises(ValueError, match=f"'{name}'"):
                SphericalKMeans().set_params(**{name: value}).fit(X)
    with pytest.raises(ValueError, match="n_samples=5 should be >= n_clusters=8"):
        SphericalKMeans(8).fit(X[:5])
    with pytest.raises(ValueError, match=r"init must be of shape \(3, 5\), got \(3, 4\)"):
        SphericalKMeans(3, init=X[:3, :4]).fit(X)
    with pytest.raises(ValueError, match="init must hold no rows of zeros, got one at 1"):
        SphericalKMeans(2, init=[[1, 0, 0, 0, 0], [0, 0, 0, 0, 0]]).fit(X)
    with pytest.raises(ValueError, match="All rows of X are zeros"):
        SphericalKMeans(2).fit(np.zeros((4, 3)))
    with pytest.raises(ValueError, match="sample_weight must not be negative"):
        SphericalKMeans(2).fit(X, sample_weight=-np.ones(60))
    kmeans = SphericalKMeans(3, random_state=0).fit(X)
    before = pickle.dumps(kmeans)
    for value in (np.nan, np.inf):
        Y = X.copy()
        Y[3, 2] = value
        for method in (kmeans.fit, kmeans.partial_fit, kmeans.predict, kmeans.transform):
            with pytest.raises(ValueError, match="NaN|infinity"):
                method(Y)
    assert pickle.dumps(kmeans) == before
    with pytest.raises(NotFittedError):
        SphericalKMeans().predict(X)


def test_lengths_of_any_size():
    X = data(12)
    want = SphericalKMeans(3, random_state=0).fit(X)
    for scale in (1e-200, 1e155, 1e300):
        got = SphericalKMeans(3, random_state=0).fit(X * scale)
        assert_array_equal(got.labels_, want.labels_)
        assert_allclose(got.transform(X * scale), want.transform(X))
    single = X.astype(np.float32)
    with pytest.raises(ValueError, match=r"X has a row of norm .* overflow float32"):
        SphericalKMeans(3).fit(single * np.float32(1e37))


def test_read_only_sums_go_on():
    X = data(13)
    kmeans, twin = (SphericalKMeans(3, random_state=0).fit(X) for _ in range(2))
    for name in ("_sums", "_totals", "cluster_centers_", "labels_"):
        getattr(kmeans, name).flags.writeable = False
    kmeans.partial_fit(X[:20])
    assert_array_equal(kmeans.cluster_centers_, twin.partial_fit(X[:20]).cluster_centers_)
    eight = SphericalKMeans(np.uint8(3), max_iter=np.uint8(20), random_state=0).fit(X)
    assert_array_equal(
        eight.labels_, SphericalKMeans(3, max_iter=20, random_state=0).fit(X).labels_
    )
