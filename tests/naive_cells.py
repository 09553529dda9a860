"""Slow, obvious twins of the cells: one sequence, dense matrices, one step after another."""

import numpy as np
from scipy.signal import cont2discrete

from dlkit.reservoir._cells.kinds import CELLS

from .naive import ACTIVATIONS


def dense(W):
    return W.toarray() if hasattr(W, "toarray") else np.array(W, dtype=float)


def by_delay(W, delays, gain=1.0):
    """Split gain W into a matrix for each delay of W's links, listed row by row."""
    W = dense(W)
    if delays is None:
        return {1: gain * W}
    places = np.argwhere(W != 0)
    assert len(places) == len(delays)
    parts = {int(d): np.zeros_like(W) for d in set(delays)}
    for (i, j), d in zip(places, delays, strict=True):
        parts[int(d)][i, j] = gain * W[i, j]
    return parts


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def legendre(order, window):
    """A and B of the memory's differential equation m' = A m + B u, from the paper."""
    A, B = np.zeros((order, order)), np.zeros(order)
    for i in range(order):
        B[i] = (2 * i + 1) * (-1) ** i / window
        for j in range(order):
            A[i, j] = (2 * i + 1) * (-1 if i < j else (-1) ** (i - j + 1)) / window
    return A, B


class Twin:
    """Steps of a drawn reservoir, from the formulas; ``x`` is the output, ``past[d - 1]`` that of
    d steps ago."""

    def __init__(self, reservoir, start=None):
        self.r, self.cell = reservoir, reservoir.cell
        self.name = {kind: name for name, kind in CELLS.items()}[type(self.cell.kind)]
        self.p, self.own = self.cell.kind.get_params(), self.cell.own
        n, depth = reservoir.n_units, self.cell.depth
        self.f = ACTIVATIONS.get(reservoir.activation, reservoir.activation)
        self.a = np.broadcast_to(reservoir.leak_rate, n)
        self.past = [np.zeros(n) for _ in range(depth)]
        self.c, self.clock = np.zeros(n), 0
        if start is not None:
            for d in range(depth):
                self.past[d] = np.array(start[d * n : d * n + n], dtype=float)
            if self.name == "lstm":
                self.c = np.array(start[depth * n :], dtype=float)
            if self.name == "clockwork":
                self.clock = int(start[-1])
        gain, (s, beta) = reservoir.recurrent.gain, reservoir.scaling
        delays = self.cell.delays
        w_in, bias = reservoir.unscaled
        self.W = {"state": by_delay(reservoir.recurrent.base, delays.get("state"), gain)}
        self.w_in, self.b = {"state": w_in * s}, {"state": beta * bias}
        for key, gate in self.cell.gates.items():
            no = np.zeros((n, n))
            W = no if gate.matrix is None else gain * gate.matrix
            self.W[key] = by_delay(W, delays.get(key))
            self.w_in[key], self.b[key] = gate.w_in * s, beta * gate.bias

    def z(self, u, key="state", x=None):
        """W x + W_in u + b, each link as long ago as its delay says; of ``x`` if that is given."""
        z = self.w_in[key] @ u + self.b[key]
        for d, W in self.W[key].items():
            z = z + W @ (self.past[d - 1] if x is None else x)
        return z

    def step(self, u):
        x = getattr(self, self.name)(self.past[0], u)
        self.past = [x, *self.past[:-1]]
        return x

    def leaky(self, x, u):
        return (1 - self.a) * x + self.a * self.f(self.z(u))

    def deep_transition(self, x, u):
        W, b = self.own["transition"]
        h = self.f(self.z(u))
        return (1 - self.a) * x + self.a * self.f(dense(W) @ h + self.r.scaling[1] * b)

    def es2n(self, x, u):
        return (1 - self.a) * (dense(self.own["path"]) @ x) + self.a * self.f(self.z(u))

    def residual(self, x, u):
        path = x if self.own["path"] is None else dense(self.own["path"]) @ x
        return self.p["alpha"] * path + self.a * self.f(self.z(u))

    def euler(self, x, u):
        W = self.W["state"][1]
        assert np.array_equal(W, -W.T)
        return x + self.a * self.f(self.z(u) - self.p["diffusion"] * x)

    def clockwork(self, x, u):
        n, g = len(x), len(sorted(self.p["periods"]))
        groups = [[i for i in range(n) if k * n <= i * g < (k + 1) * n] for k in range(g)]
        new, moved = self.leaky(x, u), x.copy()
        for group, period in zip(groups, sorted(self.p["periods"]), strict=True):
            for W in self.W["state"].values():  # a group hears itself and slower ones
                assert not W[group, : group[0]].any()
            if self.clock % period == 0:
                moved[group] = new[group]
        self.clock += 1
        return moved

    def gru(self, x, u):
        z = sigmoid(self.z(u, "update") + self.p["update_bias"])
        r = sigmoid(self.z(u, "reset"))
        return z * x + (1 - z) * self.f(self.z(u, x=r * x))

    def mgu(self, x, u):
        f = sigmoid(self.z(u, "forget") + self.p["forget_bias"])
        return (1 - f) * x + f * self.f(self.z(u, x=f * x))

    def lstm(self, x, u):
        i, o = sigmoid(self.z(u, "input")), sigmoid(self.z(u, "output"))
        f = sigmoid(self.z(u, "forget") + self.p["forget_bias"])
        self.c = f * self.c + i * self.f(self.z(u))
        return o * self.f(self.c)

    def legendre(self, x, u):
        m, h = self.cell.n_memory, slice(self.cell.n_memory, None)
        s = np.broadcast_to(self.r.scaling[0], len(u))
        order = m // len(u)
        A, B = legendre(order, self.p["window"])
        system = A, B[:, None], np.eye(order), np.zeros((order, 1))
        A, B = cont2discrete(system, 1, method="zoh")[:2]
        memory = np.empty(m)
        for c, v in enumerate(s * u):
            here = slice(c * order, c * order + order)
            memory[here] = A @ x[here] + B[:, 0] * v
        z = self.z(u, x=x[h]) + dense(self.own["memory"][2]) @ memory
        return np.concatenate([memory, (1 - self.a[h]) * x[h] + self.a[h] * self.f(z)])


def states(reservoir, sequence, start=None, noise=None):
    """States of one (T, C) sequence."""
    twin, rows = Twin(reservoir, start), []
    for t, u in enumerate(np.asarray(sequence, dtype=float)):
        x = twin.step(u)
        if noise is not None:
            twin.past[0] = x = x + noise[t]
        rows.append(x)
    return np.array(rows)


def estimator_states(estimator, sequence, start=None):
    """States of one sequence under a fitted estimator, with the input beside them if it says so."""
    x = states(estimator.reservoir_, sequence, start)
    return np.hstack([x, sequence]) if estimator.passthrough else x


def closed_loop(estimator, coef, intercept, sequence, n_steps):
    """Each output is the next input; the (n_steps, C) outputs that follow a sequence."""
    twin = Twin(estimator.reservoir_)
    for u in np.asarray(sequence, dtype=float):
        x = twin.step(u)
    out = []
    for _ in range(n_steps):
        row = np.concatenate([x, u]) if estimator.passthrough else x
        u = row @ coef + intercept
        out.append(u)
        x = twin.step(u)
    return np.array(out)
