"""Random convolution over time: the ROCKET family, for a linear readout to learn from.

Each transformer turns sequences into rows of features, of any length and number of channels, and
is followed by a scaler and a ridge classifier, as in its paper:

>>> import numpy as np
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from dlkit import MiniRocket, RidgeReadoutClassifier
>>> from dlkit.datasets import load_japanese_vowels
>>> X, y = load_japanese_vowels(subset="train", return_X_y=True)
>>> classifier = make_pipeline(
...     MiniRocket(n_kernels=1000, random_state=0),
...     StandardScaler(with_mean=False),
...     RidgeReadoutClassifier(np.logspace(-3, 3, 10)),
... )
>>> X_test, y_test = load_japanese_vowels(subset="test", return_X_y=True)
>>> bool(classifier.fit(X, y).score(X_test, y_test) > 0.95)
True

:class:`Rocket` and :class:`MultiRocket` go in the same place; :class:`Hydra` counts, and has
:class:`SparseScaler` in place of ``StandardScaler``. Several maps side by side are scikit-learn's
``FeatureUnion``, each with its scaler:

>>> from sklearn.pipeline import make_union
>>> from dlkit import Hydra, MultiRocket, SparseScaler
>>> both = make_union(
...     make_pipeline(Hydra(random_state=0), SparseScaler()),
...     make_pipeline(MultiRocket(500, random_state=0), StandardScaler()),
... )
>>> both.fit_transform(X).shape
(270, 5408)

Where targets are numbers, ``BoundedReadout()`` takes the place of scaler and classifier: it scales,
and keeps predictions within reason. The features of :class:`Quant` are for an ensemble of trees.
"""

from ._hydra import Hydra
from ._minirocket import MiniRocket
from ._multirocket import MultiRocket
from ._quant import Quant
from ._rocket import Rocket
from ._scaler import SparseScaler

__all__ = ["Hydra", "MiniRocket", "MultiRocket", "Quant", "Rocket", "SparseScaler"]
