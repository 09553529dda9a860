import numpy as np

from dlkit import _budgets
from dlkit.positions._described import Described

from .test_stages import problem


def test_rows_are_what_the_describer_says_of_their_positions(monkeypatch):
    one = problem(n=2, side=40, budget=150)
    want = []
    for i, positions in enumerate(one.rows.positions):
        whole = one.describer(one.samples, i, (0, 0), (40, 40))
        want.append(whole.reshape(1600, -1)[positions])
    want = np.concatenate(want)
    np.testing.assert_allclose(Described(one).rows(), want)
    monkeypatch.setattr(_budgets, "POSITION_BYTES", 2**14)  # several boxes, none kept
    monkeypatch.setattr(_budgets, "POSITION_CACHE_BYTES", 0)
    cache = Described(one)
    assert len(list(cache.boxes(one.regions[0]))) > 1
    np.testing.assert_allclose(cache.rows(), want)
    assert not cache.kept


def test_boxes_are_kept_while_there_is_room():
    one = problem()
    cache = Described(one)
    region = one.regions[0]
    box = region.sample, region.low, region.high
    assert cache.box(*box) is cache.box(*box)
    assert cache.bytes == cache.box(*box).nbytes
    cache.forget()
    assert cache.bytes == 0
    assert not cache.kept
