"""Fixtures of the search."""

import pytest

from dlkit.reservoir.search import _engine


@pytest.fixture
def fused(monkeypatch):
    """Fail if a candidate is evaluated the ordinary way."""

    def refuse(task, candidates, pairs):
        raise AssertionError(f"not fused: {pairs}")

    monkeypatch.setattr(_engine, "fit_and_score", refuse)
