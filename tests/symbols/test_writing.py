"""What a decoder hears, and writes."""

import numpy as np

from dlkit.symbols._attention import places
from dlkit.symbols._writing import heard, marked


def test_inputs_have_a_place_before_and_after():
    batch = marked(np.array([[5.0], [6.0], [7.0]]), np.array([2, 1]))
    want = [[0, 1, 0], [5, 0, 0], [6, 0, 0], [0, 0, 1], [0, 1, 0], [7, 0, 0], [0, 0, 1]]
    np.testing.assert_array_equal(batch.values, want)
    assert batch.lengths.tolist() == [4, 3]


def test_a_decoder_hears_the_place_of_each_step():
    values = np.array([[5.0], [6.0], [7.0]])
    batch = heard(values, np.array([2, 1]), True, None, 8)
    np.testing.assert_array_equal(batch.values[:, :2], [[0, 1], [5, 0], [6, 0], [0, 1], [7, 0]])
    np.testing.assert_allclose(batch.values[:, 2:], places([0, 1, 2, 0, 1], 8))
    assert heard(values, np.array([2, 1]), False, np.ones((2, 3)), None).n_channels == 5
