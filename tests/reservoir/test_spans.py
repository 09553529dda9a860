"""Spans cut the work and leave the states as they are."""

import numpy as np
import pytest

from dlkit import _budgets
from dlkit.reservoir._engine.spans import Span, cut_spans

from ._lanes import N, make, ragged

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_spans_cut_work_without_changing_it(monkeypatch, n_jobs):
    """Many spans, long sequences in stretches, threads: the states stay the same."""
    lanes = make()
    batch = ragged([3, 2, 700, 1, 5, 150, 4, 4] + [6] * 60)
    whole = np.empty((len(batch.values), N))
    lanes.run(batch, None, out=whole)
    monkeypatch.setattr(_budgets, "SPAN_BYTES", 1)
    tasks = cut_spans(batch, 64)
    assert len(tasks) > 3
    assert max(len(task) for task in tasks) > 5  # the long one comes in stretches
    covered = [span for task in tasks for span in task]
    assert [s.start for s in covered] == [0, *(s.stop for s in covered[:-1])]
    assert covered[-1].stop == len(batch.values)
    pieces = {}

    def keep(span, block):
        pieces[span.start] = block.copy()

    last = lanes.run(batch, keep, n_jobs=n_jobs)
    np.testing.assert_array_equal(np.concatenate([pieces[k] for k in sorted(pieces)]), whole)
    np.testing.assert_array_equal(last, whole[batch.offsets[1:] - 1])


def test_washout_of_a_span():
    span = Span(4, 7, 100, 112, np.array([0, 3, 8, 12]))
    rows, offsets = span.kept(2)
    assert np.flatnonzero(rows).tolist() == [2, 5, 6, 7, 10, 11]
    assert offsets.tolist() == [0, 1, 4, 6]
    stretch = Span(4, 5, 100, 110, np.array([0, 10]), done=7)
    assert stretch.kept(7) == (slice(None), stretch.offsets)
    rows, offsets = stretch.kept(9)
    assert np.flatnonzero(rows).tolist() == list(range(2, 10))
    assert stretch.kept(30)[1].tolist() == [0, 0]
