"""
See what a reservoir does
=========================

The states of a reservoir under an input, its eigenvalues, what it remembers, and how far gradients
reach back: one picture for a slow and one for a fast reservoir.
"""

# %%
# Both hear the same chaotic series. ``states`` gives the state of every unit at every step.

import matplotlib.pyplot as plt

from dlkit import ESNForecaster
from dlkit.datasets import make_mackey_glass
from dlkit.plotting import GradientDisplay, MemoryCurveDisplay, SpectrumDisplay, StatesDisplay

series = make_mackey_glass(1000, random_state=0)
reservoirs = {
    name: ESNForecaster(80, leak_rate=leak_rate, washout=100, random_state=0).fit(series)
    for name, leak_rate in {"slow (leak rate 0.1)": 0.1, "fast (leak rate 1)": 1.0}.items()
}
for name, esn in reservoirs.items():
    states = esn.states(series[:300])
    print(f"{name}: {states.shape}, moves by {abs(states[100:] - states[99:-1]).mean():.3f} a step")

# %%
# A column for each.

figure, axes = plt.subplots(3, 2, figsize=(11, 10), layout="constrained")
for (top, middle, bottom), (name, esn) in zip(axes.T, reservoirs.items(), strict=True):
    StatesDisplay.from_estimator(esn, series[:200], kind="lines", units=5, ax=top)
    StatesDisplay.from_estimator(esn, series[:200], ax=middle)
    SpectrumDisplay.from_estimator(esn, ax=bottom)
    top.set_title(name)

# %%
# The slow reservoir hands gradients on for longer, and remembers less of each single step.

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
for name, esn in reservoirs.items():
    GradientDisplay.from_estimator(esn, series, n_steps=60, name=name, ax=left)
    MemoryCurveDisplay.from_estimator(esn, max_delay=60, name=name, random_state=0, ax=right)
plt.show()
