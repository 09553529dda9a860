"""Threads of BLAS: held down while somebody asks for it, and then what they were."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from threadpoolctl import threadpool_info

from dlkit import _threads
from dlkit._threads import LARGE, blas_for, in_order, mapping, one_blas_thread, run_over


def threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_every_blas_there_is_is_held(two):
    """NumPy and SciPy bring one each."""
    here = {pool["filepath"] for pool in threadpool_info() if pool["user_api"] == "blas"}
    assert {library.filepath for library in _threads._controller().lib_controllers} == here


def test_nested_limits_end_where_they_began(two):
    with one_blas_thread() as n:
        assert n == 2
        assert threads() == {1}
        with blas_for(LARGE / 2) as n:
            assert n == 2
            assert threads() == {1}
        assert threads() == {1}
    assert threads() == {2}
    with blas_for(2 * LARGE):
        assert threads() == {2}
    with pytest.raises(ZeroDivisionError), one_blas_thread():
        1 / 0  # noqa: B018
    assert threads() == {2}


def test_other_threads_leave_the_limit_alone(two):
    def task():
        with one_blas_thread() as n:
            return n, threads()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(task).result() == (1, {2})
        with one_blas_thread():
            assert pool.submit(task).result() == (1, {1})
            assert threads() == {1}
    assert threads() == {2}


def test_own_threads_keep_the_order_and_pass_errors_on():
    seen = []
    for n in (1, 3):
        with mapping(n) as each:
            assert list(each(lambda i: i**2, range(20))) == [i**2 for i in range(20)]
        run_over(range(5), seen.append, n)
        with pytest.raises(ZeroDivisionError):
            run_over(range(-2, 3), lambda i: 1 / i, n)
    assert sorted(seen) == sorted(2 * list(range(5)))


@pytest.mark.parametrize("n_threads", [1, 3])
def test_no_more_is_taken_ahead_than_there_are_threads(two, n_threads):
    taken = []

    def items():
        for i in range(10):
            taken.append(i)
            yield i

    results = in_order(lambda i: (i, threads()), items(), n_threads)
    held = {2} if n_threads == 1 else {1}
    for k, (i, of_blas) in enumerate(results):
        assert (i, of_blas) == (k, held)
        assert len(taken) <= k + n_threads
    assert len(taken) == 10
    assert threads() == {2}
