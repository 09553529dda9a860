"""Image, labels, probabilities and errors."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.svm import LinearSVC

from dlkit import PixelClassifier, PixelRegressor
from dlkit.plotting import MaskDisplay

rng = np.random.RandomState(0)
Y = (rng.uniform(size=(3, 10, 8)) > 0.5).astype(int)
X = Y + 0.2 * rng.standard_normal(Y.shape)


def test_all_parts_of_an_estimator():
    model = PixelClassifier(8, n_stages=1, random_state=0).fit(X, Y)
    display = MaskDisplay.from_estimator(model, X, Y, sample=1)
    assert list(display.axes_) == ["image", "labels", "probability", "errors"]
    np.testing.assert_array_equal(
        display.probability_.get_array(), model.predict_proba(X)[1, ..., 1]
    )
    np.testing.assert_array_equal(display.y_pred, model.predict(X)[1])
    over = display.axes_["labels"].images[1].get_array()
    np.testing.assert_array_equal(over[..., 3] > 0, display.y_pred == 1)
    wrong = display.axes_["errors"].images[1].get_array()
    np.testing.assert_array_equal(wrong[..., 3] > 0, display.y_pred != Y[1])
    assert display.figure_ is display.ax_.figure
    first = MaskDisplay.from_estimator(model, list(X), label=0)
    np.testing.assert_allclose(first.proba, model.predict_proba(X)[0, ..., 0])


def test_without_probabilities_and_truth():
    readout = LinearSVC()
    model = PixelClassifier(8, readout=readout, n_stages=1, random_state=0).fit(X, Y)
    assert list(MaskDisplay.from_estimator(model, X).axes_) == ["image", "labels"]


def test_volumes_colours_and_axes_of_ones_own():
    volume, labels = rng.uniform(size=(5, 6, 7, 3)), rng.randint(0, 3, (5, 6, 7))
    display = MaskDisplay.from_predictions(volume, labels, y_true=labels, depth=4)
    np.testing.assert_array_equal(display.y_pred, labels[4])
    shown = display.axes_["image"].images[0].get_array()
    assert shown.shape == (6, 7, 3)
    assert 0 <= shown.min() <= shown.max() <= 1
    axes = plt.subplots(1, 2)[1]
    again = MaskDisplay.from_predictions(volume[0], labels[0], axes=axes)
    assert again.axes_["image"] is axes[0]
    with pytest.raises(ValueError, match="axes must hold 2 axes"):
        again.plot(axes=axes[:1])


def test_positions_without_a_label_are_no_errors():
    true = np.where(rng.uniform(size=(6, 6)) < 0.5, 0, 1)
    display = MaskDisplay.from_predictions(true, np.ones((6, 6)), y_true=true, unlabeled=0)
    assert display.axes_["errors"].get_title() == "errors: 0.0 %"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"y_pred": Y[0, 1:]}, "image has shape"), ({"y_pred": Y[None]}, "take one"),
        ({"y_true": Y[0, :, 1:]}, "y_true has shape"), ({"proba": X}, "proba has shape"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        MaskDisplay.from_predictions(X[0], **{"y_pred": Y[0], **wrong})


def test_unknown_labels_and_samples_are_named():
    model = PixelClassifier(8, n_stages=1, random_state=0).fit(X, Y)
    with pytest.raises(ValueError, match="label=5"):
        MaskDisplay.from_estimator(model, X, label=5)
    with pytest.raises(ValueError, match="sample=3"):
        MaskDisplay.from_estimator(model, X, sample=3)


def test_the_share_of_errors_is_that_of_what_is_known():
    """Positions whose label is not known are no errors, and do not count as right either."""
    true, found = np.zeros((10, 10), int), np.ones((10, 10), int)
    true[:5], true[:1] = 1, 2  # four lines are right, one is wrong, five are not known
    for y, unlabeled in [(true, 0), (np.where(true == 0, np.nan, true), np.nan)]:
        for nan in (unlabeled, np.float32(unlabeled)):
            display = MaskDisplay.from_predictions(true, found, y_true=y, unlabeled=nan)
            assert display.axes_["errors"].get_title() == "errors: 20.0 %"
            assert display.labels.tolist() == [1, 2]
        plt.close("all")


def test_a_legend_names_colours():
    names = np.array(["cell", "ground", "wall"])
    display = MaskDisplay.from_predictions(X[0], names[Y[0]], labels=names)
    assert [one.get_text() for one in display.legend_.get_texts()] == names.tolist()
    colours = [one.get_facecolor() for one in display.legend_.get_patches()]
    over = display.axes_["labels"].images[1].get_array()
    np.testing.assert_allclose(over[Y[0] == 1], [colours[1]] * (Y[0] == 1).sum())
    many = MaskDisplay.from_predictions(X[0], np.arange(80).reshape(10, 8))
    assert not hasattr(many, "legend_")


def test_labels_are_those_that_predict_says():
    readout = FixedThresholdClassifier(LogisticRegression(), threshold=0.95)
    model = PixelClassifier(8, readout=readout, n_stages=1, random_state=0).fit(X, Y)
    display = MaskDisplay.from_estimator(model, X, label=0)
    np.testing.assert_array_equal(display.y_pred, model.predict(X)[0])
    assert (display.y_pred != model.predict_proba(X)[0].argmax(axis=-1)).any()
    assert display.axes_["probability"].get_title() == "probability of 0"


def test_numbers_are_shades_and_errors_differences():
    true = 1.5 * X
    true[0, :2] = np.nan
    model = PixelRegressor(8, n_stages=1, unlabeled=np.nan, random_state=0).fit(X, true)
    display = MaskDisplay.from_estimator(model, X, true)
    assert list(display.axes_) == ["image", "numbers", "errors"]
    found = model.predict(X)[0]
    np.testing.assert_array_equal(display.axes_["numbers"].images[0].get_array(), found)
    apart = display.axes_["errors"].images[0].get_array()
    np.testing.assert_allclose(np.ma.filled(apart, np.nan), found - true[0])
    mean = np.nanmean(np.abs(found - true[0]))
    assert display.axes_["errors"].get_title() == f"errors: {mean:.3g} on average"


def test_four_channels_are_colours():
    image = np.dstack([np.full((6, 7), c, np.uint8) for c in (10, 20, 30, 255)])
    display = MaskDisplay.from_predictions(image, np.zeros((6, 7), int))
    np.testing.assert_array_equal(display.axes_["image"].images[0].get_array(), image[..., :3])
