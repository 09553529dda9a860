"""Links from estimators to their documentation, and how nested ones are shown."""

import importlib.util
import inspect
import re
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr

import dlkit
import dlkit.conv
from dlkit import ConvFeatures, ESNClassifier, GreedyLayerwise, RidgeReadoutClassifier, _site

PUBLIC = [
    name for name in dlkit.__all__
    if inspect.isclass(getattr(dlkit, name)) and issubclass(getattr(dlkit, name), BaseEstimator)
]  # fmt: skip


def test_every_public_estimator_has_a_page():
    assert len(PUBLIC) > 30
    for name in PUBLIC:
        cls = getattr(dlkit, name)
        link = cls._get_doc_link(cls.__new__(cls))
        assert link == f"{_site.ADDRESS}/generated/dlkit.{name}.html"
    link = dlkit.conv.ZCAWhitening()._get_doc_link()
    assert link == f"{_site.ADDRESS}/generated/dlkit.conv.ZCAWhitening.html"


def test_html_links_and_describes_parameters():
    html = estimator_html_repr(ESNClassifier(100))
    assert f'href="{_site.ADDRESS}/generated/dlkit.ESNClassifier.html"' in html
    assert "Number of units." in html
    assert "param-doc-link" in html


def test_own_subclasses_have_no_page():
    class Mine(ESNClassifier):
        pass

    Mine.__module__ = "elsewhere"
    assert Mine()._get_doc_link() == ""


@pytest.mark.parametrize(
    ("nested", "inside"),
    [
        (
            GreedyLayerwise([("one", ConvFeatures(8, output="map")), ("two", ConvFeatures(9))]),
            ["ConvFeatures", "ConvFeatures"],
        ),
        (
            dlkit.StreamedReadout(ConvFeatures(8), RidgeReadoutClassifier()),
            ["ConvFeatures", "RidgeReadoutClassifier"],
        ),
        (dlkit.PerStep(StandardScaler()), ["StandardScaler"]),
        (dlkit.ConformalForecaster(dlkit.ESNForecaster(9)), ["ESNForecaster"]),
        (dlkit.ReservoirSearchCV(ESNClassifier(9), {"alpha": [1.0]}), ["ESNClassifier"]),
    ],
)
def test_nested_estimators_are_boxes(nested, inside):
    html = estimator_html_repr(nested)
    assert type(nested).__name__ in html
    assert html.count("sk-estimator") > len(inside)
    boxes = re.findall(r"<div><div>(\w+)</div></div>", html)
    assert boxes == [type(nested).__name__, *inside]


def test_every_public_name_has_a_place_in_the_api():
    path = Path(__file__).parent.parent / "docs" / "_ext" / "public.py"
    spec = importlib.util.spec_from_file_location("public", path)
    public = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(public)
    placed = [name for names in public.by_task().values() for name in names]
    assert len(placed) == len(set(placed)) > 150
    assert {f"dlkit.{name}" for name in PUBLIC} <= set(placed)
    assert set(placed) == set(public.public_names())
