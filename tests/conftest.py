"""Fixtures of all tests."""

import pytest
from threadpoolctl import threadpool_limits

from dlkit.reservoir._engine import lanes


@pytest.fixture
def two():
    with threadpool_limits(2, "blas"):
        yield


@pytest.fixture(autouse=True)
def _threads_for_little_work(request, monkeypatch):
    """In tests of the loops, several threads run small reservoirs, as otherwise large ones only."""
    if request.node.get_closest_marker("kernels"):
        monkeypatch.setattr(lanes, "WORTH_THREADS", 0)
