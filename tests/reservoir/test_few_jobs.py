"""Few jobs in many lanes or in one: when which, and the same states from both."""

from types import SimpleNamespace

import numpy as np
import pytest

from dlkit import ESNForecaster, ReservoirStates
from dlkit.reservoir._engine import few_jobs
from dlkit.reservoir._engine.few_jobs import FEW, run_side_by_side
from dlkit.sequences import pack

from ._kinds import KINDS
from ._lanes import N, make, ragged

MANY = FEW + 2
RAGGED = [3, 8, 1, 5, 12, 2, 7, 1, 1, 4, 6, 9, 2, 5, 3, 10, 8, 2, 21, 4, 1]


class Loops:
    """Stand-ins for the two loops, which note what they are asked for."""

    def __init__(self, stops):
        stops = np.array(stops)
        self.jobs = SimpleNamespace(cursor=np.zeros_like(stops), stops=stops)
        self.ran = []

    def wide(self, order, few):
        self.ran.append(("wide", len(order)))
        rest = sorted(order, key=lambda j: self.jobs.stops[j])[len(order) - few + 1 :]
        for j in order:
            self.jobs.cursor[j] = self.jobs.stops[j] - (j in rest)

    def lone(self, order):
        self.ran.append(("lone", len(order)))
        self.jobs.cursor[order] = self.jobs.stops[order]

    def run(self, lone=True, to_the_end=False, size=1.0, **options):
        order = np.arange(len(self.jobs.stops))
        run_side_by_side(
            self.jobs, order, self.wide, self.lone if lone else None,
            kind=("a test",), size=size, to_the_end=to_the_end, **options,
        )  # fmt: skip
        np.testing.assert_array_equal(self.jobs.cursor, self.jobs.stops)
        return self.ran


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(few_jobs, "_lost", {})
    monkeypatch.setattr(few_jobs, "_alone", {})
    monkeypatch.setattr(few_jobs, "WORTH_COMPILING", 2e8)  # in the uncompiled run, too


def test_few_jobs_take_the_loop_of_one_lane_where_no_other_has_run():
    assert Loops([5] * 2).run() == [("lone", 2)]


def test_few_jobs_stay_in_a_loop_that_is_there():
    assert Loops([5] * MANY).run() == [("wide", MANY), ("wide", FEW - 1)]
    assert Loops([5] * 2).run() == [("wide", 2)]


def test_much_lost_in_idle_lanes_is_worth_the_second_loop():
    much = few_jobs.WORTH_COMPILING
    assert Loops([5] * MANY).run(size=2 * much) == [("wide", MANY), ("lone", FEW - 1)]
    assert Loops([5] * 2).run() == [("lone", 2)]  # which has been compiled by now


def test_what_is_lost_adds_up():
    lone = few_jobs.WORTH_COMPILING / 4 / 20  # four jobs of 5 steps lose 4 * 5 each time
    Loops([5] * MANY).run(to_the_end=True)
    ran = [Loops([5] * 2).run(size=lone)[0][0] for _ in range(6)]
    assert ran == ["wide"] * 4 + ["lone"] * 2


def test_many_short_jobs_take_the_lone_loop_where_it_is_the_one_to_have():
    n = 2 * few_jobs.LANES
    lost = 5 * n - 2 * 5 * FEW  # two rounds of lanes, each as long as FEW jobs in turn
    size, closed = few_jobs.WORTH_COMPILING / lost / 2.5, {"lone_first": True, "to_the_end": True}
    ran = [Loops([5] * n).run(size=size, **closed)[0][0] for _ in range(4)]
    assert ran == ["lone", "lone", "wide", "wide"]
    assert Loops([5]).run(size=size, **closed) == [("lone", 1)]  # which is there, too
    assert Loops([5] * n).run(size=size, to_the_end=True) == [("wide", n)]


def test_long_work_takes_many_lanes_at_once():
    n, much = few_jobs.LANES, few_jobs.WORTH_COMPILING
    closed = {"lone_first": True, "to_the_end": True}
    assert Loops([5] * n).run(size=much, **closed) == [("wide", n)]
    assert Loops([5] * 2).run(**closed) == [("wide", 2)]


def test_some_jobs_stay_in_their_lanes():
    much = few_jobs.WORTH_COMPILING
    assert Loops([5] * MANY).run(to_the_end=True, size=much) == [("wide", MANY)]
    assert Loops([5]).run(lone=False, size=much) == [("wide", 1)]


@pytest.mark.parametrize("limit", [-1.0, np.inf], ids=["one lane", "many lanes"])
@pytest.mark.parametrize("kind", ["fixed in-degree", "dense", "ring", "hadamard"])
def test_the_same_states_of_leaky_units(kind, limit, monkeypatch):
    lanes, batch = make(kind), ragged(RAGGED)
    want = np.vstack([states_of(lanes, pack([batch[i]])) for i in range(len(batch))])
    monkeypatch.setattr(few_jobs, "WORTH_COMPILING", limit)
    np.testing.assert_array_equal(states_of(lanes, batch), want)
    few = ragged(RAGGED[:3])
    want = np.vstack([states_of(lanes, pack([few[i]])) for i in range(3)])
    np.testing.assert_array_equal(states_of(lanes, few), want)


def states_of(lanes, batch):
    out = np.empty((len(batch.values), N))
    lanes.run(batch, None, out=out)
    return out


@pytest.mark.compiled
@pytest.mark.parametrize("kind", ["lstm, delays", "es2n", "legendre", "clockwork"])
def test_the_same_states_of_cells(kind, monkeypatch):
    r = np.random.RandomState(3)
    X = [r.standard_normal((n, 2)) for n in RAGGED]
    esn = ReservoirStates(12, **KINDS[kind], random_state=0).fit(X)
    got = {}
    for limit in (-1.0, np.inf):
        monkeypatch.setattr(few_jobs, "WORTH_COMPILING", limit)
        got[limit] = np.vstack([*esn.transform(X), *esn.transform(X[:3])])
    np.testing.assert_array_equal(got[-1.0], got[np.inf])
    np.testing.assert_allclose(got[np.inf][: RAGGED[0]], esn.transform(X[:1])[0], atol=1e-12)


@pytest.mark.compiled
@pytest.mark.parametrize("parameters", [{}, {"cell": "gru"}], ids=["leaky", "gru"])
def test_the_same_forecasts_from_both(parameters, monkeypatch):
    x = np.sin(0.3 * np.arange(300))[:, None]
    got = []
    for limit in (-1.0, np.inf):
        monkeypatch.setattr(few_jobs, "WORTH_COMPILING", limit)
        monkeypatch.setattr(few_jobs, "_lost", {})
        esn = ESNForecaster(12, alpha="auto", **parameters, random_state=0).fit(x)
        got.append((esn.readout_.alpha_, esn.forecast(20)))
    assert got[0][0] == got[1][0]
    np.testing.assert_array_equal(got[0][1], got[1][1])
