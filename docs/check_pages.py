"""Execute the code of pages of the guide without building the site: ``check_pages.py [page ...]``.

The output goes to the screen. Without names, all pages are executed.
"""

import re
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from run import execute  # noqa: E402


def blocks(text):
    """Code blocks of a page, with their line numbers and options."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        start = re.match(r"( *)\.\. run::", line)
        if start is None:
            continue
        inside = []
        for other in lines[i + 1 :]:
            if other.strip() and len(other) - len(other.lstrip()) <= len(start[1]):
                break
            inside.append(other[len(start[1]) + 3 :])
        options = [x for x in inside if re.match(r":[\w-]+:", x)]
        code = "\n".join(x for x in inside if x not in options).strip()
        yield i + 1, code, [re.match(r":([\w-]+):", x)[1] for x in options]


def main():
    """Execute, and exit with the number of blocks that failed."""
    pages = [Path(name) for name in sys.argv[1:]] or sorted(HERE.rglob("*.rst"))
    failed = 0
    for page in pages:
        if "_build" in page.parts or "gallery" in page.parts:
            continue
        space = {"__name__": "__main__"}
        for line, code, options in blocks(page.read_text(encoding="utf-8")):
            mine = {"__name__": "__main__"} if "fresh" in options else space
            try:
                text, figures = execute(code, mine, "warns" in options)
            except Exception:
                failed += 1
                print(f"== {page.name}, line {line}: failed\n{traceback.format_exc(limit=-3)}")
            else:
                print(f"== {page.name}, line {line}: {len(figures)} figures\n{text}")
    print(f"{failed} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
