"""Slow, obvious twin of intrinsic plasticity: unit by unit and step by step, from the papers."""

import numpy as np

from .naive_cells import by_delay, dense


def gaussian(y, mean, std):
    """Schrauwen et al. (2008), the change of the bias over the learning rate."""
    return -(-mean / std**2 + y / std**2 * (2 * std**2 + 1 - y**2 + mean * y))


def exponential(y, mean):
    """Triesch (2005), likewise."""
    return 1 - (2 + 1 / mean) * y + y**2 / mean


def kept(cell, x):
    """What each unit keeps of its past beside y, but for the share of leaky units."""
    path = cell.own.get("path")
    path = x if path is None else np.asarray(dense(path)) @ x
    return getattr(cell.kind, "alpha", 1.0) * path


def adapt(reservoir, sequences, change, rate, n_passes, *, washout=0, starts=None):
    """Gain and shift of each unit of a drawn reservoir after so many passes over sequences."""
    n, cell = reservoir.n_units, reservoir.cell
    delays = cell.delays.get("state")
    W = by_delay(reservoir.recurrent.base, delays, reservoir.recurrent.gain)
    leak = np.broadcast_to(reservoir.leak_rate, n)
    f = np.tanh if reservoir.activation == "tanh" else lambda a: 1 / (1 + np.exp(-a))
    gain, shift = np.ones(n), np.zeros(n)
    periods = np.ones(n)
    groups = sorted(getattr(cell.kind, "periods", ()))
    if groups:
        periods = np.array([groups[i * len(groups) // n] for i in range(n)])
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
                keep = 1.0 if hasattr(cell.kind, "alpha") else 1 - leak
                new = np.where(t % periods == 0, keep * kept(cell, past[0]) + leak * y, past[0])
                past = [new, *past[:-1]]
    return gain, shift
