"""The loop of intrinsic plasticity against units that learn one after another."""

import numpy as np
import pytest

from dlkit import ReservoirStates
from dlkit.reservoir import IntrinsicPlasticity
from dlkit.reservoir._models import plasticity

from .. import naive_plasticity

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("activation", ["tanh", "logistic"])
def test_gains_and_shifts_follow_the_rule(activation):
    """Two stretches of one sequence, of which the first begins within the washout."""
    u = np.random.RandomState(0).randn(30, 2)
    rule = IntrinsicPlasticity(mean=0.3, learning_rate=0.01)
    esn = ReservoirStates(
        7, activation=activation, leak_rate=0.6, plasticity=None, random_state=0
    ).fit(u)
    drawn = esn.reservoir_
    sources, update = plasticity._sources(drawn), plasticity._update(drawn)
    how = rule.rule(activation, drawn.cell.kind)
    past, gain, shift = np.zeros((1, 7)), np.ones(7), np.zeros(7)
    for stretch, done in ((u[:11], 0), (u[11:], 11)):
        plasticity.loops.adapt(sources, update, how, stretch, done, 4, past, gain, shift)
    change = {
        "tanh": lambda y: naive_plasticity.gaussian(y, 0.3, rule.std),
        "logistic": lambda y: naive_plasticity.exponential(y, 0.3),
    }[activation]
    want = naive_plasticity.adapt(drawn, [u], change, 0.01, 1, washout=4)
    np.testing.assert_allclose(gain, want[0], atol=1e-12)
    np.testing.assert_allclose(shift, want[1], atol=1e-12)
