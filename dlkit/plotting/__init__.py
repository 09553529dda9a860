"""Figures. They need matplotlib (``pip install "dlkit-learn[plots]"``).

A display is made by ``from_estimator``, or from what was computed before (``from_predictions`` and
its kind), and keeps what it drew: the axes in ``ax_``, the figure in ``figure_``. ``plot(ax=...)``
draws it again elsewhere. Colours are told apart by colour-blind readers, and stay clear under
``plt.style.use("dark_background")``.
"""

from ._attention import AttentionDisplay
from ._forecast import ForecastDisplay, plot_forecast
from ._gradient import GradientDisplay
from ._kernels import KernelsDisplay
from ._masks import MaskDisplay
from ._memory_curve import MemoryCurveDisplay
from ._search import SearchDisplay
from ._spectrum import SpectrumDisplay
from ._states import StatesDisplay
from ._tree import TreeDisplay

__all__ = [
    "AttentionDisplay",
    "ForecastDisplay",
    "GradientDisplay",
    "KernelsDisplay",
    "MaskDisplay",
    "MemoryCurveDisplay",
    "SearchDisplay",
    "SpectrumDisplay",
    "StatesDisplay",
    "TreeDisplay",
    "plot_forecast",
]
