"""What all of the ROCKET family promise: the papers' formulas, in any company."""

import pickle
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from dlkit import Hydra, MiniRocket, MultiRocket, RidgeReadoutClassifier, Rocket, SparseScaler
from dlkit._jit import hydra, minirocket, rocket
from dlkit.rocket._base import differences, draw_channels, far_from_zero
from dlkit.sequences import pack

from .maps import REFERENCE, SMALL, TWIN, row, series

EVERY = pytest.mark.parametrize("name", list(SMALL))


KERNELS = {
    "Rocket": rocket.RocketKernels,
    "MiniRocket": minirocket.MiniRocketKernels,
    "MultiRocket": minirocket.MiniRocketKernels,
    "Hydra": hydra.HydraKernels,
}


def frequencies(n=24):
    y = np.arange(n) % 2
    r = np.random.RandomState(0)
    return [np.sin((0.3 + 0.5 * c) * np.arange(r.randint(20, 40)) + r.uniform(6)) for c in y], y


pytestmark = pytest.mark.kernels


@EVERY
@pytest.mark.parametrize("n_channels", [1, 4])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_features_follow_the_formula(name, n_channels, dtype):
    X = [x.astype(dtype) for x in series(n_channels, (23, 1, 8, 30))]
    model = clone(SMALL[name]).fit(X)
    got = model.transform(X)
    assert got.dtype == dtype
    want = np.array([TWIN[name](x.astype(float), model.kernels_) for x in X])
    tolerance = 1e-10 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


@EVERY
@pytest.mark.parametrize("n_channels", [1, 3])
def test_equal_to_the_authors_code_with_their_kernels(name, n_channels):
    """Kernels, series (some with flat stretches) and features, as aeon 1.6.0 had them."""

    def load(place):
        return REFERENCE[f"{name}/{n_channels}/{place}"]

    def kernels(i):
        fields = {field: load(f"{i}/{field}") for field in KERNELS[name]._fields}
        return KERNELS[name](**{k: v if v.ndim else int(v) for k, v in fields.items()})

    X, want = load("X"), load("features")
    model = clone(SMALL[name]).fit(X)
    pair = name in ("MultiRocket", "Hydra")
    model.kernels_ = (kernels(0), kernels(1)) if pair else kernels(0)
    got = model.transform(X)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)
    # at the places that flat stretches decide, it is not rounding that makes them equal
    shares = {"MiniRocket": want.shape[1], "MultiRocket": 168}.get(name, 0)
    np.testing.assert_array_equal(got[:, :shares], want[:, :shares])


def test_channels_are_subsets():
    starts, channels = draw_channels(np.random.RandomState(0), 12, np.full(500, 9))
    sizes = np.diff(starts)
    assert sizes.min() == 1
    assert sizes.max() == 9
    for first, last in pairwise(starts):
        assert len(set(channels[first:last])) == last - first
    assert set(channels) == set(range(12))


def test_differences_end_with_their_series():
    batch = differences(pack([[1.0, 4.0, 9.0], [7.0], [2.0, 0.0]]))
    assert batch.values.ravel().tolist() == [3.0, 5.0, 0.0, -2.0]
    assert batch.offsets.tolist() == [0, 2, 3, 4]


@pytest.mark.compiled
@EVERY
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    n_channels=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=12, derandomize=True)
def test_a_row_does_not_depend_on_the_batch(name, lengths, n_channels, seed):
    X = series(n_channels, lengths, seed)
    model = clone(SMALL[name]).fit(series(n_channels, (20, 9)))
    together = model.transform(X)
    assert np.isfinite(together).all()
    np.testing.assert_array_equal(together, [row(model, x) for x in X])
    np.testing.assert_array_equal(model.transform(X[::-1]), together[::-1])


@EVERY
@pytest.mark.parametrize("n_jobs", [2, -1])
def test_a_row_does_not_depend_on_threads(name, n_jobs):
    X = series(1, (9, 12) * 20)
    model = clone(SMALL[name]).fit(X)
    want = model.transform(X)
    np.testing.assert_array_equal(model.set_params(n_jobs=n_jobs).transform(X), want)


@EVERY
@pytest.mark.parametrize("length", range(1, 11))
def test_short_series(name, length):
    X = series(2, (length,) * 3)
    features = clone(SMALL[name]).fit_transform(X)
    assert np.isfinite(features).all()
    if name in ("Rocket", "MiniRocket"):
        shares = features[:, ::2] if name == "Rocket" else features
        assert ((shares >= 0) & (shares <= 1)).all()


