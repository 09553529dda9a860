"""Loops of nonlinear vector autoregression: delayed inputs, and products of them."""

from .compiled import compiled, inner


@inner
def _row(history, place, u, n_delays, stride, constant, factors, row):
    """Features of one step: a constant, delayed inputs, products of them.

    ``history`` is a ring of the last steps, ``u`` written to ``history[place]`` first; products
    are of the delayed inputs numbered in ``factors`` (n_products, order), −1 for none.
    """
    size, n_channels = history.shape
    for c in range(n_channels):
        history[place, c] = u[c]
    if constant:
        row[0] = 1
    at = constant
    for d in range(n_delays):
        source = (place - d * stride) % size
        for c in range(n_channels):
            row[at] = history[source, c]
            at += 1
    for m in range(factors.shape[0]):
        product = row[constant + factors[m, 0]]
        for f in range(1, factors.shape[1]):
            if factors[m, f] >= 0:
                product *= row[constant + factors[m, f]]
        row[at] = product
        at += 1


@inner
def _load(state, history):
    """Unfold a state, oldest step first, into a ring that begins with the oldest."""
    for i in range(history.size):
        history[i // history.shape[1], i % history.shape[1]] = state[i]


@inner
def _store(history, oldest, state):
    """Fold a ring whose oldest step is in place ``oldest`` into a state."""
    size, n_channels = history.shape
    for i in range(history.size):
        state[i] = history[(oldest + i // n_channels) % size, i % n_channels]


@compiled
def run_nvar(values, offsets, n_delays, stride, constant, factors, history, states, out):
    """Features of every step of packed series, to ``out``; ``states`` are brought up to date.

    ``states`` (n, steps of ``history`` times channels) holds the last inputs, oldest first.
    ``history`` is free to use.
    """
    size = history.shape[0]
    for j in range(states.shape[0]):
        _load(states[j], history)
        place = 0  # of the oldest step, which the next one replaces
        for t in range(offsets[j], offsets[j + 1]):
            _row(history, place, values[t], n_delays, stride, constant, factors, out[t])
            place = (place + 1) % size
        _store(history, place, states[j])


@compiled
def run_nvar_closed(
    coef, intercept, which, n_delays, stride, constant, factors, history, states, row, u, shocks,
    out,
):  # fmt: skip
    """Let each series drive itself: its output is its next input.

    ``coef`` (G, n_channels, columns of ``row``, or n_channels more for the input) reads the
    features, with ``intercept`` (G, n_channels); series j is read by number ``which[j]`` of the G.
    ``states`` and ``u`` (n, n_channels), the last outputs, are advanced in place; ``shocks`` (n,
    n_steps, n_channels) are added to the outputs, unless empty; ``out`` (n, n_steps, n_channels)
    takes the outputs that follow ``u``.
    """
    size = history.shape[0]
    for j in range(out.shape[0]):
        _load(states[j], history)
        place, g = 0, which[j]
        for t in range(out.shape[1]):
            _row(history, place, u[j], n_delays, stride, constant, factors, row)
            place = (place + 1) % size
            for c in range(out.shape[2]):
                total = intercept[g, c]
                for i in range(row.size):
                    total += coef[g, c, i] * row[i]
                for i in range(coef.shape[2] - row.size):
                    total += coef[g, c, row.size + i] * u[j, i]
                if shocks.size:
                    total += shocks[j, t, c]
                out[j, t, c] = total
            for c in range(out.shape[2]):
                u[j, c] = out[j, t, c]
        _store(history, place, states[j])
