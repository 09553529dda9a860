"""Series for autoregression."""

import numpy as np

rng = np.random.RandomState(0)
SERIES = np.sin(0.3 * np.arange(120))[:, None] * [1.0, 0.5] + 0.1 * rng.randn(120, 2)
