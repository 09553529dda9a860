"""Timing in turn, so that a busy moment of the machine slows all contenders down."""

import os
from dataclasses import dataclass
from importlib.metadata import version
from time import perf_counter

import numpy as np
from _common import machine
from threadpoolctl import threadpool_info


class Figures(dict):
    """What a contender measured itself (in a process of its own, say), by the figure's name.

    Times are under "seconds"; a number that is to agree with the other contenders' is under
    "result". It stands for the result.
    """


@dataclass(frozen=True)
class Timed:
    """A contender with more to say than a callable can.

    A contender that does a share of the work has its seconds multiplied by ``times``; ``note``
    follows its name in the table.
    """

    call: object
    times: float = 1.0
    note: str = ""

    def __call__(self, i):
        return self.call(i)


def measure(contenders, rounds, warm_up=True):
    """Take the figures of contenders in turn.

    Each is called once before the first round, so that nobody's compilation or first allocation
    is timed; the first in turn changes from round to round. Results are dropped at once: memory
    that is kept makes the next call ask the system for fresh pages, which can cost more than the
    work that is timed.

    Parameters
    ----------
    contenders : dict of str to callable
        Each is called with the number of the round, 0 the first time (untimed) and in round 0.
        One that returns `Figures` is taken at its word.
    rounds : int
        Number of rounds.
    warm_up : bool, default=True
        Whether there is an untimed call.

    Returns
    -------
    figures : dict of str to dict of str to ndarray of shape (rounds,)
        By contender and figure; "seconds" is there always, "result" where `Figures` had it.
    """
    names = list(contenders)
    taken = {name: [] for name in names}
    for name in names if warm_up else ():
        contenders[name](0)
    for i in range(rounds):
        turn = i % len(names)
        for name in names[turn:] + names[:turn]:
            start = perf_counter()
            result = contenders[name](i)
            seconds = perf_counter() - start
            if isinstance(result, Figures):
                taken[name].append(dict(result))
            else:
                taken[name].append({"seconds": seconds * getattr(contenders[name], "times", 1.0)})
            del result
    return {
        name: {key: np.array([one[key] for one in all_rounds]) for key in all_rounds[0]}
        for name, all_rounds in taken.items()
    }


def alternate(contenders, rounds):
    """Time contenders in turn: the seconds of `measure`, dict of str to ndarray (rounds,)."""
    return {name: figures["seconds"] for name, figures in measure(contenders, rounds).items()}


def conditions():
    """Say in one line what a time means nothing without: load and threads."""
    pools = sorted({f"{p['prefix']} {p['num_threads']}" for p in threadpool_info()})
    load = f"load {os.getloadavg()[0]:.1f}; " if hasattr(os, "getloadavg") else ""
    return f"{load}threads: {', '.join(pools)}"


def print_machine(*packages):
    """Print machine, load, threads and versions."""
    print(machine())
    print(f"{conditions()}; " + ", ".join(f"{name} {version(name)}" for name in packages))
