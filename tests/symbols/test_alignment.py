"""Alignments that are found without being told."""

from itertools import pairwise

import numpy as np
import pytest

from dlkit.symbols._alignment import Chunks, _wider, aligned


def test_numbers_of_chunks():
    chunks = Chunks(3, 2)
    assert chunks.symbols(0) == ()
    assert chunks.symbols(2) == (1,)
    assert chunks.symbols(3 + 4 * 1) == (2, 0)
    assert chunks.powers.tolist() == [1, 4, 16]


def test_what_symbols_stand_for_is_found():
    rng = np.random.RandomState(0)
    meaning = [(0,), (), (1, 2), (2,)]
    sources = [rng.randint(4, size=rng.randint(1, 7)) for _ in range(300)]
    targets = [sum((meaning[s] for s in source), ()) for source in sources]
    x, y = np.concatenate(sources), np.concatenate([np.array(t, dtype=int) for t in targets])
    offsets = [
        np.concatenate([[0], np.cumsum([len(s) for s in one])]) for one in (sources, targets)
    ]
    chunks = Chunks(3, 2)
    found = aligned(x, offsets[0], y, offsets[1], 4, chunks, 8, 0)
    right = [chunks.symbols(int(n)) == meaning[s] for s, n in zip(x, found, strict=True)]
    assert np.mean(right) > 0.98


def test_neighbours_tell_symbols_apart():
    """One of the three stands for something, but only before another one."""
    rng = np.random.RandomState(0)
    sources = [rng.randint(3, size=rng.randint(2, 8)) for _ in range(200)]

    def told(source):
        followers = zip(source, [*source[1:], 0], strict=True)
        return [(1,) if s == 0 and after else () for s, after in followers]

    targets = [sum(told(source), ()) for source in sources]
    x, y = np.concatenate(sources), np.concatenate([np.array(t, dtype=int) for t in targets])
    offsets = [
        np.concatenate([[0], np.cumsum([len(s) for s in one])]) for one in (sources, targets)
    ]
    chunks = Chunks(2, 1)
    kinds = []
    for neighbours in (0, 1):
        found = aligned(x, offsets[0], y, offsets[1], 3, chunks, 8, neighbours)
        codes = x if not neighbours else _wider(x, x, offsets[0], 3, 1)[0]
        counts = np.zeros((codes.max() + 1, int(chunks.powers[-1])))
        np.add.at(counts, (codes, found), 1)
        kinds.append(counts.max(axis=1).sum() / counts.sum())
    assert kinds[1] == 1.0 > kinds[0]  # one chunk for each symbol among its neighbours


def test_codes_of_symbols_among_neighbours():
    rng = np.random.RandomState(0)
    x, offsets = rng.randint(3, size=60), np.array([0, 5, 6, 6, 30, 60])
    codes = x
    for reach in (1, 2):
        codes, before = _wider(x, codes, offsets, 3, reach)
        seen = {}
        for a, b in pairwise(offsets):
            padded = [3] * reach + x[a:b].tolist() + [3] * reach
            for t in range(b - a):
                window = tuple(padded[t : t + 2 * reach + 1])
                assert seen.setdefault(window, codes[a + t]) == codes[a + t]
        assert len(seen) == codes.max() + 1 == len(before)


def test_too_many_chunks():
    none = np.zeros(1, dtype=np.int64)
    with pytest.raises(ValueError, match="max_chunk=4"):
        aligned(none, none, none, none, 10, Chunks(100, 4), 1, 0)
