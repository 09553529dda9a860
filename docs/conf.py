"""Sphinx: the guide, the API from the docstrings, the gallery from ``examples/``."""

import os
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))
sys.path.insert(0, str(HERE.parent))

from sphinx_gallery.sorting import ExplicitOrder  # noqa: E402

import dlkit  # noqa: E402

warnings.filterwarnings("ignore", message=".*Agg.*cannot be shown")
os.environ.setdefault("OMP_NUM_THREADS", "2")

project = "dlkit"
release = version = dlkit.__version__
author = "The dlkit developers"
copyright = "2026, The dlkit developers"
html_title = "dlkit"
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "sphinx_design",
    "sphinx_copybutton",
    "run",
    "elsewhere",
    "public",
    "changelog",
    "doi",
    "references",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "gallery/**/*.ipynb", "_ext", "generated/backreferences"]
nitpicky = True
toc_object_entries_show_parents = "hide"
maximum_signature_line_length = 68
autosummary_generate = []  # the pages of the API: docs/_ext/public.py
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = False
copybutton_exclude = ".linenos, .gp, .go"
copybutton_selector = "div:not(.run-output) > div.highlight > pre"
suppress_warnings = ["config.cache"]

SECTIONS = """
    sequences forecasting images trees symbols compare reservoirs machines
""".split()  # noqa: SIM905
SECTIONS = [task for task in SECTIONS if (HERE.parent / "examples" / task).exists()]
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "within_subsection_order": "FileNameSortKey",
    "subsection_order": ExplicitOrder([*(f"../examples/{task}" for task in SECTIONS), "*"]),
    "doc_module": ("dlkit",),
    "reference_url": {"dlkit": None},
    "backreferences_dir": "generated/backreferences",
    "abort_on_example_error": True,
    "matplotlib_animations": False,
    "show_signature": False,
    "remove_config_comments": True,
    "default_thumb_file": str(HERE / "_static" / "thumb.png"),
    "min_reported_time": 0,
    "write_computation_times": False,  # pages that need a library from elsewhere to be sorted
    "download_all_examples": False,
    "capture_repr": ("_repr_html_", "__repr__"),
    "ignore_repr_types": r"matplotlib[text, axes]|dlkit\.plotting",
    "copyfile_regex": r".*README\.rst",
}

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["dlkit.css"]
html_favicon = "_static/logo.svg"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {
        "text": "dlkit",
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo.svg",
        "alt_text": "dlkit, first page",
    },
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "changelog": [], "install": []}
# links from the HTML of estimators stay within this site
dlkit._site.ADDRESS = ".."
