"""Checks of the package's own."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array

from dlkit import ConvFeatures, ESNClassifier, ImageScanFeatures, _validation
from dlkit._validation import check_weights, naming


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 2, 2, 2)])
def test_the_first_wild_sample_is_found(bad, shape):
    samples = np.random.RandomState(0).randn(*shape)
    assert _validation.first_wild(samples) is None
    samples[3:].flat[0] = bad
    samples[4:].flat[0] = np.nan
    assert _validation.first_wild(samples) == 3
    what = "NaN" if np.isnan(bad) else "infinity"
    with pytest.raises(ValueError, match=rf"Input X contains {what} in sample 13;"):
        _validation.refuse_wild(samples, "X", lambda i: f"sample {10 + i}")


def test_a_sum_that_overflows_is_not_taken_for_a_wild_sample():
    assert _validation.first_wild(np.full((4, 4), 1e308)) is None
    assert _validation.first_wild(np.arange(4)) is None


def test_every_family_names_the_sample():
    images = np.random.RandomState(0).rand(6, 8, 8)
    images[4, 2, 2] = np.nan
    with pytest.raises(ValueError, match="NaN in sample 4"):
        ConvFeatures(4, kernel_size=(3, 3), random_state=0).fit(images)
    with pytest.raises(ValueError, match="NaN in image 4"):
        ImageScanFeatures(4, random_state=0).fit(images)
    with pytest.raises(ValueError, match="NaN in sequence 4, step 2"):
        ESNClassifier(4).fit(images, [0, 1] * 3)
    sizes = [images[0], images[1, :4], images[2, :4], images[3], images[4, :4]]
    with pytest.raises(ValueError, match="NaN in image 4"):
        ImageScanFeatures(4, strip=2, grid=2, random_state=0).fit(sizes)


@pytest.mark.parametrize("rows", [slice(1, 3), np.array([2, 0])])
def test_samples_are_taken_from_whatever_holds_them(rows):
    table = np.arange(12).reshape(4, 3)
    want = table[rows]
    for X in (table, pd.DataFrame(table), csr_array(table), list(table)):
        part = _validation.take(X, rows)
        assert type(part) is type(X)
        assert _validation.n_samples(part) == 2
        part = part.toarray() if isinstance(part, csr_array) else np.asarray(part)
        assert_array_equal(part, want)


def test_errors_that_lack_the_argument_get_it():
    with pytest.raises(ValueError, match="y cannot be taken: an array"), naming("y"):
        raise ValueError("an array")
    with pytest.raises(ValueError, match="^y is none$"), naming("X or y"):
        raise ValueError("y is none")
    with pytest.raises(ValueError, match="^X cannot be taken: too large$"), naming("X"):
        raise OverflowError("too large")


def test_weights_of_any_real_kind_become_floats():
    for weight in ([1, 2], np.array([1, 2], np.uint8), [True, 2.0], np.array([1, 2], object)):
        assert_array_equal(check_weights(weight, 2), [1.0, 2.0])
    assert_array_equal(check_weights(0.5, 3), [0.5, 0.5, 0.5])
    assert check_weights(None, 3) is None
    for weight in ([1.0, 1e-300], [1e308, 1e308], [1j, 1], ["a", "b"], [1.0], [np.inf, 1.0]):
        with pytest.raises(ValueError, match="sample_weight"):
            check_weights(weight, 2)
