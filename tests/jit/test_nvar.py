"""Delayed inputs and their products, and the loop they close, against the formula."""

import numpy as np
import pytest

from dlkit._frozen import frozen
from dlkit._jit import nvar
from dlkit.reservoir._models.monomials import Monomials

from .. import naive_paths

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rows_and_states_follow_the_formula(dtype):
    r = np.random.RandomState(0)
    drawn = Monomials(2, 3, 2, (1, 3), constant=True)
    series = [r.randn(n, 2).astype(dtype) for n in (7, 1, 4)]
    values, offsets = np.concatenate(series), np.array([0, 7, 8, 12])
    states, out = drawn.rest(3, dtype), np.empty((12, drawn.n_features), dtype)
    history = np.empty((drawn.n_steps, 2), dtype)
    nvar.run_nvar(values, offsets, 3, 2, 1, drawn.factors, history, states, out)
    want = [naive_paths.nvar(x, 3, 2, (1, 3), True) for x in series]
    np.testing.assert_allclose(out, np.concatenate(want), rtol=1e-5)
    np.testing.assert_array_equal(states[0].reshape(5, 2), series[0][-5:])
    np.testing.assert_array_equal(states[1].reshape(5, 2), np.r_[np.zeros((4, 2)), series[1]])


def test_an_output_is_the_next_input():
    r = np.random.RandomState(1)
    drawn = Monomials(1, 2, 1, (2,), constant=False)
    coef, intercept = 0.3 * r.randn(1, drawn.n_features), r.randn(1)
    past, u = r.randn(1, 2), r.randn(1, 1)
    out, shocks = np.empty((1, 6, 1)), frozen(r.randn(1, 6, 1), float)
    nvar.run_nvar_closed(
        coef[None], intercept[None], np.zeros(1, int), 2, 1, 0, drawn.factors, np.empty((2, 1)),
        past.copy(), np.empty(drawn.n_features), u.copy(), shocks, out,
    )  # fmt: skip
    x, before = u[0, 0], past[0, 1]
    for t in range(6):
        row = np.array([x, before, x * x, x * before, before * before])
        x, before = coef[0] @ row + intercept[0] + shocks[0, t, 0], x
        np.testing.assert_allclose(out[0, t, 0], x)
