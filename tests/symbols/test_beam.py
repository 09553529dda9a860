"""Beam search against all outputs there are."""

from itertools import product

import numpy as np
from numpy.testing import assert_allclose

from dlkit.symbols._beam import search
from dlkit.symbols._windows import Windows

SYMBOLS = [(), (0,), (1,), (0, 1)]


def chances(chunk, last, t):
    """Probabilities that depend on what was put out."""
    rng = np.random.RandomState(7 + 31 * int(chunk) + 5 * int(last[0]) + 3 * int(last[1]) + t)
    P = rng.uniform(0.05, 1, 4)
    return P / P.sum()


def test_a_wide_beam_finds_all():
    windows = Windows(1, 2, 2, 2)
    lengths = np.array([3, 0, 2])

    def probabilities(live, t):
        return np.array([chances(c, h, t) for c, h in zip(live.chunk, live.last, strict=True)])

    found = search(lengths, probabilities, SYMBOLS, windows, 500)
    for n, outputs in zip(lengths, found, strict=True):
        want = {}
        for chunks in product(range(4), repeat=n):
            p, last, output, before = 1.0, (0, 0), (), 0
            for t, k in enumerate(chunks):
                p *= chances(before, last, t)[k]
                for symbol in SYMBOLS[k]:
                    last = (symbol + 1, last[0])
                output, before = output + SYMBOLS[k], k + 1
            want[output] = want.get(output, 0) + p
        assert len(outputs) == len(want)
        for output, score in outputs:
            assert_allclose(np.exp(score), want[output])
        scores = [score for _, score in outputs]
        assert scores == sorted(scores, reverse=True)
    narrow = search(lengths, probabilities, SYMBOLS, windows, 2)
    assert all(1 <= len(outputs) <= 2 for outputs in narrow)
    assert narrow[0][0][1] <= found[0][0][1] + 1e-12
