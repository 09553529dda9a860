"""Sequences of symbols and vectors: explicit memory, models of sequences."""

from ._machine import ReservoirMemoryMachine

__all__ = ["ReservoirMemoryMachine"]
