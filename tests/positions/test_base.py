import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import RidgeClassifier

from dlkit import PixelClassifier, PixelRegressor, ScaleFeatures

from .pictures import squares

X, Y = squares(4, 12)


@pytest.mark.parametrize("make", [PixelClassifier, PixelRegressor])
def test_copies_are_the_same(make):
    model = make(10, n_stages=2, random_state=0).fit(X, Y)
    want = model.predict(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), want)
    np.testing.assert_array_equal(clone(model).fit(X, Y).predict(X), want)


def test_a_mapped_file_is_read_in_boxes(tmp_path, monkeypatch):
    model = PixelClassifier(10, n_stages=1, random_state=0).fit(X, Y)
    np.save(tmp_path / "image.npy", X)
    mapped = np.load(tmp_path / "image.npy", mmap_mode="r")
    want = model.predict(X)
    monkeypatch.setattr("dlkit._budgets.POSITION_BYTES", 2**16)
    np.testing.assert_array_equal(model.predict(mapped), want)
    np.testing.assert_array_equal(model.predict(list(mapped)), want)


@pytest.mark.compiled
@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("smoothing", [None, 1.0, "guided"])
@pytest.mark.parametrize("n_stages", [1, 2])
def test_means_over_mirror_images_are_those_of_flipped_copies(
    n_stages, smoothing, listed, monkeypatch
):
    model = PixelClassifier(10, n_stages=n_stages, random_state=0).fit(X, Y)
    flips = [(), (1,), (2,), (1, 2)]
    want = np.mean([np.flip(model.predict_proba(np.flip(X, f)), f) for f in flips], axis=0)
    mirrored = clone(model).set_params(mirrored=True).fit(X, Y)
    given = list(X) if listed else X
    np.testing.assert_allclose(mirrored.predict_proba(given), want, atol=1e-12)
    np.testing.assert_array_equal(mirrored.predict(given), want.argmax(axis=-1))
    monkeypatch.setattr("dlkit._budgets.POSITION_BYTES", 2**16)
    np.testing.assert_allclose(mirrored.predict_proba(given), want, atol=1e-12)
    mirrored.set_params(smoothing=smoothing)
    np.testing.assert_allclose(np.sum(mirrored.predict_proba(given), axis=-1), 1.0)


def test_numbers_over_mirror_images():
    model = PixelRegressor(10, n_stages=1, random_state=0).fit(X, Y)
    flips = [(), (1,), (2,), (1, 2)]
    want = np.mean([np.flip(model.predict(np.flip(X, f)), f) for f in flips], axis=0)
    np.testing.assert_allclose(model.set_params(mirrored=True).predict(X), want, atol=1e-12)


def test_labels_have_no_mean():
    with pytest.raises(ValueError, match="predict_proba"):
        PixelClassifier(10, readout=RidgeClassifier(), mirrored=True).fit(X, Y)


def test_groups_keep_what_is_learned_by_heart_from_saying_that_stages_pay():
    """Words of noisy letters: those around tell a known word, and nothing of a new one."""
    rng = np.random.RandomState(0)
    words = [rng.randint(0, 4, 8) for _ in range(6)]
    kinds = np.repeat(np.arange(6), 25)
    y = [words[k] for k in kinds]
    X = [np.eye(4)[one] + 0.8 * rng.standard_normal((8, 4)) for one in y]
    features = ScaleFeatures(0.3, window=1, neighbours=False, n_axes=1)
    model = PixelClassifier(60, features=features, context_size=7, random_state=0)
    assert model.fit(X, y).n_stages_ > 1  # each word is also among the others
    assert model.fit(X, y, groups=kinds).n_stages_ == 1


@pytest.mark.parametrize("make", [PixelClassifier, PixelRegressor])
def test_groups_that_do_not_fit_are_named(make):
    X, y = squares(4, 12)
    for groups in ([0, 1], [0, 0, 0, 0]):
        with pytest.raises(ValueError, match="groups"):
            make(5, random_state=0).fit(X, y, groups=groups)
