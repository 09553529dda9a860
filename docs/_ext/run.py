"""``.. run::``: code that is executed when the page is built, with what it prints and draws.

The code blocks of a page share one namespace, as a reader would paste them one after the other. An
error fails the build, and so does a warning, unless the block has ``:warns:``; then the warning is
shown. The value of the last line is shown as an interactive session would show it, and the figures
that are open are put below.

Options: ``:hide-code:``, ``:alt:`` (what a figure shows), ``:warns:``, ``:fresh:`` (a namespace of
its own).
"""

import ast
import contextlib
import hashlib
import io
import textwrap
import traceback
import warnings
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive, directives

NAMESPACES = {}


class Run(Directive):
    """A block of code, executed."""

    has_content = True
    option_spec = {
        "hide-code": directives.flag,
        "alt": directives.unchanged,
        "warns": directives.flag,
        "fresh": directives.flag,
    }

    def run(self):
        """Execute the block; return code, output and figures."""
        env = self.state.document.settings.env
        page, code = env.docname, "\n".join(self.content)
        fresh = "fresh" in self.options
        space = {"__name__": "__main__"}
        if not fresh:
            space = NAMESPACES.setdefault(page, space)
        try:
            text, figures = execute(code, space, "warns" in self.options)
        except Exception:
            where = f"{page}, line {self.lineno}"
            raise self.error(f"{where}: {traceback.format_exc(limit=-4)}") from None
        shown = []
        if "hide-code" not in self.options:
            block = nodes.literal_block(code, code, language="python", classes=["run-code"])
            shown.append(block)
        if text.strip():
            text = text.rstrip()
            classes = ["run-output"] + ["run-warning"] * ("warns" in self.options)
            shown.append(nodes.literal_block(text, text, language="text", classes=classes))
        for i, figure in enumerate(figures):
            name = hashlib.sha256(f"{page}{self.lineno}{code}{i}".encode()).hexdigest()[:16]
            folder = Path(env.srcdir) / "_run"
            folder.mkdir(exist_ok=True)
            figure.savefig(folder / f"{name}.png", dpi=110)
            image = nodes.image(uri=f"/_run/{name}.png", alt=self.options.get("alt", "figure"))
            image["classes"].append("run-figure")
            shown.append(image)
        return shown


def execute(code, space, warns=False):
    """Execute code.

    Parameters
    ----------
    code : str
        Statements; the value of the last, if it is an expression, is part of the output.
    space : dict
        Where names are looked up and kept.
    warns : bool, default=False
        Whether warnings are printed; errors otherwise.

    Returns
    -------
    text : str
        What was printed, and the last value.
    figures : list of Figure
        Figures that were drawn, closed.
    """
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    tree = ast.parse(code)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings(record=warns) as caught:
        warnings.simplefilter("always" if warns else "error")
        exec(compile(tree, "<page>", "exec"), space)
        if last is not None:
            value = eval(compile(last, "<page>", "eval"), space)
            if value is not None and not is_artist(value):
                print(repr(value))
    for one in caught or ():
        print(textwrap.fill(f"{one.category.__name__}: {one.message}", 88), file=out)
    figures = [plt.figure(number) for number in plt.get_fignums()]
    plt.close("all")
    return out.getvalue(), figures


def is_artist(value):
    """Whether a value is shown as a figure, and not as text."""
    return hasattr(value, "figure_") or type(value).__module__.startswith("matplotlib")


def begin(app, docname, source):
    """Begin a page with an empty namespace."""
    NAMESPACES.pop(docname, None)


def setup(app):
    """Tell Sphinx of the directive."""
    app.add_directive("run", Run)
    app.connect("source-read", begin)
    return {"parallel_read_safe": True}
