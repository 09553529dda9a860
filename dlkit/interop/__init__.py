"""dlkit inside other toolboxes for series: :mod:`dlkit.interop.sktime`, :mod:`dlkit.interop.aeon`.

Each module has four classes around any estimator of dlkit (or pipeline with one): ``Classifier``,
``Regressor``, ``Transformer`` and ``Forecaster``. They take series by the conventions of their
toolbox, and pass its estimator checks. A class is made when it is first asked for, so that dlkit
needs neither toolbox: ``pip install "dlkit-learn[interop]"`` installs both.
"""

from . import aeon, sktime

__all__ = ["aeon", "sktime"]
