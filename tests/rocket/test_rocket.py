"""The ROCKET family: against the papers' formulas and the authors' code, in any company."""

import pickle
from itertools import pairwise
from pathlib import Path

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
from dlkit.rocket._base import differences, draw_channels
from dlkit.rocket._minirocket import quantile_levels, quantiles, spread
from dlkit.rocket._rocket import normalized
from dlkit.sequences import pack

from .. import naive_rocket as naive

pytestmark = pytest.mark.kernels

SMALL = {
    "Rocket": Rocket(12, normalize=False, random_state=0),
    "MiniRocket": MiniRocket(3 * 84, random_state=0),
    "MultiRocket": MultiRocket(2 * 84, random_state=0),
    "Hydra": Hydra(5, n_kernels=3, random_state=0),
}
TWIN = {
    "Rocket": naive.rocket,
    "MiniRocket": naive.minirocket,
    "MultiRocket": naive.multirocket,
    "Hydra": naive.hydra,
}
EVERY = pytest.mark.parametrize("name", list(SMALL))
REFERENCE = np.load(Path(__file__).parent.parent / "data" / "rocket_reference.npz")
KERNELS = {
    "Rocket": rocket.RocketKernels,
    "MiniRocket": minirocket.MiniRocketKernels,
    "MultiRocket": minirocket.MiniRocketKernels,
    "Hydra": hydra.HydraKernels,
}
LENGTHS = (23, 1, 2, 8, 9, 10, 40, 17)


def series(n_channels=1, lengths=LENGTHS, seed=0):
    """Series in steps of 1/64: sums of them have no rounding, so ties are ties in any order."""
    r = np.random.RandomState(seed)
    return [np.round(64 * r.standard_normal((n, n_channels))) / 64 for n in lengths]


def row(estimator, x):
    return estimator.transform([x])[0]


# against formulas and the authors' code


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


@pytest.mark.compiled
def test_long_series_sum_without_losing_digits():
    x = np.random.RandomState(0).uniform(0, 1, (20_000, 1)).astype(np.float32)
    for name in ("MultiRocket", "Hydra"):
        model = clone(SMALL[name]).fit([x])
        np.testing.assert_allclose(
            model.transform([x])[0], model.transform([x.astype(float)])[0], rtol=2e-4, atol=2e-3
        )


@pytest.mark.compiled
def test_pairs_of_kernels_are_worth_no_more_than_each_alone():
    X = series(1, (200, 77, 30))
    model = Rocket(300, random_state=0).fit(X)
    kernels = model.kernels_
    order = np.random.RandomState(0).permutation(300)
    begins = np.cumsum(kernels.lengths) - kernels.lengths
    mixed = clone(model).fit(X)
    mixed.kernels_ = kernels._replace(
        lengths=kernels.lengths[order],
        dilations=kernels.dilations[order],
        padded=kernels.padded[order],
        biases=kernels.biases[order],
        weights=np.concatenate(
            [kernels.weights[begins[k] : begins[k] + kernels.lengths[k]] for k in order]
        ),
    )
    want = model.transform(X).reshape(3, 300, 2)[:, order]
    np.testing.assert_array_equal(mixed.transform(X).reshape(3, 300, 2), want)


# what is drawn


def test_dilations_and_biases_are_spread_as_the_paper_has_it():
    dilations, n_biases = spread(10_000, 32, np.log2(499 / 8))
    assert dilations[0] == 1
    assert dilations[-1] == 62
    assert n_biases.sum() == 119
    assert (np.diff(n_biases) <= 0).sum() >= len(n_biases) - 2
    for n, most in ((84, 32), (1000, 3), (83, 1)):
        dilations, n_biases = spread(n, most, 4.0)
        assert len(dilations) <= most
        assert n_biases.sum() == max(n // 84, 1)
        assert n_biases.min() >= 1


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.integers(1, 5),
    st.integers(0, 100),
)
@settings(deadline=None, max_examples=30, derandomize=True)
def test_quantiles_are_numpys(lengths, k, seed):
    r = np.random.RandomState(seed)
    rows = np.full((len(lengths), max(lengths)), np.inf)
    for i, n in enumerate(lengths):
        rows[i, :n] = r.randint(4, size=n)
    levels = r.uniform(size=(len(lengths), k))
    want = [np.quantile(row[:n], q) for row, n, q in zip(rows, lengths, levels, strict=True)]
    np.testing.assert_allclose(quantiles(rows, np.array(lengths), levels), want, atol=1e-12)