@EVERY
def test_fitted_on_short_series_and_used_on_long_ones_and_back(name):
    short, long = series(1, (3, 5)), series(1, (90, 4))
    for train, test in ((short, long), (long, short)):
        model = clone(SMALL[name]).fit(train)
        want = [TWIN[name](x, model.kernels_) for x in test]
        np.testing.assert_allclose(model.transform(test), want, atol=1e-9)


@EVERY
def test_every_form_of_input(name):
    X = np.array(series(1, (15,) * 4))[..., 0]
    model = clone(SMALL[name])
    want = model.fit_transform(X)
    names = model.get_feature_names_out()
    assert len(names) == want.shape[1]
    assert names[-1] == f"{name.lower()}{want.shape[1] - 1}"
    for other in (X[:, :, None], list(X), list(X[:, :, None]), X.tolist(), pd.DataFrame(X)):
        np.testing.assert_array_equal(clone(model).fit_transform(other), want)
    X.flags.writeable = False
    np.testing.assert_array_equal(model.transform(X), want)
    np.testing.assert_array_equal(model.transform(np.asfortranarray(X)), want)
    table = clone(model).set_output(transform="pandas").fit_transform(X)
    assert list(table.columns) == list(names)
    np.testing.assert_array_equal(table, want)


@EVERY
def test_memory_map(name, tmp_path):
    X = np.array(series(2, (15,) * 4))
    np.save(tmp_path / "X.npy", X)
    model = clone(SMALL[name]).fit(X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    np.testing.assert_array_equal(model.transform(mapped), model.transform(X))


@EVERY
def test_pickle_clone_and_repeat(name):
    X = series()
    model = clone(SMALL[name]).fit(X)
    want = model.transform(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).transform(X), want)
    np.testing.assert_array_equal(clone(model).fit(X).transform(X), want)
    other = clone(model).set_params(random_state=1).fit_transform(X)
    assert other.shape[1] != want.shape[1] or not np.array_equal(other, want)
    state = np.random.RandomState(0)
    np.testing.assert_array_equal(
        clone(model).set_params(random_state=state).fit(X).transform(X), want
    )


@pytest.mark.compiled
def test_pipeline_in_a_search_over_two_processes():
    X, y = frequencies()
    pipe = Pipeline(
        [
            ("map", None),
            ("scale", StandardScaler(with_mean=False)),
            ("readout", RidgeReadoutClassifier(np.logspace(-3, 3, 10))),
        ]
    )
    maps = [clone(model).set_params(n_jobs=2) for model in SMALL.values()]
    search = GridSearchCV(pipe, {"map": maps}, n_jobs=2, cv=3, error_score="raise").fit(X, y)
    assert search.cv_results_["mean_test_score"].min() > 0.8


def test_union_of_maps():
    X, y = frequencies()
    both = make_union(
        make_pipeline(clone(SMALL["Hydra"]), SparseScaler()),
        make_pipeline(clone(SMALL["MultiRocket"]), StandardScaler()),
    )
    model = make_pipeline(both, RidgeReadoutClassifier()).fit(X[:16], y[:16])
    assert model.score(X[16:], y[16:]) == 1.0


def test_progress_is_reported(capsys, monkeypatch):
    from dlkit import _progress

    clock = iter(np.arange(0, 1e4, 3.0))
    monkeypatch.setattr(_progress.time, "monotonic", lambda: next(clock))
    Hydra(2, random_state=0, verbose=1).fit(series()).transform(series() * 3)
    assert "[Hydra]" in capsys.readouterr().out


@pytest.mark.compiled
@parametrize_with_checks([Rocket(), MiniRocket(), MultiRocket(), Hydra(), SparseScaler()])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (Rocket(0), "'n_kernels' parameter of Rocket"),
        (Rocket(normalize="yes"), "'normalize' parameter of Rocket"),
        (MiniRocket(2.5), "'n_kernels' parameter of MiniRocket"),
        (MiniRocket(max_dilations=0), "'max_dilations' parameter of MiniRocket"),
        (MultiRocket(-1), "'n_kernels' parameter of MultiRocket"),
        (MultiRocket(n_jobs="all"), "'n_jobs' parameter of MultiRocket"),
        (Hydra(0), "'n_groups' parameter of Hydra"),
        (Hydra(n_kernels=0), "'n_kernels' parameter of Hydra"),
        (Hydra(max_channels=1), "'max_channels' parameter of Hydra"),
        (Hydra(random_state="x"), "'random_state' parameter of Hydra"),
        (SparseScaler(exponent=-1), "'exponent' parameter of SparseScaler"),
        (SparseScaler(mask=2), "'mask' parameter of SparseScaler"),
    ],
)
def test_bad_parameters(estimator, message):
    with pytest.raises(ValueError, match=message):
        estimator.fit(np.ones((3, 12)))
    assert not [name for name in vars(estimator) if name.endswith("_")]


