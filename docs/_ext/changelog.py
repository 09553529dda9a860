"""``CHANGELOG.md`` as a page: headings, lists and code are all that it holds."""

import re
from pathlib import Path


def as_rst(text):
    """Turn the Markdown of the changelog into reStructuredText."""
    lines = []
    for line in text.splitlines():
        heading = re.match(r"(#+) (.*)", line)
        if heading:
            rule = "=-"[min(len(heading[1]), 2) - 1]
            lines += [heading[2], rule * len(heading[2])]
        else:
            line = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line)
            lines.append(re.sub(r"\[([^]]+)\]\(http([^)]+)\)", r"`\1 <http\2>`__", line))
    return "\n".join(lines).replace("*", r"\*") + "\n"


def write(app, config):
    """Write the page."""
    text = as_rst((Path(app.srcdir).parent / "CHANGELOG.md").read_text(encoding="utf-8"))
    path = Path(app.srcdir) / "changelog.rst"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app):
    """Write the page before Sphinx looks for files."""
    app.connect("config-inited", write)
    return {"parallel_read_safe": True}
