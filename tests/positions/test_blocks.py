import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin

from dlkit import ConvFeatures, ImageScanFeatures, PixelClassifier, ScaleFeatures
from dlkit.conv._samples import check_samples
from dlkit.positions._blocks import boxes, read_box, widened

from .. import naive_positions as naive


@pytest.mark.parametrize(("space", "budget"), [((50,), 20), ((30, 7), 600), ((9, 11, 10), 2000)])
def test_boxes_cover_a_space_once(space, budget, monkeypatch):
    monkeypatch.setattr("dlkit._budgets.POSITION_BYTES", budget)
    seen = np.zeros(space, dtype=int)
    for low, high in boxes(space, 1, (1,) * len(space), (0,) * len(space)):
        extents = np.minimum(np.subtract(high, low) + 2, space)
        assert 2 * np.prod(extents) <= max(budget, 2 * 10 ** len(space))
        seen[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] += 1
    assert (seen == 1).all()
    assert list(boxes(space, 1, (1,) * len(space), None)) == [((0,) * len(space), space)]


def test_boxes_are_read_with_reflected_borders():
    a = np.random.RandomState(0).standard_normal((2, 4, 3))
    samples = check_samples(a, 2)
    found = read_box(samples, 1, (-6, -2), (5, 8))
    for p in np.ndindex(11, 10):
        assert found[p][0] == naive.reflected(a[1], (p[0] - 6, p[1] - 2))
    assert read_box(samples, 0, (1, 0), (3, 2)).shape == (2, 2, 1)


def test_margins_end_where_the_space_does():
    assert widened((0, 5), (3, 9), (2, 2), (4, 20)) == ((0, 3), (4, 11))


class Powers(TransformerMixin, BaseEstimator):
    """A transformer of the user's own, which looks at the form it is given."""

    def __init__(self, channels=False):
        self.channels = channels

    def fit(self, X, y=None):
        self.n_dims_ = np.ndim(X[0])
        return self

    def transform(self, X):
        assert np.ndim(X[0]) == self.n_dims_
        join = np.concatenate if self.channels else np.stack
        return [join([x, x**2], axis=-1) for x in X]


SMALL = {"n_units": 8, "n_stages": 1, "random_state": 0}
RNG = np.random.RandomState(0)


@pytest.mark.parametrize("shape", [(3, 9, 8), (3, 9, 8, 1), (2, 5, 6, 7), (3, 20)])
def test_transformers_of_ones_own_get_samples_in_the_form_they_were_fitted_on(shape):
    X = RNG.standard_normal(shape)
    y = (X[..., 0] > 0 if shape[-1] == 1 else X > 0).astype(int)
    X, y = (X, y) if len(shape) > 2 else (list(X), list(y))
    model = PixelClassifier(features=[Powers(shape[-1] == 1), ScaleFeatures(1.0)], **SMALL).fit(
        X, y
    )
    assert np.shape(model.predict(X)) == np.shape(y)
    assert model.score(X, y) > 0.9


@pytest.mark.compiled
@pytest.mark.parametrize("kernel_size", [None, 3, [3, 5]])
@pytest.mark.parametrize("shape", [(3, 6, 8, 9), (3, 6, 8, 28), (3, 9, 8, 20), (3, 20, 2)])
def test_maps_tell_convolution_how_many_axes_are_space(shape, kernel_size):
    """Of one sample's shape several readings may be right: the maps say which."""
    X = RNG.standard_normal(shape)
    given = {"kernel_size": kernel_size, "contrast": None, "output": "map", "random_state": 0}
    conv = ConvFeatures(4, **given)
    y = (X > 0).astype(int) if shape[1] == 6 else (X[..., 0] > 0).astype(int)
    model = PixelClassifier(features=conv, **SMALL).fit(list(X), list(y))
    assert [p.shape for p in model.predict(list(X))] == [one.shape for one in y]
    assert conv.kernel_size == kernel_size


def test_convolution_told_its_axes_makes_the_maps_it_made():
    X = RNG.standard_normal((3, 18, 16))
    conv = ConvFeatures(4, output="map", random_state=0)
    model = PixelClassifier(features=conv, **SMALL).fit(X, X > 0)
    np.testing.assert_array_equal(model.features_[0].transform(X), conv.fit_transform(X))


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (ImageScanFeatures(4, output="map"), "2 axes of space, but the maps in y have 3"),
        (ConvFeatures(4, kernel_size=(3, 3), output="map"), "2 axes of space.*y have 3"),
        (ScaleFeatures(n_axes=2), "2 axes of space.*y have 3"),
    ],
)
def test_features_of_other_axes_are_named(features, said):
    X = RNG.standard_normal((2, 5, 6, 7))
    with pytest.raises(ValueError, match=said):
        PixelClassifier(features=features, **SMALL).fit(X, X > 0)


@pytest.mark.parametrize("features", [["scales"], [ScaleFeatures], [("a", ScaleFeatures())]])
def test_what_is_no_transformer_is_named(features):
    X = RNG.standard_normal((2, 6, 7))
    with pytest.raises(TypeError, match="features=.*must be a transformer"):
        PixelClassifier(features=features, **SMALL).fit(X, X > 0)
