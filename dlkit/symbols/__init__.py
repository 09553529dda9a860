"""Sequences of symbols and vectors: explicit memory, models, sequences to sequences."""

from ._machine import ReservoirMemoryMachine
from ._model import SequenceModel
from ._ngrams import NGramMixer
from ._transducer import SequenceTransducer

__all__ = ["NGramMixer", "ReservoirMemoryMachine", "SequenceModel", "SequenceTransducer"]
