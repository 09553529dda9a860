"""
===============================================
How long a small change lives: cells and delays
===============================================

A network learns from what happened k steps ago only as far as its state of then still makes a
difference now: the norm of ∂x(t + k) / ∂x(t), by which a gradient through time would be multiplied.
It vanishes in a plain reservoir. Leaky units of many time scales, links with delays, an orthogonal
path beside the nonlinear one, and gates each slow that down, and none of them is trained.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

from dlkit import ReservoirStates
from dlkit.reservoir import gradient_through_time

u = np.random.RandomState(0).uniform(-1, 1, (700, 1))
kinds = {
    "plain": {},
    "leaky, a = 0.1": {"leak_rate": 0.1},
    "leak rates 1 to 1/100": {"leak_rate": ("log_uniform", 1, 100)},
    "delays (1, 5, 20)": {"delays": (1, 5, 20)},
    "clockwork": {"cell": "clockwork", "cell_params": {"periods": (1, 4, 16, 64)}},
    "ES2N": {"cell": "es2n", "leak_rate": 0.05},
    "Euler": {"cell": "euler", "leak_rate": 0.1, "cell_params": {"diffusion": 0.1}},
    "LSTM": {"cell": "lstm", "cell_params": {"forget_bias": 3.0}},
    "Legendre, window 100": {"cell": "legendre"},
}

# %%
# The same draw of W, 60 units, radius 0.9, under the same input. Norms are geometric means over
# two starts. A delayed link brings a change back when it has long left the state itself, hence
# the jumps.

fig, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
colors = plt.colormaps["tab10"](np.arange(10))
print(f"{'units':<24} norm after 10, 50 and 100 steps")
for i, (name, params) in enumerate(kinds.items()):
    esn = ReservoirStates(60, input_scaling=0.5, random_state=0, **params)
    gradient = gradient_through_time(esn, u, n_lags=120, n_starts=2)
    print(f"{name:<24} " + "  ".join(f"{gradient.norm[k]:8.1e}" for k in (10, 50, 100)))
    axes[i // 5].semilogy(gradient.lags, gradient.norm, color=colors[i], label=name)
for ax, title in zip(
    axes, ("time scales and delays", "paths, gates, a linear memory"), strict=True
):
    ax.set(title=title, xlabel="k, steps", ylim=(1e-8, 20))
    ax.grid(alpha=0.3)
    ax.legend(fontsize="small", loc="lower left")
axes[0].set_ylabel("‖∂x(t + k) / ∂x(t)‖")
plt.show()
