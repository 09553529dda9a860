"""
==========================================
How far back a reservoir's gradients reach
==========================================

What a recurrent network can learn by gradients through time is bounded by the norms of
∂h(T)/∂h(T − k): where they vanish, nothing is learned about steps that long ago [1]_. A reservoir
needs no gradient, but the same products of Jacobians say how long it remembers. Here they are for
reservoirs under one and the same input.

.. [1] Bengio, Simard & Frasconi (1994). Learning long-term dependencies with gradient descent is
   difficult. IEEE Transactions on Neural Networks 5(2).
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from dlkit import ReservoirStates
from dlkit.reservoir import Layers, gradient_norms

# %%
# An input that moves the units well into the bend of the hyperbolic tangent, or hardly at all.

u = np.random.RandomState(0).uniform(-1, 1, (600, 1))
FORMS = {
    "tanh, radius 0.9": {},
    "tanh, radius 0.9, leak rate 0.1": {"leak_rate": 0.1},
    "tanh, leak rates 1 to 0.01": {"leak_rate": np.geomspace(1, 0.01, 100)},
    "tanh, radius 1.5 (chaotic)": {"spectral_radius": 1.5, "bias_scaling": 0.0},
    "tanh, orthogonal": {"topology": "orthogonal", "spectral_radius": 1.0},
    "linear, orthogonal": {
        "topology": "orthogonal", "spectral_radius": 1.0, "activation": "identity",
    },
    "two layers, leak rates 1 and 0.05": {
        "layers": Layers(2, progression={"leak_rate": (1.0, 0.05)}),
    },
}  # fmt: skip

# %%
# Spectral norms over 200 steps back from the last.

fig, ax = plt.subplots(figsize=(8.5, 5), layout="constrained")
for number, (name, options) in enumerate(FORMS.items()):
    esn = ReservoirStates(100, input_scaling=0.3, random_state=0, **options)
    norms = gradient_norms(esn, u, n_steps=200)[0]
    ax.semilogy(np.maximum(norms, 1e-12), color=f"C{number}", label=name)
    print(f"{name}: {norms[50]:.1e} after 50 steps, {norms[200]:.1e} after 200")
ax.set(
    xlabel="steps back, k", ylabel="norm of ∂h(T)/∂h(T − k)", xlim=(0, 200), ylim=(1e-10, 1e6),
)  # fmt: skip
ax.axhline(1, color="0.6", linewidth=0.8)
ax.legend(loc="lower left", fontsize=8)
fig.savefig(Path("gradients.png"), dpi=120)
