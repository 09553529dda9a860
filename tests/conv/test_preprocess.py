"""Patch preprocessing that folds into kernels."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError

from dlkit.conv import PatchPreprocess, _preprocess

from .. import naive_kernels as naive
from .rough import P, raw_patches

CONTRASTS, WHITENINGS = (None, 0.1), (None, 0.0, 0.1)


@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize("whitening", WHITENINGS)
def test_folding_is_applying(contrast, whitening):
    patches, kernels = raw_patches(), np.random.RandomState(1).randn(7, P)
    pre = PatchPreprocess(contrast, whitening).fit(patches)
    variance = patches.var(axis=1)
    assert pre.eps_ == (0.0 if contrast is None else pytest.approx(contrast * variance.mean()))
    s = 1.0 if contrast is None else np.sqrt(variance + pre.eps_)[:, None]

    plain = [x if contrast is None else naive.contrast_normalised(x, pre.eps_) for x in patches]
    if whitening is None:
        wanted = np.array(plain)
    elif whitening or contrast is None:
        mean, W = naive.whitening(np.array(plain), whitening)
        wanted = (plain - mean) @ W
    else:  # the constant direction has no variance, and is left out
        wanted = pre.apply(patches)
        assert_allclose(wanted.T @ wanted / len(patches), np.eye(P) - 1 / P, atol=1e-9)
    applied = pre.apply(patches)
    scale = np.abs(applied).max()
    assert_allclose(applied, wanted, atol=1e-9 * scale)

    A, b = pre.fold(kernels)
    assert A.dtype == b.dtype == np.float64
    assert_allclose(patches @ A.T / s - b, applied @ kernels.T, rtol=1e-10, atol=1e-10 * scale)
    if contrast is not None:
        assert_allclose(A.sum(axis=1), 0, atol=1e-10)

    norms = np.square(applied).sum(axis=1)
    if whitening is None:
        assert pre.norm_operator() is None
        sums = np.square(patches).sum(axis=1) if contrast is None else P * variance / s[:, 0] ** 2
        assert_allclose(sums, norms)
    else:
        R, c = pre.norm_operator()
        assert R.shape == (P - (contrast is not None), P)
        assert_array_equal(np.tril(R, -1), 0)
        assert_allclose(np.square(patches @ R.T / s - c).sum(axis=1), norms, rtol=1e-8)


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_blank_patches_teach_nothing(contrast):
    patches = raw_patches()
    blank = np.repeat([[7.0], [0.0], [-3.0]], P, axis=1)
    mixed = np.concatenate([blank, patches, blank + 1e-9 * np.arange(P)])
    pre, without = (PatchPreprocess(contrast, 0.1).fit(x) for x in (mixed, patches))
    assert pre.n_patches_ == len(patches)
    assert pre.mean_variance_ == pytest.approx(without.mean_variance_)
    assert_allclose(pre.fold(np.eye(P))[0], without.fold(np.eye(P))[0], rtol=1e-7, atol=1e-12)
    assert_array_equal(pre.is_blank(mixed), np.r_[[True] * 3, [False] * len(patches), [True] * 3])
    applied = pre.apply(blank)
    if contrast is not None:
        assert_allclose(applied, np.repeat(applied[:1], 3, axis=0))  # all the same: no contrast


def test_constant_patches_are_an_error_where_anything_is_learned():
    constant = np.full((20, P), 3.0)
    for contrast, whitening in ((0.1, None), (None, 0.1), (0.1, 0.1)):
        with pytest.raises(ValueError, match="All 20 patches are constant"):
            PatchPreprocess(contrast, whitening).fit(constant)
    nothing = PatchPreprocess(None, None).fit(constant)
    assert_array_equal(nothing.apply(constant), constant)
    later = PatchPreprocess().fit(raw_patches()).update(constant)
    assert_array_equal(
        later.fold(np.eye(P))[0], PatchPreprocess().fit(raw_patches()).fold(np.eye(P))[0]
    )


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    cuts=st.lists(st.integers(101, 399), max_size=3, unique=True),
    contrast=st.sampled_from(CONTRASTS),
)
def test_blocks_add_up(cuts, contrast):
    patches = raw_patches()
    streamed = PatchPreprocess(contrast, 0.1).fit(patches[:100])  # settles eps
    whole = PatchPreprocess(contrast, 0.1).fit(patches[:100]).update(patches[100:])
    for a, b in pairwise([100, *sorted(cuts), 400]):
        streamed.update(patches[a:b])
        streamed.apply(patches[:3])  # looking in between changes nothing
    assert streamed.eps_ == whole.eps_
    assert streamed.n_patches_ == whole.n_patches_
    assert_allclose(streamed.apply(patches), whole.apply(patches), rtol=1e-8, atol=1e-8)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(scale=st.sampled_from([1e-5, 0.3, 255.0, 1e8]), offset=st.sampled_from([0.0, -2.0, 100.0]))
def test_regularisers_are_free_of_scale_and_offset(scale, offset):
    patches = raw_patches()
    once = PatchPreprocess(0.1, 0.1).fit(patches)
    other = PatchPreprocess(0.1, 0.1).fit((patches + offset) * scale)
    assert_allclose(other.apply((patches + offset) * scale), once.apply(patches), atol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.int64])
def test_dtypes(dtype):
    patches = np.clip(raw_patches() * 3, 0, 255).astype(dtype)
    pre = PatchPreprocess().fit(patches)
    exact = PatchPreprocess().fit(patches.astype(np.float64))
    assert pre.eps_ == pytest.approx(exact.eps_)
    applied = pre.apply(patches)
    assert applied.dtype == (np.float64 if dtype == np.int64 else np.float32)
    assert_allclose(applied, exact.apply(patches.astype(np.float64)), atol=1e-4)
    assert_array_equal(patches, np.clip(raw_patches() * 3, 0, 255).astype(dtype))


def test_pickled_preprocessing_goes_on():
    pre = PatchPreprocess().fit(raw_patches())
    again = pickle.loads(pickle.dumps(pre))
    assert_array_equal(again.apply(raw_patches(1)), pre.apply(raw_patches(1)))
    assert_allclose(
        again.update(raw_patches(2)).apply(raw_patches(1)),
        pre.update(raw_patches(2)).apply(raw_patches(1)),
    )


def test_bad_preprocessing():
    for name, values in {"contrast": (0, -1, "0.1"), "whitening": (-0.1, "no")}.items():
        for value in values:
            with pytest.raises(ValueError, match=f"'{name}'"):
                PatchPreprocess(**{name: value})
    for bad in (np.ones(5), np.ones((0, 4)), np.ones((4, 0)), np.ones((2, 2, 2))):
        with pytest.raises(ValueError, match="patches must be of shape"):
            PatchPreprocess().fit(bad)
    with pytest.raises(ValueError, match="patches must have 24 entries, as before, got 23"):
        PatchPreprocess().fit(raw_patches()).update(raw_patches()[:, :23])
    for value in (np.nan, np.inf):
        patches = raw_patches()
        patches[3, 4] = value
        with pytest.raises(ValueError, match="patches contains"):
            PatchPreprocess().fit(patches)
    for call in ("apply", "fold", "is_blank"):
        with pytest.raises(NotFittedError, match="call fit first"):
            getattr(PatchPreprocess(0.1, 0.1), call)(raw_patches())
    assert_array_equal(PatchPreprocess(None, None).fold(np.eye(P))[0], np.eye(P))


@pytest.mark.parametrize("whitening", [None, 0.1])
@pytest.mark.parametrize("constant", [0.1, 1e5 + 0.1, 1e-30])
def test_constants_are_constants_whatever_their_mean_is_rounded_to(whitening, constant):
    with pytest.raises(ValueError, match="All 20 patches are constant"):
        PatchPreprocess(0.1, whitening).fit(np.full((20, P), constant))


def test_patches_of_one_pattern_have_nothing_for_whitening():
    ramps = 0.1 * np.arange(P) + np.random.RandomState(0).randint(100, size=(30, 1))
    for patches in (ramps, ramps.astype(np.float32)):
        with pytest.raises(ValueError, match="All 30 patches are the same once contrast-norm"):
            PatchPreprocess().fit(patches)
        PatchPreprocess(0.1, None).fit(patches)
    with pytest.raises(ValueError, match="All 30 patches are the same: whitening"):
        PatchPreprocess(None, 0.1).fit(np.repeat(raw_patches(n=1), 30, axis=0))


def test_an_interrupted_update_changes_nothing(monkeypatch):
    pre = PatchPreprocess().fit(raw_patches())
    before, n = pre.apply(raw_patches()), pre.n_patches_

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(_preprocess, "with_rows", interrupt)
    for call in (pre.update, pre.fit):
        with pytest.raises(KeyboardInterrupt):
            call(raw_patches(1))
    assert_array_equal(pre.apply(raw_patches()), before)
    assert pre.n_patches_ == n
