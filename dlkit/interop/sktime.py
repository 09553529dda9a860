"""dlkit's estimators as sktime's: classifiers, regressors, transformers and forecasters.

>>> from dlkit import ESNClassifier
>>> from dlkit.interop.sktime import Classifier  # doctest: +SKIP
>>> Classifier(ESNClassifier(100, random_state=0)).fit(X, y).predict(X)  # doctest: +SKIP

Panels may have any of sktime's forms (nested frames, a MultiIndex, arrays with channels first,
lists of frames), with series of unequal length. A forecaster takes any horizon ``fh`` beyond the
end, exogenous ``X`` as covariates, and gives intervals where the forecaster inside does.
"""

import inspect

import numpy as np
from sklearn.base import clone

from ..forecasting import SeasonalForecaster
from ..reservoir import ESNClassifier, ESNForecaster, ESNRegressor
from ..rocket import MiniRocket, Quant
from ._built import Classifies, MakesRows, Predicts, built

AUTHORS = {"authors": "dlkit-learn", "maintainers": "dlkit-learn"}
PANEL = {
    **AUTHORS,
    "X_inner_mtype": "df-list",  # a frame of shape (T, C) for each series, as dlkit reads them
    "capability:multivariate": True,
    "capability:unequal_length": True,
}


def _arrays(X):
    """Series as arrays of shape (T, C)."""
    return [x.to_numpy() for x in X]


def _classifier():
    from sktime.classification.base import BaseClassifier

    class Classifier(Classifies, BaseClassifier):
        """A classifier of dlkit, as sktime's.

        Parameters
        ----------
        estimator : classifier of sequences, default=None
            `ESNClassifier`, or a pipeline such as ``make_pipeline(MiniRocket(),
            RidgeReadoutClassifier())``; ``ESNClassifier()`` if None.

        Attributes
        ----------
        estimator_ : classifier
            The fitted estimator.

        Examples
        --------
        >>> from dlkit import ESNClassifier
        >>> from dlkit.interop.sktime import Classifier
        >>> from sktime.datasets import load_unit_test
        >>> X, y = load_unit_test(split="train")
        >>> model = Classifier(ESNClassifier(20, random_state=0)).fit(X, y)
        >>> bool((model.predict(X) == y).mean() > 0.8)
        True
        """

        _tags = {**PANEL, "capability:predict_proba": True}

        _default, _arrays = ESNClassifier, staticmethod(_arrays)

        def __init__(self, estimator=None):
            self.estimator = estimator
            super().__init__()

        @classmethod
        def get_test_params(cls, parameter_set="default"):
            """Small estimators for sktime's checks."""
            return [
                {"estimator": ESNClassifier(20, random_state=0)},
                {"estimator": ESNClassifier(10, pooling="last", random_state=0)},
            ]

    return Classifier


def _regressor():
    from sktime.regression.base import BaseRegressor

    class Regressor(Predicts, BaseRegressor):
        """A regressor of dlkit, as sktime's.

        Parameters
        ----------
        estimator : regressor of sequences, default=None
            `ESNRegressor`, or a pipeline such as ``make_pipeline(MiniRocket(),
            BoundedReadout())``; ``ESNRegressor()`` if None.

        Attributes
        ----------
        estimator_ : regressor
            The fitted estimator.

        Examples
        --------
        >>> from dlkit import ESNRegressor
        >>> from dlkit.interop.sktime import Regressor
        >>> from sktime.datasets import load_unit_test
        >>> X, y = load_unit_test(split="train")
        >>> model = Regressor(ESNRegressor(20, random_state=0)).fit(X, y.astype(float))
        >>> model.predict(X).shape
        (20,)
        """

        _tags = PANEL

        _default, _arrays = ESNRegressor, staticmethod(_arrays)

        def __init__(self, estimator=None):
            self.estimator = estimator
            super().__init__()

        @classmethod
        def get_test_params(cls, parameter_set="default"):
            """Small estimators for sktime's checks."""
            return [
                {"estimator": ESNRegressor(20, random_state=0)},
                {"estimator": ESNRegressor(10, pooling="last", random_state=0)},
            ]

    return Regressor


def _transformer():
    import pandas as pd
    from sktime.transformations.base import BaseTransformer

    class Transformer(MakesRows, BaseTransformer):
        """A feature map of dlkit from series to rows, as sktime's.

        Parameters
        ----------
        estimator : transformer of sequences, default=None
            `MiniRocket`, `Quant`, `ReservoirFeatures` or another; ``MiniRocket()`` if None.

        Attributes
        ----------
        estimator_ : transformer
            The fitted transformer.

        Examples
        --------
        >>> from dlkit import Quant
        >>> from dlkit.interop.sktime import Transformer
        >>> from sktime.datasets import load_unit_test
        >>> X, y = load_unit_test(split="train")
        >>> Transformer(Quant(2)).fit_transform(X).shape
        (20, 55)
        """

        _tags = {
            **PANEL,
            "scitype:transform-input": "Series",
            "scitype:transform-output": "Primitives",
            "scitype:instancewise": False,
            "y_inner_mtype": "numpy1D",
            "fit_is_empty": False,
        }

        _default, _arrays = MiniRocket, staticmethod(_arrays)

        def __init__(self, estimator=None):
            self.estimator = estimator
            super().__init__()

        def _transform(self, X, y=None):
            rows = self._rows(X)
            names = self.estimator_.get_feature_names_out()
            return pd.DataFrame(rows, columns=names)

        @classmethod
        def get_test_params(cls, parameter_set="default"):
            """Small estimators for sktime's checks."""
            return [{"estimator": Quant(2)}, {"estimator": MiniRocket(84, random_state=0)}]

    return Transformer


