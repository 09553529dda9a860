"""
Learn from a stream that changes
================================

A sensor is calibrated as values come. Halfway it is replaced by another one, with another scale and
another offset. A readout that forgets follows; one that remembers all does not.
"""

# %%
# The input is noise, and what is measured follows it by a nonlinear rule.

import matplotlib.pyplot as plt
import numpy as np

from dlkit import ESNForecaster, RidgeReadout, RLSReadout
from dlkit.datasets import make_narma

u, y = make_narma(6000, random_state=0)
measured = y.copy()
measured[3000:] = 1.2 - 1.5 * measured[3000:]

# %%
# Each piece is predicted before it is learned, so that all errors are honest ones.

readouts = {
    "forgets (RLSReadout)": RLSReadout(forgetting=0.998, clip_norm=1.0),
    "remembers all (RidgeReadout)": RidgeReadout(1e-6),
}
piece, begin = 50, 500
errors = {}
for name, readout in readouts.items():
    esn = ESNForecaster(150, input_scaling=0.5, readout=readout, random_state=0)
    esn.partial_fit(u[:begin], measured[:begin])
    errors[name] = []
    for start in range(begin, len(u), piece):
        rows = slice(start, start + piece)
        errors[name].append(np.abs(esn.predict(u[rows]) - measured[rows]).mean())
        esn.partial_fit(u[rows], measured[rows])
    print(f"{name:30} error at the end {np.mean(errors[name][-10:]):.4f}")

# %%

figure, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
for (name, values), colour in zip(errors.items(), ("#009E73", "#D55E00"), strict=True):
    ax.semilogy(range(begin, len(u), piece), values, color=colour, label=name)
ax.axvline(3000, color="#8C8C8C", ls=":")
ax.text(3030, ax.get_ylim()[0] * 1.1, "another sensor", color="#8C8C8C")
ax.set(xlabel="step", ylabel="error before learning")
ax.legend(loc="upper left", frameon=False)
plt.show()
