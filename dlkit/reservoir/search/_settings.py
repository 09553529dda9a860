"""The run of many settings over one batch, in one place: nothing else in the search runs one."""


def run_settings(esns, batch, consumers):
    """Run reservoirs over a batch, each for its own consumer of states.

    Parameters
    ----------
    esns : list of estimator
        Each with its drawn ``reservoir_``; they may differ in every parameter.
    batch : Sequences
        What all of them run over, from rest.
    consumers : list of callable
        ``consumers[i](span, block)`` takes the states of ``esns[i]``, see ``Lanes.run``.
    """
    for esn, consume in zip(esns, consumers, strict=True):
        esn._run(esn.reservoir_, batch, consume)
