"""The run of many settings over one batch, in one place: nothing else in the search runs one."""

from ..._jit.reservoir import LANES
from .._models.reservoir import shared_lanes


def lanes_key(esn):
    """Settings of equal keys can run as lanes of one pass."""
    reservoir = esn.reservoir_
    if esn.context is not None or esn.layers is not None:
        return (id(esn),)  # states to begin in; an engine of its own
    if not reservoir.cell.kind.plain:  # whose loop knows one setting
        return (id(reservoir),)
    weights = reservoir.recurrent.base, *reservoir.unscaled
    run = esn.bidirectional, esn.passthrough, esn.washout, esn.n_lanes
    return (*map(id, weights), reservoir.activation, *run)


def run_settings(esns, batch, consumers):
    """Run reservoirs over a batch, each for its own consumer of states.

    Settings of one draw are lanes of one pass where the batch has too few sequences to fill the
    lanes by itself.

    Parameters
    ----------
    esns : list of estimator
        Each with its drawn ``reservoir_``; they may differ in every parameter.
    batch : Sequences
        What all of them run over, from rest.
    consumers : list of callable
        ``consumers[i](span, block)`` takes the states of ``esns[i]``, see ``Lanes.run``.
    """
    groups = {}
    for i, esn in enumerate(esns):
        key = lanes_key(esn) if len(batch) < LANES else i
        groups.setdefault(key, []).append(i)
    for members in groups.values():
        first = esns[members[0]]
        if len(members) == 1:
            first._run(first.reservoir_, batch, consumers[members[0]])
            continue
        lanes = shared_lanes(
            [esns[i].reservoir_ for i in members], batch.values.dtype,
            passthrough=first.passthrough, n_lanes=first.n_lanes,
        )  # fmt: skip
        lanes.run_each(batch, [consumers[i] for i in members], n_jobs=first.n_jobs)
