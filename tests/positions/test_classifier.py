import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV, cross_val_score
from sklearn.svm import LinearSVC

import dlkit
from dlkit import (
    ConvFeatures,
    HingeReadoutClassifier,
    ImageScanFeatures,
    PerStep,
    PixelClassifier,
    RidgeReadoutClassifier,
    ScaleFeatures,
)

from .pictures import squares

X, Y = squares(6, 16, classes=3)
MAPS = {"contrast": None, "output": "map", "random_state": 0}
SMALL = {"n_units": 30, "random_state": 0}


def test_labels_and_probabilities():
    model = PixelClassifier(**SMALL).fit(X[:4], Y[:4])
    P = model.predict_proba(X[4:])
    assert P.shape == (2, 16, 16, 3)
    np.testing.assert_allclose(P.sum(axis=-1), 1)
    np.testing.assert_array_equal(P.argmax(axis=-1), model.predict(X[4:]))
    assert model.score(X[4:], Y[4:]) == np.mean(model.predict(X[4:]) == Y[4:]) > 0.9


def test_scikit_learn_leaves_out_images():
    model = PixelClassifier(**SMALL, n_stages=1)
    assert cross_val_score(model, X, Y, cv=3).mean() > 0.9
    search = GridSearchCV(model, {"n_units": [0, 20], "smoothing": [None, 1.0]}, cv=2)
    assert search.fit(list(X), list(Y)).score(X, Y) > 0.9


def test_images_of_any_sizes():
    sizes = [(9, 12), (16, 5), (7, 7), (1, 3)]
    some = [x[:a, :b] for x, (a, b) in zip(X, sizes, strict=False)]
    labels = [y[:a, :b] for y, (a, b) in zip(Y, sizes, strict=False)]
    model = PixelClassifier(**SMALL, n_stages=2).fit(some, labels)
    assert [p.shape for p in model.predict(some)] == sizes
    alone = [model.predict_proba(x[None])[0] for x in some]
    for one, other in zip(model.predict_proba(some), alone, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_boxes_threads_and_forms_change_nothing(monkeypatch):
    model = PixelClassifier(**SMALL, n_stages=3, smoothing=1.0, context_rings=(2,))
    model.set_params(features=ScaleFeatures((0.7, 1.0))).fit(X[:4], Y[:4])
    want = model.predict_proba(X)
    monkeypatch.setattr("dlkit._budgets.POSITION_BYTES", 2**16)
    monkeypatch.setattr("dlkit._budgets.POSITION_TILE_BYTES", 2**14)
    read_only = X.copy()
    read_only.flags.writeable = False
    for form in (read_only, X[..., None], np.asfortranarray(X), list(X)):
        found = model.set_params(n_jobs=2).predict_proba(form)
        np.testing.assert_allclose(np.array(found), want, atol=1e-9)


def test_stages_one_by_one_or_box_by_box_find_the_same(monkeypatch):
    model = PixelClassifier(**SMALL, n_stages=3, smoothing=1.0, context_rings=(2,))
    model.set_params(features=ScaleFeatures((0.7, 1.0)), n_jobs=2).fit(X[:4], Y[:4])
    monkeypatch.setattr("dlkit._budgets.POSITION_BYTES", 2**16)
    want = model.predict_proba(X)
    monkeypatch.setattr("dlkit._budgets.POSITION_CACHE_BYTES", 0)
    np.testing.assert_allclose(model.predict_proba(X), want, atol=1e-9)


def test_training_in_boxes_and_without_a_cache_changes_nothing(monkeypatch):
    model = PixelClassifier(**SMALL, n_stages=2, context_rings=(2,))
    model.set_params(features=ScaleFeatures((0.7, 1.0)))
    want = model.fit(X[:4], Y[:4]).predict_proba(X)
    monkeypatch.setattr("dlkit._budgets.POSITION_BYTES", 2**17)
    monkeypatch.setattr("dlkit._budgets.POSITION_CACHE_BYTES", 0)
    np.testing.assert_allclose(clone(model).fit(X[:4], Y[:4]).predict_proba(X), want, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int64, bool])
