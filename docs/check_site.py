"""Check the built site: ``python docs/check_site.py [--shots FOLDER] [--all]``.

Without a browser: every link within the site leads to a page and an anchor that exist, every public
name and every public method has its description, every example has a picture and took less than 30
seconds, every page of the guide begins with code that runs by itself.

In headless Chromium (``chromium``, ``google-chrome`` or ``$CHROMIUM``), at widths of 1400 and 400
pixels: no page is wider than the window, no code is cut off (what is too long can be scrolled to),
no errors on the console, and the search finds what a newcomer looks for. ``--shots`` keeps
screenshots of the main pages; ``--all`` opens every page, not only those.
"""

import argparse
import html
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

HERE = Path(__file__).resolve().parent
SITE = HERE / "_build" / "html"
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
WORDS = ["forecast", "interval", "anomaly", "segmentation", "channels first"]
MAIN = [
    "index.html", "guide/index.html", "guide/forecast.html", "guide/choose.html",
    "guide/classify.html", "guide/per_step.html", "guide/displays.html",
    "guide/coming_from.html", "guide/warnings.html", "guide/reservoirs.html", "guide/data.html",
    "guide/many_machines.html", "guide/performance.html", "api/index.html",
    "generated/dlkit.ESNClassifier.html", "gallery/index.html", "gallery/plot_quickstart.html",
    "changelog.html",
]  # fmt: skip
TASKS = {"classify": "classify", "forecast": "forecast", "backtest": "backtest",
         "per pixel": "per_step", "anomaly": "anomalies", "stream": "streams",
         "inspect a reservoir": "reservoirs", "baselines": "baselines"}  # fmt: skip


class Page(HTMLParser):
    """Links and anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.pictures = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note what a tag links to, and its anchor."""
        attrs = dict(attrs)
        if attrs.get("id"):
            self.anchors.add(attrs["id"])
        for name in ("href", "src"):
            if attrs.get(name) and tag in ("a", "img", "link", "script"):
                self.links.append(attrs[name])
        if tag == "img":
            self.pictures.append(attrs.get("src", ""))


def dead_links(pages):
    """Links within the site that lead nowhere."""
    dead = []
    for name, page in pages.items():
        for link in page.links:
            if urlsplit(link).scheme or link.startswith(("//", "data:", "javascript:")):
                continue
            address, anchor = urldefrag(urljoin(name, link))
            address = unquote(address.partition("?")[0]) or name
            if not (SITE / address).exists():
                dead.append(f"{name}: {link}")
            elif anchor and address in pages and not anchor.startswith((":~:", "/")):
                there = pages[address].anchors
                dead += [] if unquote(anchor) in there else [f"{name}: {link} (no such anchor)"]
    return dead


def undescribed():
    """Public names and methods without a description in the HTML."""
    from public import _object, public_names

    found = []
    n_methods = 0
    for name in public_names():
        path = SITE / "generated" / f"{name}.html"
        if not path.exists():
            found.append(name)
            continue
        text = path.read_text(encoding="utf-8")
        one = _object(name)
        if not inspect.isclass(one):
            continue
        for method in dir(one):
            raw = inspect.getattr_static(one, method)
            callable_here = callable(getattr(one, method, None)) and not inspect.isclass(raw)
            ours = any(
                method in vars(level) for level in one.__mro__ if "dlkit" in level.__module__
            )
            if method.startswith("_") or not callable_here or not ours:
                continue
            n_methods += 1
            block = re.search(
                rf'id="{re.escape(name)}\.{method}">(.*?)</dt>\s*<dd>(.*?)</dd>', text, re.S
            )
            if block is None or not re.sub(r"<[^>]+>|\s", "", block[2]):
                found.append(f"{name}.{method}")
    return found, n_methods


def examples(pages):
    """Examples without a picture, and their times in seconds."""
    plain, times = [], {}
    for name, page in pages.items():
        if not re.match(r"gallery/(.*/)?plot_\w+\.html", name):
            continue
        text = (SITE / name).read_text(encoding="utf-8")
        took = re.search(
            r"Total running time of the script:</strong> \((.*?) minutes (.*?) seconds", text
        )
        times[name] = 60 * float(took[1]) + float(took[2]) if took else float("nan")
        if not any("sphx_glr_plot" in source for source in page.pictures):
            plain.append(name)
    return plain, times


