"""The leaky reservoir's loops: lanes side by side, a lone lane, and the closed loop.

All three make the step

    x ← (1 − a) x + a f(W x + W_in u + b) + ν

with the same arithmetic for each unit, in the same order: bias, then channels, then links as
they stand in the row. A sequence's states are therefore the same to the last bit whether it
runs alone or beside others (dense W, which goes through BLAS: the same to rounding).

Profile (N=1000, 10 links, float64, one core of an AVX-512 machine): of 2.7 us a step at 16 lanes,
tanh takes 1.0 and the links the rest; libm's scalar tanh alone would take 8.
"""

import math

import numpy as np
from numba import njit

LANES = 16  # a constant, so that the compiler unrolls the loops over lanes; 8 and 32 were slower

TANH, RELU, IDENTITY, USER = 0, 1, 2, 3

# Strict arithmetic: the equality above holds on every machine. Fusing multiply and add
# ("contract") gained 6 to 10 %, but LLVM fuses differently in different loops.
_options = {"cache": True, "nogil": True, "error_model": "numpy"}

_LOG2E = 1.4426950408889634
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_POWERS_OF_TWO = np.ldexp(1.0, np.arange(64))


@njit(**_options)
def fast_tanh(x):
    """Hyperbolic tangent to 2 ulp, free of branches so that loops over it vectorise.

    Below 0.625 the rational function of Cephes (Moshier), above it 1 − 2 / (exp(2x) + 1), with
    exp(y) = 2ⁿ exp(r), y = n ln 2 + r, and Taylor's polynomial for |r| ≤ ln(2) / 2.
    """
    a = abs(x)
    a = a if a < 20.0 else 20.0  # tanh(20) rounds to one; NaN also lands here
    s = a * a
    p = (-9.64399179425052238628e-1 * s - 9.92877231001918586564e1) * s - 1.61468768441708447952e3
    q = ((s + 1.12811678491632931402e2) * s + 2.23548839060100448583e3) * s
    q += 4.84406305325125486048e3
    low = a + a * s * (p / q)
    n = np.floor(2.0 * a * _LOG2E + 0.5)
    r = (2.0 * a - n * _LN2_HIGH) - n * _LN2_LOW
    e = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0)
    e = 1.0 / 3628800.0 + r * (1.0 / 39916800.0 + r * e)
    e = 1.0 / 40320.0 + r * (1.0 / 362880.0 + r * e)
    e = 1.0 / 720.0 + r * (1.0 / 5040.0 + r * e)
    e = 1.0 / 24.0 + r * (1.0 / 120.0 + r * e)
    e = 1.0 + r * (1.0 + r * (1.0 / 2.0 + r * (1.0 / 6.0 + r * e)))
    high = 1.0 - 2.0 / (e * _POWERS_OF_TWO[np.int64(n) & 63] + 1.0)
    t = low if a < 0.625 else high
    return math.copysign(t, x) if x == x else x


@njit(**_options)
def _update(activation, user, keep, leak, pre, x):
    """Leak the activated ``pre`` into ``x``; both flat, ``keep`` and ``leak`` already as long."""
    if activation == TANH:
        for i in range(x.size):
            x[i] = keep[i] * x[i] + leak[i] * fast_tanh(pre[i])
    elif activation == RELU:
        for i in range(x.size):
            x[i] = keep[i] * x[i] + leak[i] * (pre[i] if not pre[i] < 0.0 else 0.0)
    elif activation == IDENTITY:
        for i in range(x.size):
            x[i] = keep[i] * x[i] + leak[i] * pre[i]
    else:
        for i in range(x.size):
            x[i] = keep[i] * x[i] + leak[i] * user(pre[i])


