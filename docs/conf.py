"""Sphinx: the API from the docstrings, the gallery from ``examples/``."""

from dlkit import __version__

project = "dlkit"
release = __version__
copyright = "2026, The dlkit developers"
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
autosummary_generate = True
numpydoc_show_class_members = False
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "within_subsection_order": "FileNameSortKey",
}
exclude_patterns = ["_build", "gallery/*.ipynb"]
html_theme = "alabaster"
