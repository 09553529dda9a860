"""What all cells are made of."""

import numpy as np

from dlkit.reservoir._cells.cell import legendre_memory, split_delays


def test_legendre_units_hold_a_window_of_the_past():
    """Legendre polynomials, weighed by the memory, give back the input of the last θ steps."""
    window, order = 40, 12
    A, B = legendre_memory(order, window)
    t = np.arange(300)
    u, m = np.sin(0.1 * t) + 0.3 * np.cos(0.23 * t), np.zeros(order)
    for v in u:
        m = A @ m + B * v
    at = 2 * np.linspace(0, 1, window) - 1
    shifted = [np.polynomial.Legendre.basis(i)(at) for i in range(order)]
    # the input is held for a step, so the window begins half a step late
    past = np.interp(299.5 - np.linspace(0, 1, window) * window, t, u)
    np.testing.assert_allclose(np.array(shifted).T @ m, past, atol=0.05)


def test_shares_are_sorted_and_sum_to_one():
    delays, shares = split_delays((5, 1, 2))
    assert delays.tolist() == [1, 2, 5]
    np.testing.assert_allclose(shares, 1 / 3)