@njit(**_options)
def _lanes_input(w_in, bias, u, pre):
    """``pre = W_in u + b`` for all lanes."""
    n_channels = w_in.shape[1]
    for i in range(pre.shape[0]):
        row = pre[i]
        for l in range(LANES):
            row[l] = bias[i]
        c = 0
        while c + 3 < n_channels:
            w0, w1, w2, w3 = w_in[i, c], w_in[i, c + 1], w_in[i, c + 2], w_in[i, c + 3]
            for l in range(LANES):
                s = row[l]
                s += w0 * u[c, l]
                s += w1 * u[c + 1, l]
                s += w2 * u[c + 2, l]
                s += w3 * u[c + 3, l]
                row[l] = s
            c += 4
        while c < n_channels:
            w = w_in[i, c]
            for l in range(LANES):
                row[l] += w * u[c, l]
            c += 1


@njit(**_options)
def _lanes_links(data, indices, indptr, x, pre):
    """``pre += W x`` for all lanes, W in CSR; links five at a time keep ``pre`` in registers."""
    for i in range(pre.shape[0]):
        row = pre[i]
        k, end = indptr[i], indptr[i + 1]
        while k + 4 < end:
            w0, w1, w2, w3, w4 = data[k], data[k + 1], data[k + 2], data[k + 3], data[k + 4]
            x0, x1, x2 = x[indices[k]], x[indices[k + 1]], x[indices[k + 2]]
            x3, x4 = x[indices[k + 3]], x[indices[k + 4]]
            for l in range(LANES):
                s = row[l]
                s += w0 * x0[l]
                s += w1 * x1[l]
                s += w2 * x2[l]
                s += w3 * x3[l]
                s += w4 * x4[l]
                row[l] = s
            k += 5
        while k < end:
            w, xk = data[k], x[indices[k]]
            for l in range(LANES):
                row[l] += w * xk[l]
            k += 1


@njit(**_options)
def run_lanes(
    dense, data, indices, indptr, w_in, bias, keep, leak, activation, user,
    values, noise, order, cursor, stops, states, out, few,
):  # fmt: skip
    """Advance sequences ``LANES`` at a time until fewer than ``few`` are left running.

    ``dense`` is W as (N, N), or (0, N) and W is the CSR triple. ``keep`` = 1 − a and ``leak`` = a
    have N entries. Sequence s reads ``values[cursor[s]:stops[s]]`` (rows are steps) from state
    ``states[s]``; ``cursor`` and ``states`` are left where it stands. Lanes take the sequences in
    ``order``, and a lane that finishes takes the next. States go to the first N columns of ``out``
    in the rows of ``values``, unless ``out`` has no rows; so with ``noise``.
    """
    n_units, n_channels = w_in.shape
    x = np.zeros((n_units, LANES), dtype=states.dtype)
    pre = np.zeros_like(x)
    through = np.zeros_like(x)
    u = np.zeros((n_channels, LANES), dtype=states.dtype)
    keep_lanes = np.repeat(keep, LANES)
    leak_lanes = np.repeat(leak, LANES)
    lane = np.full(LANES, -1, dtype=np.int64)  # the sequence in each lane, or -1
    waiting = 0
    while True:
        running = 0
        for l in range(LANES):
            s = lane[l]
            if s >= 0 and cursor[s] == stops[s]:
                states[s] = x[:, l]
                s = -1
            if s < 0 and waiting < order.size:
                s = order[waiting]
                waiting += 1
                x[:, l] = states[s]
            elif s < 0 and lane[l] >= 0:
                x[:, l] = 0  # an idle lane runs on, harmlessly
                u[:, l] = 0
            lane[l] = s
            running += s >= 0
        if running == 0 or (waiting == order.size and running < few):
            break
        for l in range(LANES):
            if lane[l] >= 0:
                u[:, l] = values[cursor[lane[l]]]
        _lanes_input(w_in, bias, u, pre)
        if dense.shape[0]:
            np.dot(dense, x, through)
            pre += through
        else:
            _lanes_links(data, indices, indptr, x, pre)
        _update(activation, user, keep_lanes, leak_lanes, pre.reshape(-1), x.reshape(-1))
        for l in range(LANES):
            if lane[l] < 0:
                continue
            t = cursor[lane[l]]
            if noise.shape[0]:
                for i in range(n_units):
                    x[i, l] += noise[t, i]
            if out.shape[0]:
                for i in range(n_units):
                    out[t, i] = x[i, l]
            cursor[lane[l]] = t + 1
    for l in range(LANES):
        if lane[l] >= 0:
            states[lane[l]] = x[:, l]


