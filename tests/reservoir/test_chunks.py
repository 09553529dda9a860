"""Long series in chunks: the states of the whole, and how many chunks pay."""

import numpy as np
import pytest

from dlkit import _budgets
from dlkit.reservoir._engine.chunks import TOLERANCE as SEAM
from dlkit.reservoir._engine.chunks import plan_chunks
from dlkit.reservoir._engine.lanes import FEW, Lanes
from dlkit.reservoir._learning.pooling import POOLINGS
from dlkit.reservoir._matrices.spectral import draw_controlled
from dlkit.reservoir._matrices.topology import draw_recurrent

from ._lanes import C, ragged

pytestmark = pytest.mark.kernels


def reservoir(name, dtype):
    """Reservoirs that forget quickly, slowly, and not at all."""
    r = np.random.RandomState(4)
    n, leak, activation = 12, 1.0, "tanh"
    W = draw_controlled("sparse", n, n_links=4, spectral_radius=0.9, random_state=0).matrix
    if name == "leaky":
        leak = 0.3
    elif name in ("ring", "orthogonal", "hadamard"):
        W = 0.9 * draw_recurrent(name, n, random_state=0)
    elif name == "near-critical":
        W = 0.99 * draw_recurrent("orthogonal", n, random_state=0)
    elif name == "above one":
        W = W * 3.0
    elif name == "linear, at one":
        W, activation = 1.0 * draw_recurrent("orthogonal", n, random_state=0), "identity"
    elif name == "delay line":
        W = 1.0 * draw_recurrent("delay_line", n, random_state=0)
    return lambda n_lanes: Lanes(
        W, 0.3 * r.randn(n, C), np.zeros(n), leak, activation, dtype, n_lanes=n_lanes
    )


RESERVOIRS = ["leaky", "ring", "hadamard", "delay line"]
RESERVOIRS += [
    pytest.param(name, marks=pytest.mark.compiled)
    for name in ("orthogonal", "near-critical", "above one", "linear, at one")
]


@pytest.mark.parametrize("name", RESERVOIRS)
@pytest.mark.parametrize(
    "dtype", [np.float64, pytest.param(np.float32, marks=pytest.mark.compiled)]
)
def test_chunks_are_the_whole(name, dtype):
    """The same states as from end to end, whether seams close or not, for one series or some."""
    for lengths in ([700], [400, 3, 250]):
        batch = ragged(lengths, dtype)
        runs = []
        for n_lanes, n_jobs in ((1, 1), (7, 1), (16, 2), (40, 1)):
            lanes = reservoir(name, dtype)(n_lanes)
            out = np.empty((len(batch.values), 12), dtype)
            start = np.full((len(lengths), 12), 0.5, dtype)
            end = lanes.run(batch, None, states=start, out=out, n_jobs=n_jobs)
            last = out[batch.offsets[1:] - 1]
            np.testing.assert_allclose(end, last, rtol=0, atol=SEAM[np.dtype(dtype)])
            runs.append(out)
        for out in runs[1:]:
            scale = np.abs(runs[0]).max()
            tolerance = 1e-10 if dtype == np.float64 else 1e-5
            np.testing.assert_allclose(out, runs[0], rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("pooling", ["last", "mean", "moments"])
def test_a_long_sequence_is_pooled_from_its_chunks(pooling):
    batch = ragged([900, 500])
    rows = []
    for n_lanes in (1, 16):
        pooled = POOLINGS[pooling].start(2, 12, 3)
        reservoir("leaky", np.float64)(n_lanes).run(batch, pooled)
        rows.append(pooled.result())
    np.testing.assert_allclose(rows[1], rows[0], rtol=0, atol=1e-11)


def test_chunks_with_noise_and_a_consumer(monkeypatch):
    monkeypatch.setattr(_budgets, "CHUNKED_SPAN_BYTES", 12 * 8 * 300)
    batch = ragged([1000])
    noise = 0.1 * np.random.RandomState(7).randn(1000, 12)
    results = []
    for n_lanes in (1, 16):
        lanes, pieces = reservoir("leaky", np.float64)(n_lanes), []
        lanes.memory = 20.0
        lanes.run(
            batch, lambda span, block, pieces=pieces: pieces.append(block.copy()),
            noise=lambda span: noise[span.start : span.stop],
        )  # fmt: skip
        assert len(pieces) > 2
        results.append(np.concatenate(pieces))
    np.testing.assert_allclose(results[1], results[0], rtol=0, atol=1e-10)


@pytest.mark.compiled
def test_chunks_are_chosen_where_they_pay():
    """One long series of a forgetful reservoir."""
    lanes = reservoir("leaky", np.float64)(None)
    lanes.memory = 200.0
    batch = ragged([8000])
    out, whole = np.empty((8000, 12)), np.empty((8000, 12))
    lanes.run(batch, None, out=out)
    reservoir("leaky", np.float64)(1).run(batch, None, out=whole)
    assert 0 < np.abs(out - whole).max() < 100 * SEAM[np.dtype(np.float64)]


def test_plans():
    def plan(lengths, memory, n_lanes=None, threads=1, n_units=100, links_each=10):
        stops = np.cumsum(lengths)
        chunks = plan_chunks(
            stops - lengths,
            stops,
            np.full(len(lengths), float(memory)),
            n_lanes,
            threads,
            FEW,
            n_units,
            links_each,
        )
        return None if chunks is None else chunks.tolist()

    assert plan([10_000], 100) == [16]
    assert plan([10_000], 100, threads=2) == [16]  # not enough work
    assert plan([10_000], 100, threads=2, n_units=4000) == [32]
    assert plan([10_000], 100, threads=2, n_units=400, links_each=400) == [32]
    assert plan([10_000], 100, n_lanes=5) == [5]
    assert plan([10_000], 100, n_lanes=1) is None
    assert plan([10_000], 5000) is None  # it would take longer
    assert plan([10_000], np.inf) is None
    assert plan([3], 1) is None
    assert plan([1], 1) is None
    assert plan([1], 1, n_lanes=4) is None
    assert plan([500] * 40, 10) is None  # lanes enough
    assert plan([8000, 2000], 100) == [12, 3]
