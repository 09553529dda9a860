"""The loops of leaky units: settings side by side, states carried over."""

import numpy as np
import pytest

from dlkit.reservoir._engine.lanes import FEW, Lanes, Setting
from dlkit.sequences import pack

from .. import naive
from ..reservoir._lanes import TOLERANCE, C, N, expected, make, matrix, ragged

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("n", [1, 3, FEW + 3])
def test_states_carry_over(n):
    """Two halves of a run, the second from where the first ended, are the whole run."""
    lanes = make()
    x = np.random.RandomState(5).randn(n, 10, C)
    whole, first, second = np.empty((n * 10, N)), np.empty((n * 4, N)), np.empty((n * 6, N))
    start = np.random.RandomState(6).uniform(-1, 1, (n, N))
    end = lanes.run(pack(x), None, states=start.copy(), out=whole)
    middle = lanes.run(pack(x[:, :4]), None, states=start.copy(), out=first)
    last = lanes.run(pack(x[:, 4:]), None, states=middle, out=second)
    np.testing.assert_array_equal(last, end)
    whole = whole.reshape(n, 10, N)
    np.testing.assert_array_equal(whole[:, :4], first.reshape(n, 4, N))
    np.testing.assert_array_equal(whole[:, 4:], second.reshape(n, 6, N))
    want = expected(lanes, "fixed in-degree", x[0], start=start[0])
    np.testing.assert_allclose(whole[0], want, atol=1e-12)


@pytest.mark.parametrize("n", [1, 3, 20])
@pytest.mark.parametrize("kind", ["fixed in-degree", "dense", "hadamard"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_settings_of_one_draw(n, kind, dtype):
    """Each setting is a reservoir of its own, from states of its own."""
    r = np.random.RandomState(2)
    w_in, bias = r.randn(N, C), 0.3 * r.randn(N)
    settings = [
        Setting(0.4),
        Setting(np.linspace(0.2, 1, N), gain=0.5),
        Setting(1.0, gain=0.0, input_scaling=2.0),
        Setting(0.7, gain=1.1, input_scaling=[0.1, 0.5, 2.0], bias_scaling=3.0),
    ]
    lanes = Lanes(matrix(kind), w_in, bias, None, "tanh", dtype, settings=settings)
    batch, seen = ragged([6] * n, dtype), {}

    def keeper(s):
        return lambda span, block: seen.update({(s, span.start): block.copy()})

    states = r.uniform(-1, 1, (4, n, N)).astype(dtype)
    start = states.copy()
    lanes.run_each(batch, [keeper(s) for s in range(4)], states=states)
    assert len(seen) == 4
    for s, (leak, gain, input_scaling, bias_scaling) in enumerate(settings):
        for i in range(n):
            want = naive.states(
                gain * matrix(kind), w_in * input_scaling, bias_scaling * bias, leak, "tanh",
                batch[i], start[s, i],
            )  # fmt: skip
            got = seen[s, 0][6 * i : 6 * i + 6]
            np.testing.assert_allclose(got, want, atol=TOLERANCE[dtype])
            np.testing.assert_array_equal(states[s, i], got[-1])