def test_dtypes(dtype):
    some = (np.clip(X, 0, 3) * 60).astype(dtype)
    model = PixelClassifier(**SMALL, n_stages=1).fit(some[:4], Y[:4].astype(np.uint8))
    assert model.predict(some).dtype == np.uint8
    single = dtype in (np.uint8, np.float32, bool)
    assert model.predict_proba(some).dtype == (np.float32 if single else np.float64)


@pytest.mark.compiled
@pytest.mark.parametrize(
    "features",
    [
        ConvFeatures(6, kernel_size=(3, 3), padding="same", **MAPS),
        ConvFeatures(6, kernel_size=(3, 3), dilation=2, **MAPS),
        [ScaleFeatures(1.0), ConvFeatures(
            4, kernel_size=[(3, 3), (5, 5)], padding="same", output="map", random_state=0)],
        ImageScanFeatures(5, strip=2, output="map", random_state=0),
    ],
)  # fmt: skip
def test_any_transformer_that_makes_maps(features, monkeypatch):
    model = PixelClassifier(**SMALL, features=features, n_stages=2).fit(X[:4], Y[:4])
    want = model.predict_proba(X[4:])
    assert model.score(X[4:], Y[4:]) > 0.85
    monkeypatch.setattr("dlkit._budgets.POSITION_BYTES", 2**16)
    np.testing.assert_allclose(model.predict_proba(X[4:]), want, atol=1e-9)


def test_convolution_sees_reflected_borders():
    a = np.random.RandomState(0).standard_normal((1, 9, 8))
    conv = ConvFeatures(3, kernel_size=(3, 5), padding="same", output="map", random_state=0)
    model = PixelClassifier(8, features=conv, n_stages=1, random_state=0).fit(a, a > 0)
    padded = np.pad(a, ((0, 0), (4, 4), (4, 4)), mode="symmetric")
    from dlkit.conv._samples import check_samples

    found = model._chain.describer(check_samples(a, 2), 0, (0, 0), (9, 8))
    np.testing.assert_allclose(
        found, model.features_[0].transform(padded)[0, 4:-4, 4:-4], atol=1e-12
    )


def test_series_with_any_transformer_of_steps():
    rng = np.random.RandomState(0)
    series = [rng.standard_normal((n, 3)) for n in (20, 35, 28)]
    labels = [(np.roll(x[:, 0], 1) + x[:, 1] > 0).astype(int) for x in series]
    for features in (None, PerStep(dlkit.RandomAutoencoder(4, random_state=0))):
        model = PixelClassifier(**SMALL, features=features, n_stages=1).fit(series, labels)
        assert [p.shape for p in model.predict(series)] == [(20,), (35,), (28,)]
        assert model.score(series, labels) > 0.7


@pytest.mark.parametrize(
    "readout",
    [
        RidgeReadoutClassifier(),
        HingeReadoutClassifier(tol=0.1),
        RandomForestClassifier(5),
        LinearSVC(),
    ],
)
def test_any_classifier_reads_out(readout):
    model = PixelClassifier(**SMALL, readout=readout, n_stages=2).fit(X[:4], Y[:4])
    assert model.score(X[4:], Y[4:]) > 0.85
    assert hasattr(model, "predict_proba") == hasattr(readout, "predict_proba")


def test_scribbles_on_one_image():
    marks = np.zeros_like(Y[:1])
    rng = np.random.RandomState(0)
    at = tuple(rng.randint(0, 16, (2, 40)))
    marks[0][at] = Y[0][at] + 1
    model = PixelClassifier(**SMALL, unlabeled=0).fit(X[:1], marks)
    assert model.classes_.tolist() == [1, 2, 3]
    assert np.mean(model.predict(X[:1]) == Y[:1] + 1) > 0.85


def test_a_class_that_one_fold_alone_holds():
    y = np.minimum(Y, 1)
    y[5, 2:5, 2:5] = 7
    model = PixelClassifier(**SMALL, cv=6, n_stages=2).fit(X, y)
    assert model.classes_.tolist() == [0, 1, 7]
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=-1), 1)


