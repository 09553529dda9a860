from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from dlkit import PixelClassifier, PixelRegressor, ScaleFeatures
from dlkit.exceptions import ReadingWarning

from .pictures import squares


def fit(X, y, **parameters):
    return PixelClassifier(8, n_stages=1, random_state=0, **parameters).fit(X, y)


X, Y = squares(2, 10)
COLOUR = np.repeat(X[..., None], 3, axis=3)
FIRST = np.moveaxis(COLOUR, -1, 1)


@pytest.mark.parametrize(
    ("X", "y", "said"),
    [
        (X[0], Y[0], r"X has shape \(10, 10\).*hand over X\[None\]"),
        (X, Y[:, :9], r"Sample 0 of X has spatial shape \(10, 10\), but y\[0\] has .*9"),
        ([X[0], X[1][:7]], list(Y), r"Sample 1 of X has spatial shape \(7, 10\)"),
        (X, Y[:1], "2 samples and y 1 maps"),
        (X, np.array([0, 1]), "a map for each sample.*one target a sample"),
        (X, [3, "a"], "a map for each sample"),
        (X, None, "y must hold a map"),
        (X, np.repeat(Y[..., None], 3, axis=3), "colours.*np.unique"),
        (np.repeat(X[..., None], 3, axis=3), np.repeat(Y[..., None], 3, axis=3), "colours"),
        (np.ones((20, 24, 3)), np.ones((20, 24, 3), np.uint8), "colours"),  # one picture
        (X, np.zeros_like(Y), "two classes, but y holds one, 0"),
        (X, np.where(Y, np.nan, 0), r"NaN.*unlabeled=float\('nan'\)"),
        (X, Y + 0.5, "y holds 0.5, which is no label"),
        (np.full_like(X, np.nan), Y, "NaN.*sample 0|sample 0.*NaN"),
        ([], [], "X and y are empty"),
        (X, Y[:, None], r"one channel.*y\[:, 0\]"),
        (COLOUR, Y[:, None], r"one channel.*y\[:, 0\]"),
        (FIRST, Y[:, None], r"one channel.*np.moveaxis\(X, 1, -1\) and y\[:, 0\]"),
        (X, np.moveaxis(np.eye(2)[Y], -1, 1), r"a row for each class.*y.argmax\(axis=1\)"),
        (FIRST, np.moveaxis(np.eye(3)[Y], -1, 1), r"a row for each.*moveaxis\(X, 1, -1\) and y"),
        (COLOUR, np.eye(5)[Y], r"a column for each class.*y.argmax\(axis=-1\)"),
        (["a.png", "b.png"], list(Y), "X holds text, 'a.png' first.*read the images"),
        ([Path("a.png")] * 2, list(Y), "X holds text, 'a.png' first"),
        (X, ["a.png", "b.png"], "y holds text, 'a.png' first"),
        (X, np.array([None, 1], dtype=object)[Y], r"y\[0\] holds None.*float\('nan'\)"),
        (X, np.array([None, "a"], dtype=object)[Y], r'y\[0\] holds None.*unlabeled=""'),
        (X, np.array([np.nan, "a"], dtype=object)[Y], r'y\[0\] holds nan.*unlabeled=""'),
        (X, np.array([1, "a"], dtype=object)[Y], r"y\[0\] holds text beside int"),
        (X, [Y[0], np.array(["a", "b"])[Y[1]]], r"y\[1\] holds text and y\[0\] numbers"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_name(X, y, said):
    with pytest.raises(ValueError, match=f"(?s){said}"):
        fit(X, y)


def test_marks_alone_are_no_labels():
    with pytest.raises(ValueError, match="unlabeled must be one label or None"):
        fit(X, Y, unlabeled=[0, 1])
    with pytest.raises(ValueError, match="no labelled position: all entries are unlabeled=0"):
        fit(X, np.zeros_like(Y), unlabeled=0)
    with pytest.raises(ValueError, match="y holds one, 1 beside unlabeled=0"):
        fit(X, np.minimum(Y, 1), unlabeled=0)
    with pytest.raises(ValueError, match="no position with a target"):
        PixelRegressor(unlabeled=np.nan).fit(X, np.full(Y.shape, np.nan))


@pytest.mark.parametrize("form", [
    list, lambda y: y.astype(bool), lambda y: y[..., None], lambda y: y.tolist(),
    lambda y: y.astype(np.float32), lambda y: np.array(["no", "yes"])[y],
])  # fmt: skip
def test_maps_of_other_forms_teach_the_same(form):
    want = fit(X, Y).predict(X)
    model = fit(X, form(Y))
    np.testing.assert_array_equal(model.predict(X) == model.classes_[1], want == 1)


def test_masks_with_an_axis_of_channels_teach_what_masks_teach():
    want = fit(COLOUR, Y).predict(COLOUR)
    np.testing.assert_array_equal(fit(COLOUR, Y[..., None]).predict(COLOUR), want)
    found = fit(list(COLOUR), [y[..., None] for y in Y]).predict(list(COLOUR))
    np.testing.assert_array_equal(found, want)
    series = [x[0] for x in COLOUR]
    steps = fit(series, [y[0, :, None] + y[1, :, None] * 0 + (x[:, :1] > 0) for x, y in
                         zip(series, Y, strict=True)]).predict(series)  # fmt: skip
    assert [one.shape for one in steps] == [(10,)] * 2


def test_groups_of_another_form_are_named():
    with pytest.raises(ValueError, match="groups"):
        PixelClassifier(8).fit(X, Y, groups=Y)


def test_objects_that_are_numbered_are_not_taken_for_classes_in_silence(recwarn):
    noise = ndimage.gaussian_filter(
        np.random.RandomState(0).standard_normal((3, 64, 64)), (0, 1, 1)
    )
    objects = np.array([ndimage.label(one > 0.05)[0] for one in noise])
    assert objects.max() > 20
    small = PixelClassifier(0, features=ScaleFeatures(1.0), n_stages=1, random_state=0)
    for n in (3, 1):
        with pytest.warns(ReadingWarning, match="numbers objects one by one.*y > 0"):
            small.fit(noise[:n], objects[:n])
    recwarn.clear()
    atlas = np.broadcast_to(np.arange(64)[:, None] // 16 * 6 + np.arange(64) // 11, noise.shape)
    small.fit(noise, atlas)  # the same regions in each
    small.fit(noise[:1], np.random.RandomState(0).randint(0, 30, (1, 64, 64)))
    small.fit(noise, objects > 0)
    assert not recwarn.list


def test_marks_of_every_kind_are_left_out():
    known = np.random.RandomState(0).uniform(size=Y.shape) < 0.5
    found = []
    for y, unlabeled in [
        (np.where(known, Y, -1), -1), (np.where(known, Y, np.nan), float("nan")),
        (np.where(known, Y, np.nan).astype(np.float32), np.float32("nan")),
        (np.where(known, np.array(["a", "b"])[Y], ""), ""),
    ]:  # fmt: skip
        model = fit(X, y, unlabeled=unlabeled)
        assert len(model.classes_) == 2
        found.append(model.predict_proba(X))
        assert model.score(X, y) > 0.9
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_array_equal(found[0], found[3])


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        (np.ones(3), "sample_weight"), (np.ones((2, 9, 10)), r"sample_weight\[0\] has shape \(9"),
        (-np.ones(2), "negative"), (np.zeros(2), "all-zero"), ([np.ones((10, 10))], "1 entries"),
    ],
)  # fmt: skip
def test_wrong_weights_are_named(weight, said):
    with pytest.raises(ValueError, match=said):
        PixelClassifier(8).fit(X, Y, sample_weight=weight)


def test_axes_of_space_are_those_of_the_maps():
    rng = np.random.RandomState(0)
    for shape, space in [
        ((3, 9, 4), (3, 9)),
        ((3, 9, 4), (3, 9, 4)),
        ((2, 5, 6, 4, 2), (2, 5, 6, 4)),
    ]:
        X = rng.standard_normal(shape)
        y = (X.reshape(*space, -1)[..., 0] > 0).astype(int)
        model = fit(X, y)
        assert model.predict(X).shape == space
        assert model.n_channels_in_ == X.size // y.size
        assert model.score(X, y) > 0.9


def test_a_picture_in_colour_is_not_taken_for_series_in_silence(recwarn):
    rows, columns = np.mgrid[:24, :30] / 10
    picture = np.stack([np.sin(rows), np.cos(columns), rows * columns], axis=-1)
    labels = (rows > columns).astype(int)
    with pytest.warns(ReadingWarning, match=r"24 series of 30 steps.*one image.*X\[None\]"):
        PixelClassifier(n_stages=1, random_state=0).fit(picture, labels)
    recwarn.clear()
    series = np.random.RandomState(0).randn(24, 30, 3).cumsum(axis=1)
    PixelClassifier(n_stages=1, random_state=0).fit(series, (series[..., 0] > 0).astype(int))
    PixelClassifier(n_stages=1, random_state=0).fit(list(picture), list(labels))
    PixelClassifier(n_stages=1, random_state=0).fit(picture[None], labels[None])
    assert not recwarn.list


def test_maps_tell_that_few_steps_of_many_channels_are_series():
    rng = np.random.RandomState(0)
    X = [rng.standard_normal((n, 80)) for n in (9, 8, 7)]
    y = [np.arange(len(x)) % 2 for x in X]
    assert fit(X, y, features=ScaleFeatures(1.0)).n_channels_in_ == 80


def test_several_targets_for_a_position_are_named():
    X, y = squares(3)
    for classes in (2, 3, 5):
        with pytest.raises(ValueError, match=r"y\[0\] has shape .*y\.argmax\(axis=-1\)"):
            fit(X, np.eye(classes)[y])
    with pytest.raises(ValueError, match="fit an estimator for each"):
        PixelRegressor(n_stages=1).fit(X, np.random.RandomState(0).uniform(size=(*y.shape, 2)))


def test_axes_in_another_order_are_named():
    X, y = squares(3)
    with pytest.raises(ValueError, match=r"channels first, hand over np\.moveaxis"):
        fit(np.stack([X] * 3, axis=1), y)
    with pytest.raises(ValueError, match="seems to be transposed"):
        fit(X[:, :10], y[:, :10].swapaxes(1, 2))


def test_numbers_between_labels_are_named():
    X, y = squares(3)
    with pytest.raises(ValueError, match=r"y holds 0\.25, which is no label.*PixelRegressor"):
        fit(X, np.where(y == 1, 0.25, 0.0))
    assert fit(X, y.astype(float)).classes_.tolist() == [0, 1]


@pytest.mark.parametrize("unlabeled", ["0", 0])
def test_a_mark_of_another_kind_than_the_labels_is_named(unlabeled):
    X, y = squares(3)
    y = y if unlabeled == "0" else np.where(y == 1, "a", "b")
    with pytest.raises(ValueError, match=f"unlabeled={unlabeled!r} is never found"):
        fit(X, y, unlabeled=unlabeled)


@pytest.mark.parametrize("mark", [-1, 255])
def test_a_usual_mark_is_not_learned_as_a_class_in_silence(mark, recwarn):
    X, y = squares(3)
    y = y.astype(np.int16)
    y[:, :3] = mark
    with pytest.warns(ReadingWarning, match=f"unlabeled={mark}"):
        assert mark in fit(X, y).classes_
    recwarn.clear()
    assert mark not in fit(X, y, unlabeled=mark).classes_
    fit(X, np.where(y == mark, 2, y))
    fit(X, np.where(y == 1, 1, mark))  # two labels
    fit(X, np.where(y == 1, 128, np.where(y == mark, 255, 0)))  # levels of grey
    assert not recwarn.list


def test_a_readout_of_the_wrong_kind_is_refused():
    X, y = squares(3)
    with pytest.raises(ValueError, match=r"readout=Ridge\(\) is no classifier"):
        fit(X, y, readout=Ridge())
    with pytest.raises(ValueError, match="is no regressor"):
        PixelRegressor(readout=LogisticRegression()).fit(X, y)


def test_features_that_make_no_maps_are_named():
    X, y = squares(3)
    with pytest.raises(ValueError, match=r"StandardScaler\(\) cannot be fitted on images.*maps"):
        fit(X, y, features=StandardScaler())