@njit(**_options)
def _lone_step(
    dense, ell_data, ell_indices, data, indices, indptr, w_in_t, bias, keep, leak, activation,
    user, u, x, pre, through,
):  # fmt: skip
    """One step of one lane; loops run over units, so that they vectorise."""
    n_units = x.size
    for i in range(n_units):
        pre[i] = bias[i]
    for c in range(w_in_t.shape[0]):
        w, uc = w_in_t[c], u[c]
        for i in range(n_units):
            pre[i] += w[i] * uc
    if dense.shape[0]:
        np.dot(dense, x, through)
        for i in range(n_units):
            pre[i] += through[i]
    elif ell_data.shape[0]:
        for k in range(ell_data.shape[0]):
            w, j = ell_data[k], ell_indices[k]
            for i in range(n_units):
                pre[i] += w[i] * x[j[i]]
    else:
        for i in range(n_units):
            s = pre[i]
            for k in range(indptr[i], indptr[i + 1]):
                s += data[k] * x[indices[k]]
            pre[i] = s
    _update(activation, user, keep, leak, pre, x)


@njit(**_options)
def run_lone(
    dense, ell_data, ell_indices, data, indices, indptr, w_in_t, bias, keep, leak, activation,
    user, values, noise, cursor, stops, states, out,
):  # fmt: skip
    """Advance sequences one after another; arguments as in :func:`run_lanes`.

    ``ell_data`` and ``ell_indices`` of shape (links, N) hold the k-th link of every unit in row k,
    where all units have as many (else they have no rows, and the CSR triple is used).
    """
    n_units = bias.size
    pre = np.empty(n_units, dtype=states.dtype)
    through = np.empty(n_units, dtype=states.dtype)
    for s in range(cursor.size):
        x = states[s]
        for t in range(cursor[s], stops[s]):
            _lone_step(
                dense, ell_data, ell_indices, data, indices, indptr, w_in_t, bias, keep, leak,
                activation, user, values[t], x, pre, through,
            )  # fmt: skip
            if noise.shape[0]:
                for i in range(n_units):
                    x[i] += noise[t, i]
            if out.shape[0]:
                for i in range(n_units):
                    out[t, i] = x[i]
        cursor[s] = stops[s]


@njit(**_options)
def run_closed(
    dense, ell_data, ell_indices, data, indices, indptr, w_in_t, bias, keep, leak, activation,
    user, coef, intercept, states, u, out,
):  # fmt: skip
    """Let each series drive itself: its output is its next input.

    ``coef`` (n_channels, N or N + n_channels) reads the state (and, if it is as wide, the input
    after it). ``states`` (n, N) and ``u`` (n, n_channels), the last outputs, are advanced in
    place; ``out`` (n, n_steps, n_channels) takes the outputs that follow ``u``.
    """
    n_units = bias.size
    n_channels = u.shape[1]
    pre = np.empty(n_units, dtype=states.dtype)
    through = np.empty(n_units, dtype=states.dtype)
    for s in range(out.shape[0]):
        x, us = states[s], u[s]
        for t in range(out.shape[1]):
            _lone_step(
                dense, ell_data, ell_indices, data, indices, indptr, w_in_t, bias, keep, leak,
                activation, user, us, x, pre, through,
            )  # fmt: skip
            y = out[s, t]
            for c in range(n_channels):
                total = intercept[c]
                for i in range(n_units):
                    total += coef[c, i] * x[i]
                for i in range(coef.shape[1] - n_units):
                    total += coef[c, n_units + i] * us[i]
                y[c] = total
            for c in range(n_channels):
                us[c] = y[c]
