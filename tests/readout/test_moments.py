"""Moments against plain sums."""

import copy
import pickle
from itertools import pairwise

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from dlkit import _budgets
from dlkit.readout import Moments, _moments

from .. import naive_readout as naive


def data(seed, n, p=3, q=2, offset=0.0):
    rng = np.random.RandomState(seed)
    X = rng.randn(n, p) @ rng.randn(p, p) + offset
    return X, rng.randn(n, q) + X[:, :1] - offset, rng.randint(0, 4, n).astype(float)


def assert_moments(moments, X, Y, weight=None, rtol=1e-10):
    x_mean, y_mean, XX, XY, YY = naive.moments(X, Y, weight)
    total = len(X) if weight is None else weight.sum()
    scale = np.sqrt(np.outer(np.diag(XX), np.diag(XX))).max() + 1e-12
    assert moments.n == len(X)
    assert_allclose(moments.weight_sum, total)
    assert_allclose(moments.x_mean, x_mean, rtol=rtol, atol=rtol)
    assert_allclose(moments.y_mean, y_mean, rtol=rtol, atol=rtol)
    assert_allclose(moments.x_sum, total * x_mean, rtol=rtol, atol=rtol * total)
    assert_allclose(moments.y_sum, total * y_mean, rtol=rtol, atol=rtol * total)
    for got, wanted in zip(moments.centred(), (XX, XY, YY), strict=True):
        assert_allclose(got, wanted, rtol=rtol, atol=rtol * scale)


@given(
    cuts=st.lists(st.integers(0, 40), max_size=5),
    order=st.randoms(use_true_random=False),
    weighted=st.booleans(),
    offset=st.sampled_from([0.0, 1e3]),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_any_blocks_merged_in_any_order(cuts, order, weighted, offset):
    X, Y, weight = data(0, 40, offset=offset)
    weight = weight if weighted else None
    edges = [0, *sorted(cuts), 40]
    blocks = [
        Moments().update(X[a:b], Y[a:b], None if weight is None else weight[a:b])
        for a, b in pairwise(edges)
    ]
    order.shuffle(blocks)
    while len(blocks) > 1:
        blocks.append(blocks.pop(0).merge(blocks.pop(0)))
    assert_moments(blocks[0], X, Y, weight)


@pytest.mark.parametrize("weighted", [False, True])
def test_updates_equal_one_update(weighted):
    X, Y, weight = data(1, 50)
    weight = weight if weighted else None
    moments = Moments()
    for i in range(0, 50, 7):
        block = slice(i, i + 7)
        assert (
            moments.update(X[block], Y[block], None if weight is None else weight[block]) is moments
        )
    assert_moments(moments, X, Y, weight)


def test_many_tiles(monkeypatch):
    monkeypatch.setattr(_budgets, "TILE_ENTRIES", 0)
    monkeypatch.setattr(_budgets, "TILE_LEAST_ROWS", 7)
    X, Y, weight = data(2, 50)
    assert_moments(Moments().update(X, Y, weight), X, Y, weight)


def test_subtract_leaves_the_rest():
    X, Y, weight = data(3, 60, offset=100.0)
    fold = np.arange(60) % 5 == 2
    part = Moments().update(X[fold], Y[fold], weight[fold])
    rest = Moments().update(X, Y, weight).subtract(part)
    assert_moments(rest, X[~fold], Y[~fold], weight[~fold])
    assert_moments(part, X[fold], Y[fold], weight[fold])


def test_subtract_everything_and_too_much():
    X, Y, _ = data(4, 10)
    moments = Moments().update(X, Y)
    with pytest.raises(ValueError, match="Cannot subtract 11 rows"):
        moments.subtract(Moments().update(X, Y).update(X[:1], Y[:1]))
    moments.subtract(moments.copy())
    assert (moments.n, moments.weight_sum) == (0, 0.0)
    with pytest.raises(ValueError, match="more than zero"):
        moments.centred()


@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_raw_products(offset):
    X, Y, weight = data(5, 30, offset=offset)
    moments = Moments().update(X[:4], Y[:4], weight[:4]).update(X[4:], Y[4:], weight[4:])
    XX, XY, YY = moments.products(False)
    assert_allclose(np.tril(XX), np.tril((X.T * weight) @ X), rtol=1e-10, atol=1e-9)
    assert_allclose(XY, (X.T * weight) @ Y, rtol=1e-10, atol=1e-6)
    assert_allclose(YY, weight @ Y**2, rtol=1e-10)


def test_large_offset_costs_no_digits():
    X, Y, _ = data(6, 200)
    far = Moments()
    for i in range(0, 200, 50):
        far.update(X[i : i + 50] + 2.0**20, Y[i : i + 50] + 2.0**20)
    XX, XY, _ = far.centred()
    _, _, XX_near, XY_near, _ = naive.moments((X + 2.0**20) - 2.0**20, (Y + 2.0**20) - 2.0**20)
    assert_allclose(XX, XX_near, rtol=1e-12, atol=1e-10)
    assert_allclose(XY, XY_near, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8, bool])
