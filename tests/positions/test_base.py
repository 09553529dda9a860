import pickle

import numpy as np
import pytest
from sklearn.base import clone

from dlkit import PixelClassifier, PixelRegressor

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
