"""Where kernels come from."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.decomposition import NMF, PCA, FastICA, MiniBatchDictionaryLearning
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlkit.conv import KERNELS, PatchPreprocess, learn_kernels

from .rough import P, learn, raw_patches


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


def test_patches_that_do_not_differ_have_no_components():
    with pytest.raises(ValueError, match="needs patches that differ, got 9 all the same"):
        learn("pca", np.full((9, P), 0.1))
