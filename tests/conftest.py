"""Fixtures of all tests."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture
def two():
    with threadpool_limits(2, "blas"):
        yield