def test_biases_are_quantiles_of_padded_outputs():
    """Without the lead, also where the features have it: so the authors made the figures."""
    X = series(1, (31,))
    alone = MiniRocket(2 * 84, random_state=0).fit(X).kernels_
    both = MultiRocket(2 * 84, random_state=0).fit(X).kernels_
    assert [own.lead for own in (alone, *both)] == [0, 0, 1]
    for kernels, x in zip((alone, *both), (X[0], X[0], np.diff(X[0], axis=0)), strict=True):
        levels = quantile_levels(len(kernels.biases))
        place = 0
        for j, d in enumerate(kernels.dilations):
            for taps in kernels.taps:
                weights = np.full((1, 9), -1.0)
                weights[:, taps] = 2
                out = naive.convolve(x, weights, d, 0, len(x))
                for _ in range(kernels.n_biases[j]):
                    want = np.quantile(out, float(levels[place]))
                    assert kernels.biases[place] == pytest.approx(want, abs=1e-12)
                    place += 1


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("name", "n_channels", "side"),
    [("MiniRocket", 1, 0), ("MiniRocket", 3, 0), ("MultiRocket", 1, 0), ("MultiRocket", 1, 1)],
)
def test_biases_are_those_of_the_authors_code(name, n_channels, side):
    """Each of aeon's kernels has the biases that dlkit takes from one of the training series."""
    fields = minirocket.MiniRocketKernels._fields
    found = {f: REFERENCE[f"{name}/{n_channels}/{side}/{f}"] for f in fields}
    kernels = minirocket.MiniRocketKernels(**(found | {"lead": 0}))  # which the features alone have
    X = REFERENCE[f"{name}/{n_channels}/X"]
    X = np.diff(X, axis=1) if side else X
    want = np.split(kernels.biases, np.cumsum(np.repeat(kernels.n_biases, 84))[:-1])
    levels = np.split(quantile_levels(len(kernels.biases)), np.cumsum([len(w) for w in want])[:-1])
    n = X.shape[1]
    for j in range(len(kernels.dilations)):
        outs = np.empty((len(X), 84, n), dtype=np.float32)
        for x, out in zip(X, outs, strict=True):
            picks = np.zeros(84, dtype=np.int64)
            width = n + 8 * kernels.dilations[j] + minirocket.LANES
            buffers = np.zeros((4, x.shape[1] * width), x.dtype)
            minirocket.outputs(x, np.array([0, n]), picks, kernels, j, buffers, out)
        for k in range(84):
            own = 84 * j + k
            got = np.quantile(outs[:, k].astype(float), levels[own].astype(float), axis=1).T
            distance = np.abs(got - want[own]).max(axis=1)
            assert distance.min() <= 3e-6 * max(1, np.abs(want[own]).max())


def test_rockets_kernels_are_distributed_as_the_paper_has_it():
    kernels = Rocket(3000, random_state=0).fit(series(3, (200, 50))).kernels_
    assert set(kernels.lengths) == {7, 9, 11}
    assert (kernels.dilations >= 1).all()
    assert ((kernels.lengths - 1) * kernels.dilations <= 199).all()
    assert abs(kernels.padded.mean() - 0.5) < 0.05
    assert abs(kernels.biases.mean()) < 0.05
    assert np.abs(kernels.biases).max() < 1
    rows = np.repeat(kernels.lengths, np.diff(kernels.starts))
    begins = np.cumsum(rows) - rows
    np.testing.assert_allclose(np.add.reduceat(kernels.weights, begins), 0, atol=1e-12)
    logs = np.log2(kernels.dilations[kernels.lengths == 9])
    assert abs((logs < np.log2(199 / 8) / 2).mean() - 0.5) < 0.06


