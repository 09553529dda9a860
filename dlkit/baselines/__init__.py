"""Fast baselines on one's own data, in one call: what beats what, and what it takes.

:func:`compare_baselines` gives a table. :class:`NaiveForecaster` and :func:`flat` are parts of the
pipelines that stand in there.
"""

from ._compare import compare_baselines
from ._naive import NaiveForecaster, flat
from ._table import BaselineTable

__all__ = ["BaselineTable", "NaiveForecaster", "compare_baselines", "flat"]
