"""Lets a script of this folder, run alone, import the modules of the folder above."""

import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parents[1]))
