"""What the stages hold in memory, in MiB: this process and those of its engines together.

A page that several processes hold counts for each by its share (PSS of Linux's smaps_rollup), so what they
have in common, such as libraries, counts once.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.speakers import SpeakerStage
from stalk_ros.speech import SpeechStage
from stalk_ros.topics import TopicStage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.offline.configuration import Configuration

_PROCESSES = Path("/proc")
_OWN = _PROCESSES / "self"
_LOOK_S = 0.25


class Peak:
    """Looks several times a second how much is held, from entering it to leaving it.

    Attributes:
        mib: the most that was held at once; 0 where the system does not tell.
    """

    def __init__(self) -> None:
        self.mib = 0.0
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look, name="memory", daemon=True)

    def __enter__(self) -> Peak:
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        over = False
        while not over:
            over = self._over.wait(_LOOK_S)
            self.mib = max(self.mib, held_mib())


def loaded_mib(configuration: Configuration) -> dict[str, float]:
    """What is held without the stages, "before", and how much each adds to it as one after another is loaded.

    Each loads one engine. What two of them need, such as a library, counts for the first one, and what is
    loaded already for none.

    Raises:
        UserError: an engine or its model is missing.
    """
    sizes_mib = [held_mib()]
    speech = SpeechStage.load(configuration.asr)
    sizes_mib.append(held_mib())
    speakers = SpeakerStage.load(configuration.diarization)
    sizes_mib.append(held_mib())
    topics = TopicStage.load(configuration.topic_recommender, patient=True)
    sizes_mib.append(held_mib())
    topics.close()
    speech.close()
    del speech, speakers, topics
    names = ("asr", "diarization", "topic_recommender")
    grown = zip(names, sizes_mib, sizes_mib[1:], strict=False)
    return {"before": round(sizes_mib[0], 1)} | {
        name: round(after - before, 1) for name, before, after in grown
    }


def held_mib(process: Path = _OWN) -> float:
    """What a process, a folder in ``/proc``, and those that it has started hold now.

    It is 0 where the system does not tell.
    """
    return round(sum(map(_share_kib, family(process))) / 1024, 1)


def family(process: Path) -> Iterator[Path]:
    """The folders in ``/proc`` of a process and of those that it has started."""
    yield process
    for children in process.glob("task/*/children"):
        with contextlib.suppress(OSError):
            for child in children.read_text(encoding="ascii").split():
                yield from family(_PROCESSES / child)


def _share_kib(process: Path) -> int:
    with contextlib.suppress(OSError):  # it has ended since
        for line in (process / "smaps_rollup").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
