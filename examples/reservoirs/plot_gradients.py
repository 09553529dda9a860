"""
Measure how far back gradients reach
====================================

Consider ∂h(T)/∂s(T − k), the derivative of the units' outputs with respect to the state k steps
before. Where the norm of this derivative vanishes, a recurrent network that is trained by gradients
through time learns nothing about the input k steps ago [1]_. A reservoir needs no gradient, but the
same norms say how long a reservoir remembers. This example computes the norms for every kind of
memory that dlkit has, untrained and under the same input.

.. [1] Bengio, Simard & Frasconi (1994). Learning long-term dependencies with gradient descent is
   difficult. IEEE Transactions on Neural Networks 5(2).
"""

from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from dlkit import NVARFeatures, ReservoirStates
from dlkit.reservoir import (
    GRU,
    LSTM,
    MGU,
    Clockwork,
    Euler,
    IntrinsicPlasticity,
    Layers,
    Leaky,
    Residual,
    gradient_norms,
)

# %%
# Each reservoir has sixty units, and W has the spectral radius 0.9 unless set otherwise.
# ``delays=(5, 20)`` has no links to the step before. The Legendre memory holds 100 steps. The three
# layers have twenty units each, and each layer is slower than the one below. The deep transition
# has two nonlinear layers for each step, which shortens the memory. Plasticity raises the gains and
# so brings the standard deviation of the units' outputs, 0.16 under this input, towards 0.3. The
# NVAR holds fifty inputs and no more.

PLAIN = {}
UNIT = {"spectral_radius": 1.0}
PANELS = {
    "Time scales: leak rates; plasticity": {
        "leak rate 0.1": {"leak_rate": 0.1},
        "1 to 100 steps": {"leak_rate": ("log_uniform", 1, 100)},
        "plasticity": {"plasticity": IntrinsicPlasticity(std=0.3)},
    },
    "Links over several steps": {
        "delays 1, 5, 20": {"cell": Leaky(delays=(1, 5, 20))},
        "delays 5, 20": {"cell": Leaky(delays=(5, 20))},
        "clockwork": {"cell": Clockwork(periods=(1, 4, 16, 64))},
    },
    "Orthogonal W, of radius 1": {
        "ring": {"topology": "ring"} | UNIT,
        "orthogonal": {"topology": "orthogonal"} | UNIT,
        "orthogonal, linear": {"topology": "orthogonal", "activation": "identity"} | UNIT,
    },
    "A path past the nonlinearity": {
        "ES²N": {"cell": "es2n", "leak_rate": 0.05},
        "residual, α = 0.98": {"cell": Residual(path="identity", alpha=0.98), "leak_rate": 0.05},
        "Euler": {"cell": Euler(diffusion=0.1), "leak_rate": 0.05},
    },
    "Random gates": {
        "GRU": {"cell": GRU(update_bias=2.0)},
        "LSTM": {"cell": LSTM(forget_bias=3.0)},
        "minimal gated": {"cell": MGU(forget_bias=-2.0)},
    },
    "A linear memory; depth": {
        "Legendre": {"cell": "legendre"},
        "three layers": {"layers": Layers(3, progression={"leak_rate": (1.0, 0.05)})},
        "deep transition": {"cell": "deep_transition"},
        "NVAR, 50 delays": {"n_delays": 50, "order": 1},
    },
}  # fmt: skip

# %%
# The figure shows spectral norms, as geometric means over two input series. Some curves have steps:
# clockwork units that are not updated keep their values, and a delayed link brings back values that
# the state itself no longer holds.

K = 100
INPUTS = np.random.RandomState(0).uniform(-1, 1, (2, 300, 1))


def decay(options):
    """Norms for the K steps before the last."""
    if "n_delays" in options:
        model = NVARFeatures(**options)
    else:
        n_units = 20 if "layers" in options else 60
        model = ReservoirStates(n_units, input_scaling=0.3, random_state=0, **options)
    norms = gradient_norms(model.fit(INPUTS), INPUTS, n_steps=K)
    return np.exp(np.log(np.maximum(norms, 1e-300)).mean(axis=0))


plain = decay(PLAIN)
curves = {title: {n: decay(o) for n, o in forms.items()} for title, forms in PANELS.items()}
print(f"{'':32} after 10, 50 and 100 steps")
for name, norms in [("plain tanh", plain), *(i for c in curves.values() for i in c.items())]:
    print(f"{name:32} " + "  ".join(f"{norms[k]:8.1e}" for k in (10, 50, 100)))

# %%
# The dashed line in every panel is a plain tanh reservoir.

LOW, HIGH = 1e-8, 30


def labelled(ax, lines):
    """Write each line's name at its right end, or where it leaves the panel, without overlaps."""
    places = []
    for name, norms, color in lines:
        inside = np.flatnonzero(norms > LOW)
        places.append([name, color, inside[-1], np.log10(max(norms[inside[-1]], 3 * LOW))])
    gap, places = 0.8, sorted(places, key=lambda place: -place[3])
    for above, below in pairwise(places):
        if abs(above[2] - below[2]) < 45:
            below[3] = min(below[3], above[3] - gap)
    for name, color, x, y in places:
        ax.annotate(name, (x, 10**y), (4, 0), textcoords="offset points", color=color,
                    va="center", fontsize=9, annotation_clip=False)  # fmt: skip


fig, axes = plt.subplots(2, 3, figsize=(12.5, 6.5), sharex=True, sharey=True, layout="constrained")
for ax, (title, forms) in zip(axes.flat, curves.items(), strict=True):
    ax.semilogy(plain, color="0.4", linestyle="--", linewidth=1)
    for i, norms in enumerate(forms.values()):
        ax.semilogy(norms, color=f"C{i}")
    labelled(ax, [(name, norms, f"C{i}") for i, (name, norms) in enumerate(forms.items())])
    ax.set_title(title, loc="left")
    ax.set(xlim=(0, K), ylim=(LOW, HIGH))
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25)
axes[0, 0].annotate("plain tanh", (50, plain[50]), (6, 4), textcoords="offset points", color="0.3")
for ax in axes[:, 0]:
    ax.set_ylabel("norm of ∂h(T)/∂s(T − k)")
for ax in axes[1]:
    ax.set_xlabel("steps back, k")
fig.savefig(Path("gradients.png"), dpi=110)
