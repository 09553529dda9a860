"""First features in a fresh process: fit and transform of ten series of 500 steps.

Beyond the import of the dependencies, as in `first_result.py`. aeon compiles its loops in a fresh
process too, unless its own cache is full; its MiniRocket stands beside dlkit's.
"""

import first_result
from _bench import Benchmark, Limit
from _peers import installed

NAMES = ("MiniRocket", "Rocket", "MultiRocket", "Hydra")


def setup(threads, transform):
    contenders = first_result.setup(threads, transform)
    if transform == "MiniRocket":
        peer = first_result.setup(threads, f"aeon {transform}") if installed("aeon") else {}
        for cache in contenders.copy():
            contenders[f"aeon, {cache}"] = peer.get(cache)
    return contenders


BENCHMARK = Benchmark(
    title="First features of the ROCKET family in a fresh process, beyond imports",
    setup=setup,
    cases=[{"transform": name} for name in NAMES],
    quick=[{"transform": "Hydra"}],
    judged=[Limit("empty cache", 8), Limit("full cache", 0.5)],
    unit="s",
    scale=lambda **case: 1.0,
    most_rounds=3,
    warm_up=False,
)