@EVERY
def test_bad_sequences(name):
    model = clone(SMALL[name])
    with pytest.raises(NotFittedError):
        model.transform(np.ones((3, 12)))
    with pytest.raises(ValueError, match="contains NaN in sequence 1, step 2"):
        model.fit([np.ones(4), np.array([1, 2, np.nan])])
    with pytest.raises(ValueError, match="empty list"):
        model.fit([])
    with pytest.raises(ValueError, match="Sequence 1 of X is empty"):
        model.fit([np.ones(4), np.ones(0)])
    with pytest.raises(ValueError, match="same number of channels"):
        model.fit([np.ones((4, 1)), np.ones((4, 2))])
    model.fit(series(2))
    kernels = model.kernels_
    with pytest.raises(ValueError, match=f"X has 3 channels, but {name} was fitted with 2"):
        model.transform(series(3))
    with pytest.raises(ValueError, match="infinity"):
        model.fit([np.array([[1.0, np.inf]])])
    assert model.kernels_ is kernels
    with pytest.warns(UserWarning, match="reads every row as a sequence of its own"):
        clone(model).fit(np.ones((60, 1)))


@pytest.mark.compiled
@EVERY
@pytest.mark.parametrize("offset", [1e5, -1e6])
def test_float32_far_from_zero_is_what_float64_gives(name, offset):
    """Air pressure, say: the offset takes digits, but kernels' weights sum up to zero."""
    near, far = ([(x + o).astype(np.float32) for x in series(2, (40, 25, 60))] for o in (0, offset))
    for train in (near, far):
        model = clone(SMALL[name]).fit(train)
        mixed = model.transform([*far, *near])
        assert mixed.dtype == np.float32
        want = model.transform([x.astype(float) for x in far])
        np.testing.assert_allclose(mixed[:3], want, rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(mixed[3:], model.transform(near))  # in float32 as ever
        np.testing.assert_array_equal(mixed[1:2], model.transform(far[1:2]))
    twins = [TWIN[name](x.astype(float), model.kernels_) for x in far]
    np.testing.assert_allclose(mixed[:3], twins, rtol=1e-5, atol=1e-5)


def test_what_counts_as_far_from_zero():
    r = np.random.RandomState(0)
    x = r.randn(50, 2)
    wide, constant = x + np.array([1e4, 0]), np.c_[x[:, 0], np.full(50, 1e4)]
    ordinary = [x, 100 + 5 * x, np.full((9, 2), 1e6), 255 * r.rand(40, 2), x * [1e4, 1]]
    batch = pack([np.asarray(a, np.float32) for a in (wide, constant, *ordinary)])
    assert far_from_zero(batch).tolist() == [True, True] + [False] * 5


@EVERY
def test_numbers_whose_sums_overflow_are_named(name):
    X = series(1, (30, 20))
    model = clone(SMALL[name]).fit(X)
    for dtype, scale in ((np.float32, 1e30), (np.float64, 1e150), (np.float32, 1e-30)):
        assert np.isfinite(model.transform([(x * scale).astype(dtype) for x in X])).all()
    for dtype, scale in ((np.float32, 1e38), (np.float64, 1e307)):
        loud = [(x * scale).astype(dtype) for x in X]
        for call in (model.transform, clone(model).fit):
            with pytest.raises(ValueError, match=f"magnitude .* overflow {np.dtype(dtype).name}"):
                call(loud)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.uint64])
def test_numbers_of_any_whole_kind(kind):
    X = series(3, (15, 30))
    for make in (
        lambda t: Rocket(t(20), random_state=0),
        lambda t: MiniRocket(t(84), max_dilations=t(4), random_state=0),
        lambda t: MultiRocket(t(84), max_dilations=t(4), random_state=0),
        lambda t: Hydra(t(4), n_kernels=t(3), max_channels=t(8), random_state=0),
    ):
        np.testing.assert_array_equal(make(kind).fit_transform(X), make(int).fit_transform(X))


def test_kernels_beyond_all_memory_are_named():
    with pytest.raises(ValueError, match=r"Hydra would need more memory .* n_groups=\d+: use less"):
        Hydra(2**45).fit(series())
