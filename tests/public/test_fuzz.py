"""A bounded run of `fuzz.py`, which can be run by hand for longer."""

import pytest

from . import fuzz

N_CALLS, PARTS = 4000, 20


@pytest.mark.compiled
@pytest.mark.parametrize("part", range(PARTS))
def test_no_malformed_call_ends_in_an_unexpected_way(part):
    found = [(seed, *fuzz.trial(seed)) for seed in range(part, N_CALLS, PARTS)]
    assert not [(seed, done, str(error)) for seed, done, error in found if error is not None]
