"""Patch preprocessing that folds into kernels, and where kernels come from."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.decomposition import NMF, PCA, FastICA, MiniBatchDictionaryLearning
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlkit.conv import KERNELS, PatchPreprocess, gabor_bank, learn_kernels
from dlkit.conv._gabor import _waves

from .. import naive_kernels as naive

CONTRASTS, WHITENINGS = (None, 0.1), (None, 0.0, 0.1)
SIZE, CHANNELS = (3, 4), 2
P = 24


def raw_patches(seed=0, n=400, dtype=np.float64):
    """Patches of a rough image: correlated, off zero, of very different contrast."""
    rng = np.random.RandomState(seed)
    return (rng.randn(n, P) @ rng.randn(P, P) * rng.lognormal(size=(n, 1)) + 30).astype(dtype)


# preprocessing


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


# kernels


def learn(kernels, patches, n_kernels=10, seed=0, **more):
    return learn_kernels(kernels, patches, n_kernels, SIZE, CHANNELS, seed, **more)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", list(KERNELS))
def test_every_name_gives_unit_kernels(name, dtype):
    patches = PatchPreprocess(0.1, None).fit(raw_patches()).apply(raw_patches(dtype=dtype))
    before = patches.copy()
    bank = learn(name, patches)
    assert bank.shape == (10, P)
    assert bank.dtype == dtype
    assert bank.flags.c_contiguous
    assert_allclose(np.linalg.norm(bank, axis=1), 1, rtol=1e-5)
    assert len(np.unique(np.round(bank, 5), axis=0)) == 10
    assert_array_equal(bank, learn(name, patches))
    assert_array_equal(patches, before)
    if name not in ("pca", "gabor"):
        assert np.abs(bank - learn(name, patches, seed=1)).max() > 0.1


def test_random_kernels_are_gaussian_directions():
    bank = learn("random", None, 4000)
    assert_allclose(bank.T @ bank / 4000, np.eye(P) / P, atol=0.01)
    assert_allclose(bank.mean(axis=0), 0, atol=0.02)


def test_patch_kernels_are_patches():
    patches = raw_patches(n=50) - 30
    unit = patches / np.linalg.norm(patches, axis=1, keepdims=True)
    repeated = np.repeat(patches, 3, axis=0)
    bank = learn("patches", np.concatenate([0 * patches, 2 * repeated]), 50)
    found = [np.abs(unit - kernel).max(axis=1).argmin() for kernel in bank]
    assert sorted(found) == list(range(50))  # every one of them, once
    assert_allclose(bank, unit[found])


def test_kmeans_kernels_are_a_fixed_point_nearly():
    rng = np.random.RandomState(0)
    axes = np.linalg.qr(rng.randn(P, P))[0][:6]
    sign = rng.choice([-1, 1], (600, 1))
    patches = np.repeat(axes, 100, axis=0) * sign + 0.02 * rng.randn(600, P)
    bank = learn("kmeans", patches, 6)
    cosines = np.abs(bank @ axes.T)
    assert_allclose(np.sort(cosines.max(axis=1)), 1, atol=1e-3)
    assert len(set(cosines.argmax(axis=1))) == 6
    assert_array_equal(bank, learn("kmeans", patches, 6, n_jobs=2))


def test_pca_kernels():
    patches = PatchPreprocess(0.1, None).fit(raw_patches()).apply(raw_patches())
    bank, pca = learn("pca", patches), PCA(10).fit(patches)
    assert_allclose(np.abs(np.einsum("ij,ij->i", bank, pca.components_)), 1)
    # with whitening they are the same, and respond with whitened scores
    pre = PatchPreprocess(0.1, 0.2).fit(raw_patches())
    white = pre.apply(raw_patches())
    same = learn("pca", white, preprocess=pre)
    assert_allclose(same, bank, atol=1e-9)
    variances = pca.explained_variance_ * 399 / 400
    wanted = variances / (
        variances + 0.2 * PCA().fit(patches).explained_variance_.mean() * 399 / 400
    )
    assert_allclose(np.cov((white @ same.T).T, ddof=0), np.diag(wanted), atol=1e-9)
    with pytest.warns(UserWarning, match="'pca' gives 23 kernels, n_kernels=30"):
        assert len(learn("pca", patches, 30)) == 23  # contrast normalisation took one


@pytest.mark.parametrize("name", ["patches", "kmeans", "pca"])
def test_fewer_patches_than_kernels(name):
    few = np.repeat(raw_patches(n=4) - 30, 5, axis=0)
    n_found = 3 if name == "pca" else 4
    with pytest.warns(UserWarning, match=f"{name!r} gives {n_found} kernels, n_kernels=9"):
        bank = learn(name, few, 9)
    assert bank.shape == (n_found, P)
    for none in (None, few[:0], 0 * few):
        with pytest.raises(ValueError, match="needs patches that are not blank"):
            learn(name, none, 9)


def test_opposite_patches_are_one_direction_for_kmeans_only():
    two = np.concatenate([raw_patches(n=2), -raw_patches(n=2)])
    assert len(learn("patches", two, 4)) == 4
    with pytest.warns(UserWarning, match="'kmeans' gives 2 kernels, n_kernels=4"):
        assert len(learn("kmeans", two, 4)) == 2


@pytest.mark.parametrize("kernel_size", [(9,), (32,), (7, 7), (5, 8), (5, 5, 5), (1, 7), (3, 2)])
@pytest.mark.parametrize("n_channels", [1, 3])
def test_gabor_kernels(kernel_size, n_channels):
    bank = gabor_bank(8, kernel_size, n_channels)
    assert 2 <= len(bank) <= 8
    assert len(bank) == 8 or len(kernel_size) == 1 or min(kernel_size) < 3
    assert_allclose(bank.sum(axis=1), 0, atol=1e-12)
    assert_allclose(np.linalg.norm(bank, axis=1), 1)
    by_channel = bank.reshape(len(bank), -1, n_channels)
    assert_array_equal(by_channel, by_channel[:, :, :1].repeat(n_channels, axis=2))
    flat = by_channel[:, :, 0].reshape(len(bank), *kernel_size)
    mirrored = np.flip(flat, axis=tuple(range(1, flat.ndim)))
    assert_allclose(mirrored[::2], flat[::2], atol=1e-12)  # even
    assert_allclose(mirrored[1::2], -flat[1::2], atol=1e-12)  # odd
    pairs = by_channel[:, :, 0].reshape(len(bank) // 2, -1)
    assert len(np.unique(np.round(pairs, 5), axis=0)) == len(pairs)


@pytest.mark.parametrize("n_axes", [1, 2, 3])
def test_gabor_energy_tells_the_wave_and_not_its_phase(n_axes):
    size, n_pairs = (15, 15, 11)[:n_axes], (8, 12, 20)[n_axes - 1]
    bank = gabor_bank(2 * n_pairs, size)
    at = np.indices(size).reshape(n_axes, -1) - (np.array(size)[:, None] - 1) / 2
    waves = list(_waves(n_pairs, min(size), n_axes))
    assert len(bank) == 2 * len(waves) == 2 * n_pairs
    for i, (wavelength, direction) in enumerate(waves):
        phase = 2 * np.pi / wavelength * (direction @ at)
        energies = np.array(
            [
                np.square(bank @ np.cos(phase + shift)).reshape(-1, 2).sum(axis=1)
                for shift in np.linspace(0, np.pi, 7)
            ]
        )
        assert np.ptp(energies[:, i]) < 0.2 * energies[:, i].mean()
        assert energies.mean(axis=0)[i] > 0.8 * energies.mean(axis=0).max()


def test_gabor_waves_cover_directions_and_scales():
    bank = gabor_bank(32, (9, 9)).reshape(16, 2, 9, 9)
    spectra = np.abs(np.fft.fft2(bank[:, 0] + 1j * bank[:, 1], (64, 64)))
    peaks = np.array([np.unravel_index(s.argmax(), s.shape) for s in spectra])
    frequencies = np.fft.fftfreq(64)[peaks]
    angles = np.sort(np.degrees(np.arctan2(frequencies[:, 0], frequencies[:, 1])) % 180)
    assert np.diff([*angles, angles[0] + 180]).max() < 40
    wavelengths = 1 / np.linalg.norm(frequencies, axis=1)
    assert wavelengths.min() < 3.5
    assert wavelengths.max() > 6


def test_small_kernels_hold_few_gabors():
    with pytest.warns(UserWarning, match="'gabor' gives 2 kernels, n_kernels=8"):
        assert len(learn_kernels("gabor", None, 8, (3,))) == 2
    assert len(gabor_bank(7, (9, 9))) == 7
    for size in ((2,), (1, 2), (3, 3, 3, 3)):
        with pytest.raises(ValueError, match="kernels='gabor' needs a kernel_size of at least 3"):
            learn_kernels("gabor", None, 8, size)


def test_hand_made_kernels_meet_preprocessed_patches():
    """The same rule for every kernel; with contrast normalisation alone it is plain correlation."""
    patches, gabors = raw_patches(), learn("gabor", None)
    for contrast, whitening in ((0.1, 0.1), (0.1, None)):
        pre = PatchPreprocess(contrast, whitening).fit(patches)
        A, b = pre.fold(learn(gabors, None))
        s = np.sqrt(patches.var(axis=1, keepdims=True) + pre.eps_)
        assert_allclose(patches @ A.T / s - b, pre.apply(patches) @ gabors.T, atol=1e-10)
        if whitening is None:
            assert_allclose(A, gabors, atol=1e-12)  # of zero mean already


@pytest.mark.parametrize(
    ("estimator", "attribute"),
    [
        (FastICA(5, tol=0.1), "components_"),
        (MiniBatchDictionaryLearning(5, max_iter=3), "components_"),
        (NMF(5, tol=0.1), "components_"),
        (BernoulliRBM(5, n_iter=2), "components_"),
        (PCA(), "components_"),
        (KMeans(5), "cluster_centers_"),
        (MiniBatchKMeans(5, n_init=1, batch_size=256), "cluster_centers_"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_estimator(estimator, attribute):
    patches = np.abs(PatchPreprocess(0.1, None).fit(raw_patches()).apply(raw_patches()))
    patches /= patches.max()
    bank = learn(estimator, patches, 256)  # what it was asked for counts, without a warning
    assert not hasattr(estimator, attribute)
    assert bank.shape == (P if isinstance(estimator, PCA) else 5, P)
    assert_array_equal(bank, learn(estimator, patches))
    fixed = estimator.set_params(random_state=3)
    assert_allclose(learn(fixed, patches), getattr(fixed.fit(patches), attribute))


def test_estimators_without_kernels():
    patches = raw_patches()
    for estimator, name in (
        (StandardScaler(), "StandardScaler"),
        (make_pipeline(PCA()), "Pipeline"),
    ):
        with pytest.raises(TypeError, match=f"components_ or cluster_centers_ .*, got {name}"):
            learn(estimator, patches)
    with pytest.raises(ValueError, match="kernels=PCA needs patches"):
        learn(PCA(), None)
    with pytest.raises(ValueError, match="kernels must be one of .* an estimator"):
        learn(PCA, patches)

    class Wrong(PCA):
        def fit(self, X, y=None):
            self.components_ = np.ones((3, 4))
            return self

    with pytest.raises(ValueError, match=r"Wrong.components_ of shape \(3, 4\)"):
        learn(Wrong(), patches)


def test_arrays_of_ones_own():
    flat = np.random.RandomState(0).randn(6, P)
    for bank in (flat, flat.reshape(6, 3, 4, 2), flat.tolist()):
        assert_array_equal(learn(bank, None), flat)
    assert learn(flat, raw_patches(dtype=np.float32)).dtype == np.float32
    one = learn_kernels(flat.reshape(6, 4, 6), None, None, (4, 6))
    assert_array_equal(one, flat)
    assert_array_equal(learn_kernels(flat, None, None, 24), flat)
    for wrong in (flat.reshape(6, 4, 3, 2), flat.reshape(6, 3, 8), flat[0], flat[:0], 3.0):
        with pytest.raises(
            ValueError, match=r"kernels must be of shape \(K, 3, 4, 2\) or \(K, 24\)"
        ):
            learn(wrong, None)
    for value in (np.nan, np.inf):
        bad = flat.copy()
        bad[1, 2] = value
        with pytest.raises(ValueError, match="kernels must be finite"):
            learn(bad, None)


def test_bad_arguments():
    patches = raw_patches()
    with pytest.raises(ValueError, match=r"kernels must be one of \['gabor'.*got 'sobel'"):
        learn("sobel", patches)
    for bad in (None, object(), [["a"]], 1j):
        with pytest.raises((ValueError, TypeError), match="kernels must be"):
            learn(bad, patches)
    with pytest.raises(ValueError, match=r"patches must be of shape \(n, 24\)"):
        learn("patches", patches[:, :23])
    for bad in (0, 2.5, None):
        with pytest.raises(ValueError, match="n_kernels must be a whole number"):
            learn("random", patches, bad)
