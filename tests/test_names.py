"""Names of features, which maps have not got."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin

from dlkit._names import NamedUnlessMaps


class Squares(NamedUnlessMaps, TransformerMixin, BaseEstimator):
    def __init__(self, output="features"):
        self.output = output

    def fit(self, X, y=None):
        self._n_features_out = X.shape[1]
        return self

    def transform(self, X):
        return X**2 if self.output == "features" else (X**2)[:, None]


def test_features_have_names_and_can_be_frames():
    X = np.arange(6.0).reshape(2, 3)
    squares = Squares().fit(X)
    assert squares.get_feature_names_out().tolist() == ["squares0", "squares1", "squares2"]
    frame = squares.set_output(transform="pandas").transform(X)
    pd.testing.assert_frame_equal(
        frame, pd.DataFrame(X**2, columns=["squares0", "squares1", "squares2"])
    )


def test_maps_have_neither():
    squares = Squares(output="maps").fit(np.ones((2, 3)))
    assert not hasattr(squares, "get_feature_names_out")
    with pytest.raises(AttributeError):
        squares.set_output(transform="pandas")
    assert squares.transform(np.ones((2, 3))).shape == (2, 1, 3)