def test_any_dtype_is_summed_in_float64(dtype):
    rng = np.random.RandomState(0)
    X, Y = (rng.rand(300, 3) * 2).astype(dtype), (rng.rand(300, 1) * 2).astype(dtype)
    moments = Moments().update(X, Y, np.ones(300, dtype=np.float32))
    assert_moments(moments, X.astype(float), Y.astype(float), rtol=1e-13)
    assert moments.centred()[0].dtype == np.float64


def test_fortran_strided_read_only():
    X, Y, weight = data(7, 30)
    plain = Moments().update(X, Y, weight).centred()
    wide = np.repeat(X, 2, axis=1)
    wide.flags.writeable = Y.flags.writeable = weight.flags.writeable = False
    for form in (np.asfortranarray(X), wide[:, ::2], X[::-1][::-1]):
        for got, wanted in zip(Moments().update(form, Y, weight).centred(), plain, strict=True):
            assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


def test_inputs_and_results_are_independent():
    X, Y, weight = data(8, 20)
    X0, Y0, weight0 = X.copy(), Y.copy(), weight.copy()
    moments = Moments().update(X, Y, weight)
    other = moments.copy()
    empty = Moments().merge(other)
    XX = moments.centred()[0]
    XX[:] = 7
    empty.update(X, Y)
    other.update(X, Y)
    for got, wanted in ((X, X0), (Y, Y0), (weight, weight0)):
        assert_array_equal(got, wanted)
    assert_moments(moments, X, Y, weight)
    assert_moments(pickle.loads(pickle.dumps(moments)).merge(Moments()), X, Y, weight)


def test_zero_weights_first():
    X, Y, _ = data(9, 20)
    moments = Moments().update(X[:5], Y[:5], 0.0).update(X[5:], Y[5:])
    assert (moments.n, moments.weight_sum) == (20, 15)
    assert_allclose(moments.x_mean, X[5:].mean(axis=0))


def test_one_row_one_column():
    moments = Moments().update([[2.0]], [3.0], [0.5])
    assert (moments.n_features, moments.n_targets, moments.y_ndim) == (1, 1, 1)
    assert [a.tolist() for a in moments.centred()] == [[[0.0]], [[0.0]], [0.0]]
    assert [a.tolist() for a in moments.products(False)] == [[[2.0]], [[3.0]], [4.5]]


X, Y = np.ones((4, 2)), np.ones((4, 1))


@pytest.mark.parametrize(
    ("args", "match"),
    [
        ((X[0], Y), r"got \(2,\)"),
        ((X, Y[:3]), "inconsistent numbers"),
        ((X[:, :1], Y), "2 features"),
        ((X, Y[:, 0]), "1-dimensional"),
        ((X, np.ones((4, 2))), "2 targets"),
        ((X * np.nan, Y), "X contains NaN"),
        ((X, np.full((4, 1), np.inf)), "Y contains infinity"),
        ((X, Y.astype(str)), "Y must hold real numbers"),
        ((X, Y, [1.0, 2.0]), r"shape \(4,\)"),
        ((X, Y, [1, 1, 1, -1]), "must not be negative"),
        ((X, Y, [1, 1, 1, np.nan]), "sample_weight contains NaN"),
    ],
)
def test_bad_blocks_add_nothing(args, match):
    moments = Moments().update(X, Y)
    with pytest.raises(ValueError, match=match):
        moments.update(*args)
    assert_moments(moments, X, Y)


def test_empty():
    assert Moments().n_features is None
    assert Moments().n_targets is None
    for name in ("x_mean", "y_mean", "x_sum", "y_sum"):
        with pytest.raises(ValueError, match="empty"):
            getattr(Moments(), name)
    assert Moments().update(X, Y).update(X[:0], Y[:0]).n == 4


