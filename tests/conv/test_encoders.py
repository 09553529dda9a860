"""What is made of responses, by the formulas."""

import numpy as np
import pytest

from dlkit.conv import pool
from dlkit.conv._encoders import ENCODERS, fold_kernels

from .. import naive_conv as naive
from .images import IMAGES, conv


def test_a_callable_encoder():
    fitted = conv(encoder=np.tanh, grid=3, power=1.0).fit(IMAGES)
    m = conv(encoder="linear", output="map", power=1.0).fit_transform(IMAGES)
    np.testing.assert_allclose(fitted.transform(IMAGES), pool(np.tanh(m), grid=3), atol=1e-12)
    wide = conv(encoder=lambda r: np.hstack([r, r > 0, r < 0]), grid=1, power=1.0)
    assert wide.fit_transform(IMAGES).shape == (12, 18)
    for wrong in (lambda r: r.sum(), lambda r: r[:1], lambda r: r.astype(str)):
        with pytest.raises(ValueError, match="encoder="):
            conv(encoder=wrong).fit(IMAGES)


@pytest.mark.kernels
@pytest.mark.parametrize("name", list(naive.ENCODERS))
def test_what_is_made_of_responses(name):
    """Kernels folded for an encoder, and its loop, against the formula on each row."""
    rng = np.random.RandomState(0)
    patches, kernels, encoder = rng.randn(9, 6), rng.randn(5, 6), ENCODERS[name]
    weights = fold_kernels(encoder, kernels, np.zeros(5), kernels)
    n_columns = encoder.n_columns(5)
    z = np.zeros((9, max(weights.shape[1], n_columns)))
    z[:, : weights.shape[1]] = np.c_[patches, np.ones(9)] @ weights
    if encoder.loop is not None:
        encoder.loop(z, weights.shape[1], np.square(patches).sum(axis=1), 0.25)
    want = [naive.ENCODERS[name](w, kernels, 0.25) for w in patches]
    np.testing.assert_allclose(z[:, :n_columns], want, atol=1e-12)
