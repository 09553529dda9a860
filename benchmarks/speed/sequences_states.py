"""States, and mean states, of the 270 unequal training utterances of JapaneseVowels.

500 units with 10 links each, the same matrices for all; 12 channels, 7 to 29 steps; tanh, radius
0.9, leak rate 0.3, from the zero state, float64. ReservoirPy appears twice: with the list of
sequences in one call of `run` (a trial chooses W as CSR or dense, and one worker or one for each
core), and as in its tutorial 5, with matrices in its own format, and `run` and `reset` for each
sequence.
"""

import numpy as np
from _bench import Benchmark, Ratio
from _peers import reservoirpy_fastest, reservoirpy_own
from _work import links

from dlkit import ReservoirFeatures, ReservoirStates
from dlkit.datasets import load_japanese_vowels

N_UNITS, N_LINKS = 500, 10


def mean_states(states):
    return np.array([rows.mean(axis=0) for rows in states])


def setup(threads, rows):
    X, _ = load_japanese_vowels(subset="train", return_X_y=True)
    settings = {"topology": links(N_UNITS, N_LINKS), "leak_rate": 0.3, "random_state": 0}
    if rows == "of states":
        ours = [ReservoirStates(**settings, n_jobs=n) for n in (threads, 1)]
    else:
        ours = [ReservoirFeatures(**settings, pooling="mean", n_jobs=n) for n in (threads, 1)]
    both, alone = (one.fit(X) for one in ours)
    then = (lambda states: states) if rows == "of states" else mean_states
    drawn = both.reservoir_
    return {
        "dlkit": lambda i: both.transform(X),
        **({"dlkit, one thread": lambda i: alone.transform(X)} if threads > 1 else {}),
        "ReservoirPy, fastest form": reservoirpy_fastest(drawn, X, threads, then),
        "ReservoirPy, tutorial": reservoirpy_own(drawn, X, then),
    }


CASES = [{"rows": "of states"}, {"rows": "of mean states"}]

BENCHMARK = Benchmark(
    title="270 unequal sequences (JapaneseVowels), 500 units",
    setup=setup,
    cases=CASES,
    quick=CASES,
    judged=[Ratio("ReservoirPy, fastest form", 30), Ratio("ReservoirPy, tutorial", 30)],
    agree=1e-12,
)
