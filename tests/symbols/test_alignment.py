"""Alignments that are found without being told."""

import numpy as np
import pytest

from dlkit.symbols._alignment import Chunks, aligned


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
    found = aligned(x, offsets[0], y, offsets[1], 4, chunks, 8)
    right = [chunks.symbols(int(n)) == meaning[s] for s, n in zip(x, found, strict=True)]
    assert np.mean(right) > 0.98


def test_too_many_chunks():
    none = np.zeros(1, dtype=np.int64)
    with pytest.raises(ValueError, match="max_chunk=4"):
        aligned(none, none, none, none, 10, Chunks(100, 4), 1)
