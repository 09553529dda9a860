"""Figures of these tests are closed after each test."""

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def _closed():
    with plt.rc_context({"backend": "agg"}):
        yield
    plt.close("all")
