"""The whole conversation as one JSON document."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from stalk_ros.offline.exports.export import Export

if TYPE_CHECKING:
    from stalk_ros.offline.configuration import Configuration
    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.recording import Recording
    from stalk_ros.offline.times import RecordingTime


class Document(Export):
    """Collects a conversation; `content` is what ``--json`` writes and the report shows.

    All times are seconds from the start of the recording, to the millisecond. Keys of the content:

    - ``format``: "stalk_ros conversation", ``version``: 1.
    - ``recording``: ``name``, ``duration`` (where the audio ends), ``problem`` ("" = none), ``streams`` (a
      list of [start, end] of audio without a break).
    - ``engines``: name of the stage ("asr", "diarization", "topic_recommender") to name of the engine.
    - ``parameters``: of each of these three: name to ``{"value": …, "default": …}``.
    - ``speakers``: a list in the order of appearance: ``id``, ``name`` (null = not enrolled), ``talk``
      (seconds of their final utterances), ``share`` (of all people's talk, 0..1; null for the robot),
      ``utterances``, ``words``. What nobody is known to have said belongs to the id "".
    - ``utterances``: finals with a text, by start: ``id``, ``start``, ``end``, ``speaker``, ``name``,
      ``overlapped``, ``overlapping_speakers``, ``text``, ``words`` ([text, start, end, probability]),
      ``language``.
    - ``speech``: a list of [start, end] when voice activity heard anybody.
    - ``silences``: a list of [start, end] of 1 s or more in which it heard nobody.
    - ``awkwardness``: ``threshold``, and ``curve``: a list of [time, awkwardness, reasons], the reasons a
      list of texts.
    - ``suggestions``: ``id``, ``time``, ``withdrawn`` (when, null = never), ``text``, ``topic``,
      ``rationale``, ``trigger``, ``awkwardness``, ``addressed_to``, ``source``, ``valid_until``.
    """

    def __init__(self, name: str, configuration: Configuration, times: RecordingTime) -> None:
        raise NotImplementedError

    def content(self, engines: dict[str, str], problem: str) -> dict[str, Any]:
        """The document; complete when the recording is over."""
        raise NotImplementedError

    def write(self, event: Event) -> None:
        """See `Export.write`."""
        raise NotImplementedError


class JsonDocument(Export):
    """Writes a `Document` when it is closed.

    Args:
        file: where to write.
        recording: what is read.
        configuration: parameters of the stages.
        times: of the recording.
        engines: see `Document`.
    """

    def __init__(
        self,
        file: IO[str],
        recording: Recording,
        configuration: Configuration,
        times: RecordingTime,
        engines: dict[str, str],
    ) -> None:
        raise NotImplementedError
