"""MiniRocket: dilations, biases, quantiles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlkit import MiniRocket, MultiRocket
from dlkit._jit import minirocket
from dlkit.rocket._minirocket import quantile_levels, quantiles, spread

from .. import naive_rocket as naive
from .maps import REFERENCE, series

pytestmark = pytest.mark.kernels


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


def test_minirockets_features_do_not_change_with_the_scale():
    X = series(2, (30, 20, 25))
    model = MiniRocket(504, random_state=0)
    want = model.fit_transform(X)
    np.testing.assert_array_equal(model.fit_transform([8 * x for x in X]), want)


@pytest.mark.parametrize("offset", [0.0, 101325.0, 1e6])
def test_shares_are_those_of_float64(offset):
    x = (offset + np.random.RandomState(0).randn(10, 90)).astype(np.float32)
    model = MiniRocket(840, random_state=0).fit(x)
    got, place = model.transform(x), 0
    for j, (d, n_biases) in enumerate(
        zip(model.kernels_.dilations, model.kernels_.n_biases, strict=True)
    ):
        padded = np.pad(x.astype(float), ((0, 0), (4 * d, 4 * d)))
        views = np.array([padded[:, i * d : i * d + 90] for i in range(9)])
        for k, taps in enumerate(model.kernels_.taps):
            out = 3 * views[taps].sum(axis=0) - views.sum(axis=0)
            if (j + k) % 2 and 8 * d < 90:
                out = out[:, 4 * d : 90 - 4 * d]
            for _ in range(n_biases):
                want = (out > model.kernels_.biases[place]).mean(axis=1)
                np.testing.assert_allclose(got[:, place], want, atol=1e-6)
                place += 1