def first_blocks():
    """Pages whose first block of code does not run by itself."""
    from check_pages import blocks
    from run import execute

    failed = []
    for task, page in TASKS.items():
        text = (HERE / "guide" / f"{page}.rst").read_text(encoding="utf-8")
        code = next(blocks(text))[1]
        try:
            execute(code, {"__name__": "__main__"})
        except Exception as error:
            failed.append(f"{task}: {page}: {error!r}")
    return failed


def browser():
    """Path of a Chromium."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((shutil.which(name) for name in names if name and shutil.which(name)), None)


def serve():
    """Address of the site on this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *given):
            """Say nothing."""

        def do_GET(self):
            """Give a page, or a frame with a page."""
            narrow = re.match(r"/narrow/(\d+)/(.*)", self.path)
            dark = re.match(r"/dark/(.*)", self.path)
            if narrow is None and dark is None:
                super().do_GET()
                return
            frame = (
                f"<iframe src='/{narrow[2]}' style='width:{narrow[1]}px;height:1780px;border:0'>"
                if narrow
                else "<script>for (const name of ['mode', 'theme']) localStorage[name] = 'dark';"
                f"location.replace('/{dark[1]}')</script>"
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<!doctype html><body style='margin:0'>{frame}".encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


# in a frame of the asked width: Chromium's windows are never narrower than 500 pixels
FRAME = """<!doctype html><body style="margin:0"><script>
const jobs = {jobs}, found = {{}};
const tick = ms => new Promise(done => setTimeout(done, ms));
async function look(job) {{
  const frame = document.createElement("iframe");
  frame.style = `width:${{job.width}}px;height:900px;border:0`;
  const errors = [];
  document.body.append(frame);
  await new Promise(done => {{ frame.onload = done; frame.src = job.url; }});
  const w = frame.contentWindow, d = frame.contentDocument;
  w.addEventListener("error", e => errors.push(String(e.message)));
  w.console.error = (...a) => errors.push(a.join(" "));
  await tick(job.wait);
  const cut = [];
  for (const pre of d.querySelectorAll("pre, table, svg.map, p, dt, dd, li, img, h1, h2, .pre")) {{
    if (!pre.offsetParent && pre.tagName !== "svg") continue;
    const beside = job.width > 500 ? ", .bd-sidebar-secondary" : "";  // hidden on a phone
    if (!pre.closest(".bd-article" + beside)) continue;
    if (pre.closest("details:not([open])") || pre.closest("dialog")) continue;
    const box = pre.getBoundingClientRect();
    let scrolls = false;
    for (let e = pre; e && !e.matches(".bd-article"); e = e.parentElement) {{
      const flow = w.getComputedStyle(e).overflowX;
      if (flow === "auto" || flow === "scroll") scrolls = true;
    }}
    const inner = pre.tagName === "PRE" ? pre.scrollWidth - pre.clientWidth : 0;
    const over = Math.max(box.right - job.width, inner);
    if (over > 1 && !scrolls) cut.push(pre.tagName + ": " + pre.textContent.trim().slice(0, 60));
  }}
  const wide = d.documentElement.scrollWidth - job.width;
  const hits = [...d.querySelectorAll("#search-results li a")].map(a => a.textContent);
  found[job.name] = {{cut, wide, errors, hits}};
  frame.remove();
}}
(async () => {{
  for (const job of jobs) await look(job);
  await fetch("/report", {{method: "POST", body: JSON.stringify(found)}});
}})();
</script></body>"""


def look(chromium, jobs):
    """What a browser finds on pages."""
    report, done = {}, threading.Event()

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *given, **more):
            super().__init__(*given, directory=str(SITE), **more)

        def log_message(self, *given):
            """Say nothing."""

        def do_GET(self):
            """Give a page, or the page with frames."""
            if self.path != "/frames":
                super().do_GET()
                return
            body = FRAME.format(jobs=json.dumps(jobs)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            """Take the report."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            report.update(json.loads(body))
            self.send_response(204)
            self.end_headers()
            done.set()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as profile:
        log = Path(profile) / "log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1500,1000",
                 "--enable-logging=stderr", f"--user-data-dir={profile}/p",
                 f"http://127.0.0.1:{server.server_port}/frames"],
                stdout=out, stderr=out,
            )  # fmt: skip
        arrived = done.wait(120 + 6 * len(jobs))
        process.terminate()
        process.wait(20)
        console = [
            line for line in log.read_text(errors="replace").splitlines()
            if "CONSOLE" in line and ("Error" in line or "ERROR:CONSOLE" in line)
        ]  # fmt: skip
    server.shutdown()
    if not arrived:
        raise RuntimeError("the browser did not answer")
    return report, console


def shots(chromium, folder):
    """Screenshots of the main pages: wide, narrow in a frame (windows have a least width), dark."""
    folder.mkdir(parents=True, exist_ok=True)
    address = serve()
    for page in MAIN:
        for look in ("1400", "400", "dark"):
            name = f"{page.replace('/', '-').removesuffix('.html')}-{look}.png"
            url = address + {"1400": "", "400": "narrow/400/", "dark": "dark/"}[look] + page
            size = "500,1800" if look == "400" else "1400,1800"
            subprocess.run(
                [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                 f"--window-size={size}", "--virtual-time-budget=5000",
                 f"--screenshot={folder / name}", url],
                check=True, capture_output=True, timeout=120,
            )  # fmt: skip


def tell(what, wrong, of=None):
    """Print a line; return whether it is bad."""
    print(f"{what}: {len(wrong)}{'' if of is None else f' of {of}'}")
    for one in wrong[:20]:
        print("   ", html.unescape(str(one)))
    return bool(wrong)


def main():
    """Check, and exit with whether anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=Path, help="where screenshots go")
    parser.add_argument("--all", action="store_true", help="open every page in the browser")
    options = parser.parse_args()
    pages = {
        path.relative_to(SITE).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in sorted(SITE.rglob("*.html"))
        if "_static" not in path.parts
    }
    bad = tell("dead links", dead_links(pages), sum(len(page.links) for page in pages.values()))
    missing, n_methods = undescribed()
    bad |= tell("public names and methods without a description", missing, n_methods)
    plain, times = examples(pages)
    bad |= tell("examples without a picture", plain, len(times))
    slow = [f"{name}: {seconds:.1f} s" for name, seconds in times.items() if not seconds < 30]
    bad |= tell("examples of 30 seconds and more", slow, len(times))
    for name, seconds in times.items():
        print(f"    {seconds:5.1f} s  {name}")
    bad |= tell("tasks whose first block does not run as pasted", first_blocks(), len(TASKS))
    chromium = browser()
    if chromium is None:
        print("no Chromium: the rest is not checked")
        sys.exit(1)
    names = list(pages) if options.all else [name for name in MAIN if name in pages]
    jobs = [
        {"name": f"{name} at {width}", "url": f"/{name}", "width": width, "wait": 300}
        for name in names for width in (1400, 400)
    ]  # fmt: skip
    jobs += [
        {"name": f"search for {word}", "url": f"/search.html?q={word}", "width": 1400, "wait": 4000}
        for word in WORDS
    ]
    report, console = look(chromium, jobs)
    seen = {name: found for name, found in report.items() if " at " in name}
    wide = [f"{name}: {one['wide']} px" for name, one in seen.items() if one["wide"] > 1]
    bad |= tell("pages wider than the window", wide, len(seen))
    bad |= tell("cut off", [f"{name}: {text}" for name, one in seen.items() for text in one["cut"]])
    errors = [f"{name}: {text}" for name, one in report.items() for text in one["errors"]]
    bad |= tell("errors on the console", errors + console)
    for word in WORDS:
        hits = report[f"search for {word}"]["hits"]
        print(f"search for {word!r}: {len(hits)} pages, first {hits[:3]}")
        bad |= not hits
    if options.shots:
        shots(chromium, options.shots)
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
