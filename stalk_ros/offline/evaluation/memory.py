"""What the stages hold in memory, as Linux tells: resident, in MiB, with the processes of engines.

Pages that several processes share, such as those of libraries, count for each of them.
"""

from __future__ import annotations

import contextlib
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from stalk_ros.speakers import SpeakerStage
from stalk_ros.speech import SpeechStage
from stalk_ros.topics import TopicStage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.offline.configuration import Configuration

_PROCESSES = Path("/proc")


def loaded_mib(configuration: Configuration) -> dict[str, float]:
    """What is held without the stages, "before", and how much each adds to it as one after another is loaded.

    Each loads one engine.

    What two of them need, such as a library, counts for the first one, and what is loaded already for none.

    Raises:
        UserError: an engine or its model is missing.
    """
    sizes_mib = [_resident_mib("VmRSS")]
    speech = SpeechStage.load(configuration.asr)
    sizes_mib.append(_resident_mib("VmRSS"))
    speakers = SpeakerStage.load(configuration.diarization)
    sizes_mib.append(_resident_mib("VmRSS"))
    topics = TopicStage.load(configuration.topic_recommender, patient=True)
    sizes_mib.append(_resident_mib("VmRSS"))
    topics.close()
    del speech, speakers, topics
    names = ("asr", "diarization", "topic_recommender")
    grown = zip(names, sizes_mib, sizes_mib[1:], strict=False)
    return {"before": round(sizes_mib[0], 1)} | {
        name: round(after - before, 1) for name, before, after in grown
    }


def reset_peak() -> None:
    """Begin to look for the peak of this process anew."""
    gc.collect()
    with contextlib.suppress(OSError):
        (_PROCESSES / "self/clear_refs").write_text("5", encoding="ascii")


def peak_mib() -> float:
    """The sum of the peaks of this process and of those it has started that still run."""
    return round(_resident_mib("VmHWM"), 1)


def _resident_mib(field: str) -> float:
    return sum(_field_kib(process, field) for process in _family(_PROCESSES / "self")) / 1024


def _field_kib(process: Path, field: str) -> int:
    with contextlib.suppress(OSError):  # it has ended since
        for line in (process / "status").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1])
    return 0


def _family(process: Path) -> Iterator[Path]:
    yield process
    for children in process.glob("task/*/children"):
        with contextlib.suppress(OSError):
            for child in children.read_text(encoding="ascii").split():
                yield from _family(_PROCESSES / child)
