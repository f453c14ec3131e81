"""The truth that lies beside a recording, in the forms in which people keep it."""

from stalk_ros.offline.evaluation.references.beside import is_reference, reference
from stalk_ros.offline.evaluation.references.truth import Reference, Span, TimedWord, Turn, WordsInTime

__all__ = ["Reference", "Span", "TimedWord", "Turn", "WordsInTime", "is_reference", "reference"]
