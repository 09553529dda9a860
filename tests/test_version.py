"""The version is one, whoever asks."""

import re
from importlib.metadata import PackageNotFoundError, version

import pytest

import dlkit
from dlkit import _version


def test_the_package_says_what_its_file_says():
    assert dlkit.__version__ == _version.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+([.\w+]*)", dlkit.__version__)


def test_the_installed_version_is_that_of_the_file():
    try:
        installed = version("dlkit-learn")
    except PackageNotFoundError:
        pytest.skip("run from its folder, not installed")
    assert installed == dlkit.__version__