def test_one_labelled_line_leaves_nothing_to_leave_out():
    y = np.zeros((1, 12, 12), dtype=int)
    y[0, 3, :6], y[0, 9, :6] = 1, 2
    x = np.repeat(np.arange(12.0), 12).reshape(1, 12, 12)
    single = y.copy()
    single[0, :, 1:] = 0
    model = PixelClassifier(5, unlabeled=0, cv=2, random_state=0).fit(x, single)
    assert model.predict(x)[0, 3, 0] == 1


def test_weights_and_class_weights():
    y = np.minimum(Y, 1)
    noisy = y + 1.5 * np.random.RandomState(1).standard_normal(y.shape)
    plain = PixelClassifier(**SMALL, n_stages=1).fit(noisy, y)
    balanced = clone(plain).set_params(class_weight="balanced").fit(noisy, y)
    weighted = clone(plain).fit(noisy, y, sample_weight=np.where(y, 5.0, 1.0))
    by_dict = clone(plain).set_params(class_weight={0: 1, 1: 5}).fit(noisy, y)
    assert balanced.predict(noisy).sum() > plain.predict(noisy).sum()
    np.testing.assert_allclose(
        weighted.predict_proba(noisy), by_dict.predict_proba(noisy), atol=1e-6
    )
    half = clone(plain).fit(noisy, y, sample_weight=[1, 1, 1, 0, 0, 0])
    assert half.score(noisy, y, sample_weight=[0, 0, 0, 1, 1, 1]) == half.score(noisy[3:], y[3:])


def test_smoothing_makes_noise_fewer():
    noisy = np.minimum(Y, 1) + 1.5 * np.random.RandomState(1).standard_normal(Y.shape)
    y = np.minimum(Y, 1)
    plain = PixelClassifier(**SMALL, n_stages=1, features=ScaleFeatures(0.7)).fit(noisy[:4], y[:4])
    rough = plain.score(noisy[4:], y[4:])
    for smoothing in (1.5, "guided"):
        plain.set_params(smoothing=smoothing)
        assert smoothing == "guided" or plain.score(noisy[4:], y[4:]) > rough
        P = plain.predict_proba(noisy[4:])
        np.testing.assert_allclose(P.sum(axis=-1), 1)
        np.testing.assert_array_equal(P.argmax(axis=-1), plain.predict(noisy[4:]))


def test_a_failed_fit_leaves_the_estimator_as_it_was():
    model = PixelClassifier(**SMALL, n_stages=1).fit(X, Y)
    want = model.predict(X)
    with pytest.raises(ValueError, match="two classes"):
        model.fit(X, np.zeros_like(Y))
    np.testing.assert_array_equal(model.predict(X), want)
    with pytest.raises(NotFittedError):
        PixelClassifier().predict(X)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"context_size": 4}, "context_size=4"), ({"context_rings": (0,)}, "context_rings"),
        ({"smoothing": "bilateral"}, "smoothing"), ({"n_stages": 0}, "n_stages"),
        ({"features": []}, "features"), ({"features": ConvFeatures()}, "output='map'"),
        ({"features": ConvFeatures(4, kernel_size=3, stride=2, output="map")}, "each position"),
        ({"features": ConvFeatures(4, kernel_size=(40, 40), padding="valid", output="map")},
         "larger than a sample"),
        ({"cv": 1}, "cv"), ({"n_positions": 1}, "n_positions"),
    ],
)  # fmt: skip
def test_wrong_parameters_are_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        PixelClassifier(8, **wrong).fit(X, Y)


def test_other_channels_are_refused():
    model = PixelClassifier(**SMALL, n_stages=1).fit(X, Y)
    with pytest.raises(ValueError, match="2 channels, but PixelClassifier was fitted with 1"):
        model.predict(np.zeros((2, 9, 9, 2)))


def test_labels_are_those_of_the_readout():
    def with_readout(readout):
        model = PixelClassifier(20, readout=readout, n_stages=1, random_state=0)
        return model.fit(X, Y == 1)

    plain = with_readout(LogisticRegression(max_iter=500))
    late = with_readout(FixedThresholdClassifier(LogisticRegression(max_iter=500), threshold=0.9))
    found = plain.predict_proba(X)[..., 1]
    np.testing.assert_array_equal(plain.predict(X), found > 0.5)
    np.testing.assert_array_equal(late.predict(X), found >= 0.9)
    assert (late.predict(X) != plain.predict(X)).any()
