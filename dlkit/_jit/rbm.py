"""Boltzmann machines: products over hidden units, and patches added up to samples."""

import math

from .compiled import compiled

FACTORS = 512  # of at most two each, whose product is a number


# sums and products may be reordered, so that they vectorise
@compiled(fastmath={"reassoc", "contract", "nsz"})
def log_ratios(x, on, off, rise, fall, weights, delta, length, out):
    """How much Σⱼ log(1 + exp(xⱼ)) grows where visible unit i alone moves by ``delta[n, i]``.

    With σⱼ = ``on[n, j]``, the probability of hidden unit j, and 1 − σⱼ = ``off[n, j]``, that is
    Σⱼ log(1 − σⱼ + σⱼ exp(δ wᵢⱼ)): ``rise`` and ``fall`` hold exp(±wᵢⱼ) for δ = ±1. Logarithms
    are taken of products of ``length`` factors, if ``length`` is not 0. Otherwise, and for other
    δ, log(1 + exp(x)) is max(x, 0) + log(1 + exp(−|x|)), which does not overflow. Float64; ``x``,
    ``on`` and ``off`` (n, h), ``rise``, ``fall`` and ``weights`` (d, h), ``delta`` and ``out``
    (n, d).
    """
    n_hidden = on.shape[1]
    for n in range(on.shape[0]):
        here, s, t = x[n], on[n], off[n]
        rest = -1.0  # Σⱼ log(1 + exp(−|xⱼ|)), once it is asked for
        for i in range(delta.shape[1]):
            step = delta[n, i]
            total = 0.0
            if length > 0 and (step == 1.0 or step == -1.0):
                table = rise[i] if step == 1.0 else fall[i]
                for start in range(0, n_hidden, length):
                    stop = min(start + length, n_hidden)
                    w, p, q = table[start:stop], s[start:stop], t[start:stop]
                    product = 1.0
                    for j in range(w.size):
                        product *= q[j] + p[j] * w[j]
                    total += math.log(product)
            elif step != 0.0:
                if rest < 0.0:
                    rest = 0.0
                    for j in range(n_hidden):
                        rest -= math.log(max(s[j], t[j]))
                for start in range(0, n_hidden, FACTORS):
                    product = 1.0
                    for j in range(start, min(start + FACTORS, n_hidden)):
                        move = step * weights[i, j]
                        there = here[j] + move
                        product *= 1.0 + math.exp(-abs(there))
                        if there > 0.0:
                            total += move if here[j] > 0.0 else there
                        elif here[j] > 0.0:
                            total -= here[j]
                    total += math.log(product)
                total -= rest
            out[n, i] = total


@compiled
def scatter(spread, index, V):
    """``V[n, index[p, q]] += spread[n, p, q]``."""
    for n in range(V.shape[0]):
        v = V[n]
        for p in range(index.shape[0]):
            for q in range(index.shape[1]):
                v[index[p, q]] += spread[n, p, q]
