"""dlkit's estimators as aeon's: classifiers, regressors, transformers and forecasters.

>>> from dlkit import ESNClassifier
>>> from dlkit.interop.aeon import Classifier  # doctest: +SKIP
>>> Classifier(ESNClassifier(100, random_state=0)).fit(X, y).predict(X)  # doctest: +SKIP

Collections are arrays of shape (n, C, T), or lists of arrays of shape (C, T_i). A forecaster tells
the value ``horizon`` steps ahead, of one channel.
"""

import numpy as np
from sklearn.base import clone

from ..forecasting import SeasonalForecaster
from ..reservoir import ESNClassifier, ESNForecaster, ESNRegressor, NVARForecaster
from ..rocket import MiniRocket, Quant
from ._built import Classifies, MakesRows, Predicts, built

COLLECTION = {
    "X_inner_type": ["np-list", "numpy3D"],
    "capability:multivariate": True,
    "capability:unequal_length": True,
}


def _arrays(X):
    """Series as arrays of shape (T, C)."""
    return [np.ascontiguousarray(x.T) for x in X]


def _classifier():
    from aeon.classification.base import BaseClassifier

    class Classifier(Classifies, BaseClassifier):
        """A classifier of dlkit, as aeon's.

        Parameters
        ----------
        estimator : classifier of sequences, default=None
            `ESNClassifier`, or a pipeline such as ``make_pipeline(MiniRocket(),
            RidgeReadoutClassifier())``; ``ESNClassifier(random_state=random_state)`` if None.
        random_state : int, RandomState instance or None, default=None
            Seeds the default estimator.

        Attributes
        ----------
        estimator_ : classifier
            The fitted estimator.

        Examples
        --------
        >>> from dlkit import ESNClassifier
        >>> from dlkit.interop.aeon import Classifier
        >>> from aeon.datasets import load_unit_test
        >>> X, y = load_unit_test(split="train")
        >>> model = Classifier(ESNClassifier(20, random_state=0)).fit(X, y)
        >>> bool((model.predict(X) == y).mean() > 0.8)
        True
        """

        _tags = COLLECTION
        _arrays = staticmethod(_arrays)

        def __init__(self, estimator=None, random_state=None):
            self.estimator = estimator
            self.random_state = random_state
            super().__init__()

        def _default(self):
            return ESNClassifier(random_state=self.random_state)

        @classmethod
        def _get_test_params(cls, parameter_set="default"):
            return {"estimator": ESNClassifier(20, random_state=0)}

    return Classifier


def _regressor():
    from aeon.regression.base import BaseRegressor

    class Regressor(Predicts, BaseRegressor):
        """A regressor of dlkit, as aeon's.

        Parameters
        ----------
        estimator : regressor of sequences, default=None
            `ESNRegressor`, or a pipeline such as ``make_pipeline(MiniRocket(),
            BoundedReadout())``; ``ESNRegressor(random_state=random_state)`` if None.
        random_state : int, RandomState instance or None, default=None
            Seeds the default estimator.

        Attributes
        ----------
        estimator_ : regressor
            The fitted estimator.

        Examples
        --------
        >>> from dlkit import ESNRegressor
        >>> from dlkit.interop.aeon import Regressor
        >>> from aeon.datasets import load_unit_test
        >>> X, y = load_unit_test(split="train")
        >>> model = Regressor(ESNRegressor(20, random_state=0)).fit(X, y.astype(float))
        >>> model.predict(X).shape
        (20,)
        """

        _tags = COLLECTION
        _arrays = staticmethod(_arrays)

        def __init__(self, estimator=None, random_state=None):
            self.estimator = estimator
            self.random_state = random_state
            super().__init__()

        def _default(self):
            return ESNRegressor(random_state=self.random_state)

        @classmethod
        def _get_test_params(cls, parameter_set="default"):
            return {"estimator": ESNRegressor(20, random_state=0)}

    return Regressor


def _transformer():
    from aeon.transformations.collection import BaseCollectionTransformer

    class Transformer(MakesRows, BaseCollectionTransformer):
        """A feature map of dlkit from series to rows, as aeon's.

        Parameters
        ----------
        estimator : transformer of sequences, default=None
            `MiniRocket`, `Quant`, `ReservoirFeatures` or another;
            ``MiniRocket(random_state=random_state)`` if None.
        random_state : int, RandomState instance or None, default=None
            Seeds the default estimator.

        Attributes
        ----------
        estimator_ : transformer
            The fitted transformer.

        Examples
        --------
        >>> from dlkit import Quant
        >>> from dlkit.interop.aeon import Transformer
        >>> from aeon.datasets import load_unit_test
        >>> X, y = load_unit_test(split="train")
        >>> Transformer(Quant(2)).fit_transform(X).shape
        (20, 55)
        """

        _tags = {**COLLECTION, "output_data_type": "Tabular"}
        _arrays = staticmethod(_arrays)

        def __init__(self, estimator=None, random_state=None):
            self.estimator = estimator
            self.random_state = random_state
            super().__init__()

        def _default(self):
            return MiniRocket(random_state=self.random_state)

        def _transform(self, X, y=None):
            return self._rows(X)

        @classmethod
        def _get_test_params(cls, parameter_set="default"):
            return {"estimator": Quant(2)}

    return Transformer


def _forecaster():
    from aeon.forecasting.base import BaseForecaster

    class Forecaster(BaseForecaster):
        """A forecaster of dlkit, as aeon's: the value ``horizon`` steps ahead.

        Parameters
        ----------
        estimator : forecaster, default=None
            `SeasonalForecaster`, `ESNForecaster`, `NVARForecaster` or another with ``fit`` and
            ``forecast``; ``SeasonalForecaster()`` if None.
        horizon : int, default=1
            Steps ahead.

        Attributes
        ----------
        estimator_ : forecaster
            The fitted forecaster.

        Examples
        --------
        >>> from aeon.datasets import load_airline
        >>> from dlkit import SeasonalForecaster
        >>> from dlkit.interop.aeon import Forecaster
        >>> model = Forecaster(SeasonalForecaster(), horizon=12)
        >>> 400 < model.forecast(load_airline()) < 500
        True
        """

        _tags = {"capability:horizon": True}

        def __init__(self, estimator=None, horizon=1):
            self.estimator = estimator
            super().__init__(horizon=horizon, axis=1)

        def _fit(self, y, exog=None):
            inner = SeasonalForecaster() if self.estimator is None else clone(self.estimator)
            self.estimator_ = inner.fit(y.ravel())
            return self

        def _predict(self, y, exog=None):
            return float(self.estimator_.forecast(self.horizon, y.ravel())[self.horizon - 1])

        @classmethod
        def _get_test_params(cls, parameter_set="default"):
            return [
                {"estimator": NVARForecaster(2, order=1)},
                {"estimator": ESNForecaster(10, random_state=0)},
            ]

    return Forecaster


__getattr__, __dir__ = built(
    globals(),
    {
        "Classifier": _classifier,
        "Regressor": _regressor,
        "Transformer": _transformer,
        "Forecaster": _forecaster,
    },
    "aeon",
)