def test_a_pickle_holds_half_the_matrix_and_gives_all_back():
    r = np.random.RandomState(0)
    moments = Moments().update(r.randn(80, 60), r.randn(80, 2))
    text = pickle.dumps(moments)
    assert len(text) < 0.6 * 8 * 60 * 60 + 2000
    again = pickle.loads(text)
    for a, b in zip(again.centred(), moments.centred(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert moments.copy().centred()[0].flags.f_contiguous
    more = r.randn(5, 60), r.randn(5, 2)
    found, expected = (m.update(*more).centred()[0] for m in (again, moments))
    np.testing.assert_array_equal(found, expected)
    assert pickle.loads(pickle.dumps(Moments())).n_features is None


def test_constant_columns_have_an_exact_mean():
    rows = np.random.RandomState(0).randn(1001, 3)
    rows[:, 1] = 0.1
    for X in (rows, rows.astype(np.float32)):
        for weight in (None, np.linspace(0.1, 1, 1001)):
            moments = Moments().update(X, rows[:, 0], weight)
            moments.update(X[:100], rows[:100, 0], None if weight is None else weight[:100])
            assert moments.x_mean[1] == X[0, 1]
            assert_array_equal(moments.centred()[0][1], 0.0)


def test_a_first_block_far_away_costs_no_digits():
    X, Y, _ = data(10, 4000)
    far = np.r_[[[1e7, -1e7, 1e7]], X]
    y = np.r_[[[0.0, 0.0]], Y]
    apart = Moments().update(far[:1], y[:1]).update(far[1:], y[1:])
    want = Moments().update(far[1:], y[1:])
    apart.subtract(Moments().update(far[:1], y[:1]))
    for got, right in zip(apart.centred(), want.centred(), strict=True):
        assert_allclose(got, right, rtol=1e-2, atol=1.0)  # of 4e17 in the sums about the first row
    two = Moments().update(far[:1], y[:1]).merge(want)
    assert_allclose(two.centred()[0], Moments().update(far, y).centred()[0], rtol=1e-12)


def test_samples_are_counted_by_whole_weights_alone():
    X, Y, _ = data(11, 10)
    count = lambda weight: Moments().update(X, Y, weight).n_samples  # noqa: E731
    assert [count(w) for w in (None, 3.0, 1 / 60, 0.5, 1e6)] == [10, 30, 10, 10, 10]
    assert count([0, 1, 2, 0.5, 2.5, 0, 0, 3, 1, 1]) == 10
    both = Moments().update(X, Y, 2.0).merge(Moments().update(X, Y, 0.3))
    assert both.n_samples == 30
    assert both.subtract(Moments().update(X, Y, 0.3)).n_samples == 20


class Interrupted:
    """A stand-in for a function that is interrupted in a later call."""

    def __init__(self, function, calls):
        self.function, self.left = function, calls

    def __call__(self, *args, **kwargs):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return self.function(*args, **kwargs)


@pytest.mark.parametrize("name", ["add_gram", "times", "dsyr2k"])
def test_an_interrupt_changes_nothing(name, monkeypatch):
    monkeypatch.setattr(_budgets, "TILE_ENTRIES", 0)
    monkeypatch.setattr(_budgets, "TILE_LEAST_ROWS", 7)
    X, Y, weight = data(12, 60)
    before = pickle.dumps(Moments().update(X[:20], Y[:20], weight[:20]))
    other, real, n_interrupts = Moments().update(X[20:] + 1, Y[20:]), getattr(_moments, name), 0
    for call in (
        lambda moments: moments.update(X[20:], Y[20:], weight[20:]),
        lambda moments: moments.merge(other),
        lambda moments: moments.subtract(moments.copy()),
    ):
        for calls in range(3):
            moments = pickle.loads(before)
            monkeypatch.setattr(_moments, name, Interrupted(real, calls))
            try:
                call(moments)
            except KeyboardInterrupt:
                monkeypatch.setattr(_moments, name, real)
                assert joblib.hash(moments) == joblib.hash(pickle.loads(before))
                assert_moments(moments.update(X[20:], Y[20:], weight[20:]), X, Y, weight)
                n_interrupts += 1
    assert n_interrupts >= 3


def test_read_only_arrays_and_shallow_copies(tmp_path):
    r = np.random.RandomState(0)
    X, Y = r.randn(600, 400), r.randn(600, 3)
    first, rest = Moments().update(X[:300], Y[:300]), Moments().update(X[300:], Y[300:])
    joblib.dump((first, rest), tmp_path / "moments")
    mapped, others = joblib.load(tmp_path / "moments", mmap_mode="r")
    shared = copy.copy(mapped)
    got = mapped.merge(others).subtract(others).update(X[300:], Y[300:]).centred()
    want = Moments().update(X, Y).centred()
    for one, right in zip(got, want, strict=True):
        assert_allclose(one, right, rtol=1e-9, atol=1e-9)
    assert_array_equal(shared.centred()[1], first.centred()[1])


@pytest.mark.parametrize("call", ["merge", "subtract"])
def test_only_moments_are_added(call):
    with pytest.raises(TypeError, match="other must be a Moments object, got int"):
        getattr(Moments().update(X, Y), call)(3)


@pytest.mark.parametrize(("x", "y", "match"), [
    (1e200, 1.0, "Products of X overflow"),
    (1.0, 1e200, "Products of y overflow"),
    (1e308, 1.0, "(Sums|Products) of X overflow"),
])  # fmt: skip
def test_what_overflows_is_named(x, y, match):
    wide = np.arange(1.0, 9.0).reshape(4, 2)
    moments = Moments().update(wide, wide[:, :1])
    with np.errstate(all="raise"), pytest.raises(ValueError, match=match):
        moments.update(wide * min(x, 2e307), wide[:, :1] * y)
    assert moments.n == 4
