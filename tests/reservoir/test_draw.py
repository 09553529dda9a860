"""What is drawn of a cell: delays and gates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlkit import ReservoirStates
from dlkit.reservoir import Leaky

from ._kinds import COMMON, SERIES, N, options

pytestmark = pytest.mark.kernels


@given(st.dictionaries(st.integers(1, 30), st.floats(0.1, 9.0), min_size=1, max_size=5))
@settings(deadline=None, max_examples=20, derandomize=True)
def test_every_delay_has_its_share_of_links(shares):
    drawn = ReservoirStates(50, cell=Leaky(delays=shares), random_state=0).fit(SERIES).reservoir_
    if drawn.cell.kind.plain:
        assert list(shares) == [1]
        return
    delays, total = drawn.cell.delays["state"], sum(shares.values())
    assert len(delays) == 500
    for d, share in shares.items():
        assert abs(np.count_nonzero(delays == d) - 500 * share / total) <= 1
    assert drawn.cell.depth == max(shares)


def test_a_cell_does_not_change_what_is_drawn_besides():
    plain = ReservoirStates(N, **COMMON).fit(SERIES).reservoir_
    for kind in ("delays", "es2n", "gru", "lstm"):
        drawn = ReservoirStates(N, **options(kind)).fit(SERIES).reservoir_
        assert (drawn.recurrent.base != plain.recurrent.base).nnz == 0
        np.testing.assert_array_equal(drawn.w_in, plain.w_in)
        np.testing.assert_array_equal(drawn.bias, plain.bias)
        assert drawn.noise_seed == plain.noise_seed