def test_hydras_kernels_are_scaled():
    for own in Hydra(40, random_state=0).fit(series(5, (100,))).kernels_:
        w = own.weights.transpose(0, 1, 4, 2, 3).reshape(len(own.dilations), 32, 8, 9)
        np.testing.assert_allclose(w.sum(axis=-1), 0, atol=1e-12)
        np.testing.assert_allclose(np.abs(w[:, :20]).sum(axis=-1), 1)
        assert not w[:, 20:].any()
        assert own.dilations.tolist() == [1, 2, 4, 8]
        assert own.channels.shape == (4, 20, 2)


def test_channels_are_subsets():
    starts, channels = draw_channels(np.random.RandomState(0), 12, np.full(500, 9))
    sizes = np.diff(starts)
    assert sizes.min() == 1
    assert sizes.max() == 9
    for first, last in pairwise(starts):
        assert len(set(channels[first:last])) == last - first
    assert set(channels) == set(range(12))


def test_normalized_series():
    X = [np.c_[np.arange(5.0), np.full(5, 0.1)], np.ones((1, 2))]
    got = normalized(pack(X)).values
    np.testing.assert_allclose(got[:5, 0], (np.arange(5) - 2) / np.sqrt(2))
    assert not got[:, 1].any()
    assert not got[5].any()
    Z = [100 + 5 * x for x in X]
    model = Rocket(50, random_state=0).fit(X)
    np.testing.assert_allclose(model.transform(Z), model.transform(X), atol=1e-9)


def test_differences_end_with_their_series():
    batch = differences(pack([[1.0, 4.0, 9.0], [7.0], [2.0, 0.0]]))
    assert batch.values.ravel().tolist() == [3.0, 5.0, 0.0, -2.0]
    assert batch.offsets.tolist() == [0, 2, 3, 4]


# laws


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


def test_minirockets_features_do_not_change_with_the_scale():
    X = series(2, (30, 20, 25))
    model = MiniRocket(504, random_state=0)
    want = model.fit_transform(X)
    np.testing.assert_array_equal(model.fit_transform([8 * x for x in X]), want)


def test_hydra_counts_every_step_once():
    X = series(1, (30, 12, 1))
    got = Hydra(32, n_kernels=4, random_state=0).fit_transform(X)
    got = got.reshape(3, 2, 2, 2, 16, 4)  # dilations, series or differences, largest or least
    counts = got[:, :, :, 1].sum(axis=-1)
    np.testing.assert_array_equal(counts[0, :, 0], 30)
    np.testing.assert_array_equal(counts[0, :, 1], 29)
    np.testing.assert_array_equal(counts[2], 1)


def test_hydra_with_one_group_reads_no_differences():
    model = Hydra(1, n_kernels=4, random_state=0).fit(series(1, (20,)))
    assert len(model.kernels_) == 1
    x = series(1, (15,))[0]
    np.testing.assert_allclose(row(model, x), naive.hydra(x, model.kernels_), atol=1e-12)


# scikit-learn's company


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


def frequencies(n=24):
    y = np.arange(n) % 2
    r = np.random.RandomState(0)
    return [np.sin((0.3 + 0.5 * c) * np.arange(r.randint(20, 40)) + r.uniform(6)) for c in y], y


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


# the scaler


def test_sparse_scaler_follows_the_formula():
    r = np.random.RandomState(0)
    X = r.poisson(0.7, (20, 6)) * 1.0
    X[0, 0] = -3
    X[:, 5] = 0
    roots = np.sqrt(np.maximum(X, 0))
    share = (roots == 0).mean(axis=0) ** 4
    want = (roots - roots.mean(axis=0)) / (roots.std(axis=0, ddof=1) + share + 1e-8)
    plain = SparseScaler(mask=False).fit(X)
    np.testing.assert_allclose(plain.transform(X), want)
    np.testing.assert_allclose(SparseScaler().fit_transform(X), want * (roots != 0))
    assert SparseScaler().fit_transform(X.astype(np.float32)).dtype == np.float32
    assert np.isfinite(SparseScaler().fit(X[:1]).transform(X)).all()


# bad input


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
