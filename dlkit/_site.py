"""Where the documentation of public classes is, for the HTML that shows estimators in notebooks."""

from inspect import isclass, ismodule

ADDRESS = "https://dlkit-learn.readthedocs.io/en/latest"
PAGE = "{address}/generated/{page}.html"


def documented(package):
    """Tell scikit-learn's HTML where the public estimators of a package are documented.

    Parameters
    ----------
    package : dict
        Names of the package and what they stand for, public modules among them.
    """
    modules = [one for one in package.values() if ismodule(one) and hasattr(one, "__all__")]
    places = [(f"{module.__name__}.{name}", getattr(module, name))
              for module in modules for name in module.__all__]  # fmt: skip
    places += [(f"dlkit.{name}", package[name]) for name in package["__all__"]]
    for page, one in places:  # the shortest name comes last, and stays
        if isclass(one) and hasattr(one, "_get_doc_link"):
            one._doc_link_module = "dlkit"
            one._doc_link_template = PAGE
            one._doc_link_url_param_generator = _Page(page)


class _Page:
    """A method that returns the parts of an estimator's address."""

    def __init__(self, page):
        self.page = page

    def __call__(self):
        return {"address": ADDRESS, "page": self.page}
