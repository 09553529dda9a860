"""Lines of progress, on a clock of our own."""

import pytest

from dlkit import _progress
from dlkit._progress import Progress


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now[0])
    return now


def test_a_line_every_other_second_and_at_the_end(clock, capsys):
    progress = Progress("fit", 10, 1)
    for i in range(10):
        clock[0] = i + 1.0
        progress.advance(1)
    shares = [line.split()[1] for line in capsys.readouterr().out.splitlines()]
    assert shares == ["20", "40", "60", "80", "100"]


def test_the_end_of_long_work_is_always_told(clock, capsys):
    progress = Progress("fit", 4, True)
    clock[0] = 2.5
    progress.advance(3)
    clock[0] = 2.6
    progress.advance(1)
    assert capsys.readouterr().out == "[fit]  75 % after 2 s\n[fit] 100 % after 3 s\n"


def test_short_work_and_quiet_work_are_silent(clock, capsys):
    Progress("fit", 2, 1).advance(2)
    quiet = Progress("fit", 2, 0)
    clock[0] = 99.0
    quiet.advance(2)
    assert capsys.readouterr().out == ""
