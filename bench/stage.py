"""What the benchmarks of the asr stage share."""

from __future__ import annotations

import itertools
import resource
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import recordings

from stalk_ros.audio import SAMPLE_RATE_HZ, Block
from stalk_ros.clock import samples_to_ns
from stalk_ros.speech import Segment, TranscribedWord, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from stalk_ros.events import Utterance
    from stalk_ros.speech import SpeechParameters, SpeechStage

_BLOCK = SAMPLE_RATE_HZ // 10


class OneWord:
    """A `Transcriber` that takes no time and knows nothing: it hears one word in whatever it is given."""

    name = "one word"
    caveat = ""
    overhead_s = 0.0

    @classmethod
    def missing(cls, parameters: SpeechParameters) -> str:
        """See `stalk_ros.backends.Backend.missing`."""
        return ""

    def transcribe(self, audio: npt.NDArray[np.float32], context: str = "") -> Transcript:
        """See `stalk_ros.speech.Transcriber.transcribe`."""
        word = TranscribedWord("word", 0.0, len(audio) / SAMPLE_RATE_HZ, 1.0)
        return Transcript(word.text, (word,), "en", word.probability)


def blocks(audio: npt.NDArray[np.float32], first_sample: int = 0, restart: bool = True) -> Iterator[Block]:
    """The audio in pieces of 0.1 s, the first of which restarts the stream if ``restart``."""
    for at in range(0, len(audio), _BLOCK):
        time_ns = samples_to_ns(first_sample + at, SAMPLE_RATE_HZ)
        yield Block(audio[at : at + _BLOCK], time_ns, restart and at == 0)


def listened(speech: SpeechStage, stream: Iterable[Block]) -> Iterator[tuple[Segment, Utterance | None]]:
    """Every finished segment with what was said in it, None for nothing; the end of the audio ends it too."""
    for block in itertools.chain(stream, [Block(np.zeros(0, np.float32), 0, restart=True)]):
        for item in speech.listen(block):
            if isinstance(item, Segment):
                utterance = speech.transcribe(item)
                if item.final:
                    speech.finish(item, utterance)
                    yield item, utterance if utterance is not None and utterance.text else None


def samples(paths: Iterable[Path]) -> npt.NDArray[np.float32]:
    """Recordings one after another: float32 mono 16 kHz."""
    return np.concatenate([recordings.samples(path) for path in paths])


def resident_mib(process: int | str = "self") -> float:
    """Memory that a process, this one by default, holds now, in MiB."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20
