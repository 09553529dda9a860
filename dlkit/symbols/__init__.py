"""Sequences of symbols and vectors: explicit memory, models, sequences to sequences."""

from ._loglinear import NGramReadout
from ._machine import ReservoirMemoryMachine
from ._model import SequenceModel
from ._ngrams import NGramMixer
from ._seq2seq import Seq2SeqESN
from ._transducer import SequenceTransducer

__all__ = [
    "NGramMixer",
    "NGramReadout",
    "ReservoirMemoryMachine",
    "Seq2SeqESN",
    "SequenceModel",
    "SequenceTransducer",
]
