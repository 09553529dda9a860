"""Links to the documentation of other projects, without asking the network.

A reference to an object of scikit-learn, NumPy, SciPy, pandas, matplotlib, joblib or Python is
looked up by importing the object, so that what does not exist fails the build, and its address
follows from the rules by which these projects build their sites. Labels and glossary terms of
scikit-learn's docstrings, which estimators inherit, lead to scikit-learn's site.
"""

import functools
import importlib

from docutils import nodes
from public import public_names

SKLEARN = "https://scikit-learn.org/stable"
RULES = {
    "sklearn": SKLEARN + "/modules/generated/{name}.html",
    "numpy": "https://numpy.org/doc/stable/reference/generated/{name}.html",
    "scipy": "https://docs.scipy.org/doc/scipy/reference/generated/{name}.html",
    "pandas": "https://pandas.pydata.org/docs/reference/api/{name}.html",
    "matplotlib": "https://matplotlib.org/stable/api/_as_gen/{name}.html",
    "joblib": "https://joblib.readthedocs.io/en/stable/generated/{name}.html",
}
LABELS = {
    "accuracy_score": "/modules/model_evaluation.html#accuracy-score",
    "r2_score": "/modules/model_evaluation.html#r2-score",
    "df_output_transform": "/auto_examples/miscellaneous/plot_set_output.html",
    "metadata_routing": "/metadata_routing.html",
    "slep006": "/metadata_routing.html",
    "sphx_glr_auto_examples_miscellaneous_plot_set_output.py": (
        "/auto_examples/miscellaneous/plot_set_output.html"
    ),
}


def found(name):
    """Whether an object with this name can be imported."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        try:
            one = importlib.import_module(".".join(parts[:n]))
        except ImportError:
            continue
        for part in parts[n:]:
            if not hasattr(one, part):
                return False
            one = getattr(one, part)
        return True
    return False


def resolve(app, env, node, content):
    """Link a reference that Sphinx cannot."""
    target, kind = node.get("reftarget", ""), node.get("reftype", "")
    if node.get("refdomain") == "py":
        if kind == "obj" and target.endswith("_") and "." not in target:
            return content  # an attribute, described where it is named
        own = canonical(target)
        if own is not None and own != target:
            domain, page = env.get_domain("py"), node.get("refdoc")
            return domain.resolve_xref(env, page, app.builder, kind, own, node, content)
    address = None
    if kind == "ref" and target in LABELS:
        address = SKLEARN + LABELS[target]
    elif kind == "term" and node.get("refdomain") == "std":
        address = f"{SKLEARN}/glossary.html#term-{target.replace(' ', '-')}"
    elif node.get("refdomain") == "py":
        root = target.partition(".")[0]
        if root in RULES and found(target):
            address = RULES[root].format(name=target)
        elif kind in ("exc", "class", "func", "obj") and hasattr(__builtins_module(), target):
            kind = "exceptions" if kind == "exc" or target.endswith(("Error", "Warning")) else ""
            page = kind or "functions"
            address = f"https://docs.python.org/3/library/{page}.html#{target}"
    if address is None:
        return None
    link = nodes.reference("", "", internal=False, refuri=address)
    link += content
    return link


@functools.cache
def own_names():
    """Full names of public names, by their last part."""
    return {name.rpartition(".")[2]: name for name in public_names()}


def canonical(target):
    """Name under which a public name of dlkit is documented, of another name for the same."""
    parts = target.split(".")
    for i, part in enumerate(parts):
        if part in own_names():
            return ".".join([own_names()[part], *parts[i + 1 :]])
    return None


def __builtins_module():
    return importlib.import_module("builtins")


def setup(app):
    """Ask here before a reference counts as broken."""
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True}
