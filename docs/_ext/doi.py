"""``:doi:`10.1000/xyz```: a link to a publication; ``:arxiv:`2101.00001``` likewise."""

from urllib.parse import quote

from docutils import nodes


def linked(prefix, name):
    """A role that links to ``prefix`` and what is given."""

    def role(kind, rawtext, text, lineno, inliner, options=None, content=()):
        link = nodes.reference(rawtext, f"{name}:{text}", refuri=prefix + quote(text))
        return [link], []

    return role


def setup(app):
    """Tell Sphinx of the roles."""
    app.add_role("doi", linked("https://doi.org/", "doi"))
    app.add_role("arxiv", linked("https://arxiv.org/abs/", "arXiv"))
    return {"parallel_read_safe": True}
