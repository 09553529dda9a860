"""A bounded run of `calls.py`: functions, and methods that `fuzz.py` does not call."""

import inspect

import pytest

from . import calls, fuzz

N_CALLS, PARTS = 1500, 10
FUNCTIONS = [name for name, one in calls.public().items() if inspect.isfunction(one)]


@pytest.mark.compiled
@pytest.mark.parametrize("part", range(PARTS))
def test_no_malformed_call_ends_in_an_unexpected_way(part):
    found = [(seed, *calls.trial(seed, FUNCTIONS)) for seed in range(part, N_CALLS, PARTS)]
    assert not [(seed, done, str(error)) for seed, done, error in found if error is not None]


def test_arguments_are_those_of_the_examples():
    (call,) = calls.recorded("dlkit.metrics.edit_distance")
    assert call.arguments == {"one": "kitten", "other": "sitting"}
    assert calls.public()["dlkit.metrics.edit_distance"] is call.function  # watched no more


def test_what_is_malformed_is_found(monkeypatch):
    def careless(one, other):
        return one[other]

    call = calls.Call("careless", careless, None, {"one": [1, 2], "other": 1})
    monkeypatch.setattr(calls, "recorded", lambda name: [call])
    errors = [error for _, error in map(calls.trial, range(40)) if error is not None]
    assert errors
    assert all(isinstance(error, fuzz.UnexpectedError) for error in errors)
