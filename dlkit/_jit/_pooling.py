"""Sums over the steps of each sequence; float64 whatever the states are."""

from numba import njit

_options = {"cache": True, "nogil": True, "error_model": "numpy"}


@njit(**_options)
def add_sums(block, offsets, sums):
    """Add to ``sums[i]`` the rows ``offsets[i]`` to ``offsets[i + 1] - 1`` of ``block``."""
    for i in range(sums.shape[0]):
        for t in range(offsets[i], offsets[i + 1]):
            for j in range(block.shape[1]):
                sums[i, j] += block[t, j]


@njit(**_options)
def add_squares(block, offsets, mean, squares):
    """Add to ``squares[i]`` the squared distances of the same rows from ``mean[i]``."""
    for i in range(squares.shape[0]):
        for t in range(offsets[i], offsets[i + 1]):
            for j in range(block.shape[1]):
                away = block[t, j] - mean[i, j]
                squares[i, j] += away * away
