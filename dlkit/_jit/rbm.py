"""Sampling the units of Boltzmann machines, and products over their hidden units."""

import math

from .compiled import compiled
from .vector import tanh


@compiled
def spread_rows(data, indices, starts, rows, out):
    """Write rows of a CSR matrix, by their numbers, to dense ``out``."""
    for i in range(rows.size):
        for j in range(out.shape[1]):
            out[i, j] = 0
        for k in range(starts[rows[i]], starts[rows[i] + 1]):
            out[i, indices[k]] += data[k]


@compiled(fused=True)
def draw_bernoulli(A, bias, noise, mean):
    """Binary units: from inputs ``A`` without bias, samples in place and probabilities in ``mean``.

    ``noise`` is uniform in [0, 1). All are (n, m) of one dtype; ``bias`` is (m,).
    """
    half = mean.dtype.type(0.5)
    one, zero = mean.dtype.type(1.0), mean.dtype.type(0.0)
    for i in range(A.shape[0]):
        a, u, p = A[i], noise[i], mean[i]
        for j in range(bias.size):
            q = half + half * tanh(half * (a[j] + bias[j]))
            p[j] = q
            a[j] = one if u[j] < q else zero


@compiled(fused=True)
def draw_relu(A, bias, noise, mean):
    """Noisy rectified units, max(0, x + N(0, sigmoid(x))): the same, for standard normal noise.

    The mean is that of the infinitely many binary units they stand for, log(1 + exp(x)).
    """
    half, zero = mean.dtype.type(0.5), mean.dtype.type(0.0)
    for i in range(A.shape[0]):
        for j in range(bias.size):
            x = A[i, j] + bias[j]
            variance = half + half * tanh(half * x)
            mean[i, j] = max(x, zero) + math.log1p(math.exp(-abs(x)))
            A[i, j] = max(x + math.sqrt(variance) * noise[i, j], zero)


# sums and products may be reordered, so that they vectorise
@compiled(fastmath={"reassoc", "contract", "nsz"})
def log_ratios(on, off, rise, fall, weights, delta, length, out):
    """How much Σⱼ log(1 + exp(xⱼ)) grows where visible unit i alone moves by ``delta[n, i]``.

    With σⱼ = ``on[n, j]``, the probability of hidden unit j, and 1 − σⱼ = ``off[n, j]``, that is
    Σⱼ log(1 − σⱼ + σⱼ exp(δ wᵢⱼ)): ``rise`` and ``fall`` hold exp(±wᵢⱼ) for δ = ±1. Logarithms
    are taken of products of ``length`` factors. Float64; ``on`` and ``off`` (n, h), ``rise``,
    ``fall`` and ``weights`` (d, h), ``delta`` and ``out`` (n, d).
    """
    n_hidden = on.shape[1]
    for n in range(on.shape[0]):
        s, t = on[n], off[n]
        for i in range(delta.shape[1]):
            step = delta[n, i]
            total = 0.0
            if step == 1.0 or step == -1.0:
                table = rise[i] if step == 1.0 else fall[i]
                for start in range(0, n_hidden, length):
                    stop = min(start + length, n_hidden)
                    w, p, q = table[start:stop], s[start:stop], t[start:stop]
                    product = 1.0
                    for j in range(w.size):
                        product *= q[j] + p[j] * w[j]
                    total += math.log(product)
            elif step != 0.0:
                for j in range(n_hidden):
                    total += math.log(t[j] + s[j] * math.exp(step * weights[i, j]))
            out[n, i] = total


@compiled
def scatter(spread, index, V):
    """``V[n, index[p, q]] += spread[n, p, q]``."""
    for n in range(V.shape[0]):
        v = V[n]
        for p in range(index.shape[0]):
            for q in range(index.shape[1]):
                v[index[p, q]] += spread[n, p, q]


@compiled(fused=True)
def draw_blocks(E, noise, mean):
    """Blocks of binary units of which one may be on (probabilistic max-pooling).

    ``E`` holds exp(input), of shape (m, block size, K), and becomes states, in place; ``mean`` are
    their probabilities, E / (1 + Σ E). ``noise`` (m, K) is uniform in [0, 1).
    """
    one, zero = mean.dtype.type(1.0), mean.dtype.type(0.0)
    for i in range(E.shape[0]):
        for k in range(E.shape[2]):
            total = one
            for e in range(E.shape[1]):
                total += E[i, e, k]
            scale = one / total
            below = zero
            u = noise[i, k]
            for e in range(E.shape[1]):
                p = E[i, e, k] * scale
                mean[i, e, k] = p
                above = below + p
                E[i, e, k] = one if below <= u < above else zero
                below = above
