"""Threads of BLAS: held down while somebody asks for it, and then what they were."""

from concurrent.futures import ThreadPoolExecutor

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


def test_other_threads_leave_the_limit_alone(two):
    def task():
        with one_blas_thread():
            return threads()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(task).result() == {2}
        with one_blas_thread():
            assert pool.submit(task).result() == {1}
    assert threads() == {2}
