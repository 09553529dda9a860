"""Figures. They need matplotlib (``pip install "dlkit[plots]"``)."""

from ._forecast import plot_forecast

__all__ = ["plot_forecast"]
