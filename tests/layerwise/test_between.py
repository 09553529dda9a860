"""Samples between layers: rows, maps, and lists of maps."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

from dlkit.layerwise._between import (
    flat,
    hand_over,
    joined,
    plain,
    sliceable,
    takes_maps,
)

from .layers import Witness, maps

CUBE = np.arange(24.0).reshape(2, 3, 4)


def test_maps_are_flattened_for_what_needs_rows():
    rows = CUBE.reshape(2, 12)
    for layer, wanted in ((PCA(), rows), (maps(), CUBE), (Witness(three_d=True), CUBE)):
        np.testing.assert_array_equal(hand_over(CUBE, layer), wanted)
        np.testing.assert_array_equal(hand_over(rows, layer), rows)
        assert takes_maps(make_pipeline(layer, PCA())) == (wanted is CUBE)
    np.testing.assert_array_equal(flat(list(CUBE)), rows)
    with pytest.raises(ValueError, match=r"\(2, 4\) and \(3, 4\)"):
        flat([CUBE[0], CUBE[1][:2]])


def test_blocks_are_joined_and_made_plain():
    np.testing.assert_array_equal(joined([CUBE[:1], CUBE[1:]]), CUBE)
    assert joined([[1, 2], [3]]) == [1, 2, 3]
    np.testing.assert_array_equal(plain(sparse.csr_array(CUBE[0])), CUBE[0])
    assert sliceable(sparse.coo_array(CUBE[0])).format == "csr"
    np.testing.assert_array_equal(sliceable(CUBE.tolist()), CUBE)
