"""Sequences of symbols and vectors: explicit memory, models, sequences to sequences."""

from ._machine import ReservoirMemoryMachine
from ._transducer import SequenceTransducer

__all__ = ["ReservoirMemoryMachine", "SequenceTransducer"]
