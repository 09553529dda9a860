"""Slow, obvious twin of intrinsic plasticity: unit by unit and step by step, from the papers."""

import numpy as np

from .naive_cells import by_delay


def gaussian(y, mean, std):
    """Schrauwen et al. (2008), the change of the bias over the learning rate."""
    return -(-mean / std**2 + y / std**2 * (2 * std**2 + 1 - y**2 + mean * y))


def exponential(y, mean):
    """Triesch (2005), likewise."""
    return 1 - (2 + 1 / mean) * y + y**2 / mean


def adapt(reservoir, sequences, change, rate, n_passes, *, washout=0, starts=None):
    """Gain and shift of each unit of a drawn reservoir after so many passes over sequences."""
    n = reservoir.n_units
    delays = None if reservoir.cell is None else reservoir.cell.delays["state"]
    W = by_delay(reservoir.recurrent.base, delays, reservoir.recurrent.gain)
    leak = np.broadcast_to(reservoir.leak_rate, n)
    f = np.tanh if reservoir.activation == "tanh" else lambda a: 1 / (1 + np.exp(-a))
    gain, shift = np.ones(n), np.zeros(n)
    for _ in range(n_passes):
        for k, sequence in enumerate(sequences):
            past = [np.zeros(n) for _ in range(max(W))]
            if starts is not None:
                past[0] = starts[k]
            for t, u in enumerate(np.asarray(sequence, dtype=float)):
                z = reservoir.w_in @ u + reservoir.bias
                for d, part in W.items():
                    z = z + part @ past[d - 1]
                y = f(gain * z + shift)
                if t >= washout:
                    step = rate * change(y)
                    gain = gain + rate / gain + step * z
                    shift = shift + step
                past = [(1 - leak) * past[0] + leak * y, *past[:-1]]
    return gain, shift
