"""Threads of BLAS: held down while somebody asks for it, and then what they were."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from dlkit._threads import SMALL, blas_for, one_blas_thread


def threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.fixture
def two():
    with threadpool_limits(2, "blas"):
        yield


def test_nested_limits_end_where_they_began(two):
    with one_blas_thread():
        assert threads() == {1}
        with blas_for(SMALL / 2):
            assert threads() == {1}
        assert threads() == {1}
    assert threads() == {2}
    with blas_for(2 * SMALL):
        assert threads() == {2}
    with pytest.raises(ZeroDivisionError), one_blas_thread():
        1 / 0  # noqa: B018
    assert threads() == {2}


def test_limits_of_threads_that_overlap(two):
    """The first to come is not the last to go."""
    steps = [Barrier(2) for _ in range(3)]

    def first():
        with one_blas_thread():
            steps[0].wait()
            steps[1].wait()
        steps[2].wait()

    def second():
        steps[0].wait()
        with one_blas_thread():
            steps[1].wait()
            steps[2].wait()
            return threads()

    with ThreadPoolExecutor(2) as pool:
        pool.submit(first)
        assert pool.submit(second).result(timeout=60) == {1}
    assert threads() == {2}
