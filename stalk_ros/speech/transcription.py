"""Speech to text: what an engine is given, what it answers, and its protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.backends import Backend
from stalk_ros.clock import samples_to_ns

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Segment:
    """The audio of one utterance, for the engine.

    Somebody speaks from ``start_ns`` to ``end_ns``; ``audio`` (float32 mono 16 kHz) begins a little earlier,
    at ``audio_start_ns``. ``final`` is false while the speech goes on. Speech that got too long is cut: one
    segment is ``cut`` at its end and the next one ``continues`` it; their audio may overlap.
    """

    utterance_id: str
    start_ns: int
    end_ns: int
    audio_start_ns: int
    audio: npt.NDArray[np.float32] = field(repr=False)
    final: bool = True
    cut: bool = False
    continues: bool = False

    @property
    def audio_ns(self) -> int:
        """How long the audio is."""
        return samples_to_ns(len(self.audio), SAMPLE_RATE_HZ)


@dataclass(frozen=True)
class TranscribedWord:
    """A word with its times in seconds from the start of the audio and its probability in [0, 1]."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True)
class Removal:
    """Text that the engine wrote although nobody said it; ``kind`` is "no speech", "phantom" or "loop"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Transcript:
    """What an engine understood.

    ``text`` is "" when there was nothing, ``language`` is BCP 47, ``removed`` is what is not in the text
    because the engine invented it.
    """

    text: str
    words: tuple[TranscribedWord, ...]
    language: str
    confidence: float
    removed: tuple[Removal, ...] = ()


class Transcriber(Backend, Protocol):
    """An ASR engine, made from the stage's parameters. One thread at a time calls it.

    Attributes:
        overhead_s: what a pass takes beside its audio, in seconds of audio that would take as long: 0 for an
            engine whose work grows with the audio, more for one that always fills a window. Tells what a
            partial costs.
        one_core: a pass takes one processor core, so that several engines may work side by side; may be
            missing, which means that it takes more.
        close: without arguments, from any thread: end the processes of the engine at once, whatever they are
            doing; may be missing, which means that it has none.
    """

    overhead_s: float

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        """Understand one utterance.

        The result depends on the arguments alone, in particular not on what was transcribed before.

        Args:
            audio: float32 mono 16 kHz in [-1, 1], one dimension, not empty.
            context: what was said just before in the same breath, where a long utterance was cut; "" else.
        """