def _forecaster():
    import pandas as pd
    from sktime.forecasting.base import BaseForecaster, ForecastingHorizon

    class Forecaster(BaseForecaster):
        """A forecaster of dlkit, as sktime's.

        Parameters
        ----------
        estimator : forecaster, default=None
            `SeasonalForecaster`, `ESNForecaster`, `NVARForecaster` or another with ``fit`` and
            ``forecast``; ``SeasonalForecaster()`` if None.

        Attributes
        ----------
        estimator_ : forecaster
            The fitted forecaster.

        Examples
        --------
        >>> from sktime.datasets import load_airline
        >>> from dlkit import SeasonalForecaster
        >>> from dlkit.interop.sktime import Forecaster
        >>> y = load_airline()
        >>> model = Forecaster(SeasonalForecaster()).fit(y, fh=[1, 12])
        >>> list(model.predict().index.astype(str))
        ['1961-01', '1961-12']
        >>> model.predict_interval(coverage=0.9).shape
        (2, 2)
        """

        _tags = {
            **AUTHORS,
            "y_inner_mtype": "pd.DataFrame",
            "X_inner_mtype": "pd.DataFrame",
            "capability:multivariate": True,
            "capability:exogenous": True,
            "capability:non_contiguous_X": False,
            "capability:insample": False,
            "capability:pred_int": True,
            "capability:pred_int:insample": False,
            "capability:update": True,
            "requires-fh-in-fit": False,
        }

        def __init__(self, estimator=None):
            self.estimator = estimator
            super().__init__()
            inner = self._inner()
            takes = "covariates" in inspect.signature(type(inner).fit).parameters
            sure = hasattr(inner, "forecast_interval")
            self.set_tags(**{"capability:exogenous": takes, "capability:pred_int": sure})

        def _inner(self):
            return SeasonalForecaster() if self.estimator is None else self.estimator

        def _fit(self, y, X, fh):
            more = {} if X is None else {"covariates": _rows(X, y.index)}
            self.estimator_ = clone(self._inner()).fit(_series(y), **more)
            self._heard, self._beside, self._n_learned = y, X, len(y)
            return self

        def _update(self, y, X=None, update_params=True):
            y, X = _later(self._heard, y), _later(self._beside, X)
            if update_params:
                return self._fit(y, X, None)
            self._heard, self._beside = y, X
            return self

        def _predict(self, fh, X):
            steps, more = self._ahead(fh, X)
            found = self.estimator_.forecast(int(steps.max()), **more)
            return self._framed(found, fh, steps)

        def _predict_interval(self, fh, X, coverage):
            steps, more = self._ahead(fh, X)
            names = self._get_varnames()
            columns = pd.MultiIndex.from_product([names, coverage, ["lower", "upper"]])
            frame = pd.DataFrame(index=self._framed(None, fh, steps).index, columns=columns)
            for share in coverage:
                # an interval of no width stands at the median
                if share == 0:
                    middle = self.estimator_.forecast_quantiles(
                        int(steps.max()), quantiles=(0.5,), **more
                    )
                    bounds = [np.asarray(middle)[0]] * 2
                else:
                    bounds = self.estimator_.forecast_interval(
                        int(steps.max()), coverage=share, **more
                    )
                for side, bound in zip(("lower", "upper"), bounds, strict=True):
                    values = _table(bound)[steps - 1]
                    for c, name in enumerate(names):
                        frame[(name, share, side)] = values[:, c]
            return frame.astype(float)

        def _ahead(self, fh, X):
            """Steps ahead, from 1 on, and what the forecaster is told beside their number.

            That is the covariates of the steps to come, and after an update that learned nothing
            the series up to now.
            """
            steps = np.asarray(fh.to_relative(self.cutoff).to_numpy(), dtype=int)
            told, known = {}, self._heard.index
            if X is not None:
                ahead = ForecastingHorizon(np.arange(1, steps.max() + 1), is_relative=True)
                told["covariates"] = _rows(X, ahead.to_absolute_index(self.cutoff))
            if len(known) > self._n_learned:
                told["X"] = _series(self._heard)
                if X is not None:
                    told["covariates"] = np.vstack([_rows(self._beside, known), told["covariates"]])
            return steps, told

        def _framed(self, found, fh, steps):
            index = fh.get_expected_pred_idx(self._heard, cutoff=self.cutoff)
            columns = self._heard.columns
            if found is None:
                return pd.DataFrame(index=index)
            return pd.DataFrame(_table(found)[steps - 1], index=index, columns=columns)

        @classmethod
        def get_test_params(cls, parameter_set="default"):
            """Small estimators for sktime's checks."""
            return [
                {"estimator": SeasonalForecaster(period=None)},
                {"estimator": ESNForecaster(10, random_state=0)},
            ]

    return Forecaster


def _series(y):
    """A frame with its dates; without an index that means other things than dates."""
    import pandas as pd

    if isinstance(y.index, pd.DatetimeIndex | pd.PeriodIndex):
        return y
    return y.to_numpy()


def _later(before, new):
    """A frame with the rows that came later; of rows at the same label the later one."""
    import pandas as pd

    if before is None or new is None:
        return before if new is None else new
    whole = pd.concat([before, new])
    return whole[~whole.index.duplicated(keep="last")].sort_index()


def _rows(X, index):
    """Rows of a frame at some labels, or all where some of these are missing."""
    return (X.loc[index] if index.isin(X.index).all() else X).to_numpy()


def _table(values):
    values = np.asarray(values)
    return values.reshape(len(values), -1)


__getattr__, __dir__ = built(
    globals(),
    {
        "Classifier": _classifier,
        "Regressor": _regressor,
        "Transformer": _transformer,
        "Forecaster": _forecaster,
    },
    "sktime",
)
