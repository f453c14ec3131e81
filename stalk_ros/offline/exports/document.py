"""The whole conversation as one JSON document."""

from __future__ import annotations

import dataclasses
import json
from typing import IO, TYPE_CHECKING, Any

from stalk_ros.events import (
    ROBOT,
    ConversationState,
    Suggestion,
    SuggestionStatus,
    Utterance,
    VoiceActivity,
)
from stalk_ros.offline.configuration import STAGES
from stalk_ros.offline.exports.export import Export
from stalk_ros.offline.exports.json_lines import rounded, utterance_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.exports.context import Context
    from stalk_ros.parameters import Parameters

_SILENCE_S = 1.0
_DEPTH = 3


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
    - ``robot_speech``: a list of [start, end] when the robot said that it spoke.
    - ``silences``: a list of [start, end] of 1 s or more of audio with neither.
    - ``awkwardness``: ``threshold``, and ``curve``: a list of [time, awkwardness, reasons], the reasons a
      list of texts.
    - ``suggestions``: ``id``, ``time``, ``withdrawn`` (when, null = never), ``text``, ``topic``,
      ``rationale``, ``trigger``, ``awkwardness``, ``addressed_to``, ``source``, ``valid_until``.

    Args:
        context: of the recording.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._times = context.times
        self._utterances: list[dict[str, Any]] = []
        self._suggestions: dict[str, dict[str, Any]] = {}
        self._curve: list[tuple[float, float, tuple[str, ...]]] = []
        self._speech = _Spans()
        self._robot_speech = _Spans()

    def robot_spoke(self, speaking: bool) -> None:
        """See `Export.robot_spoke`."""
        self._robot_speech.change(speaking, self._times.end_s)

    def write(self, event: Event) -> None:
        """See `Export.write`."""
        if isinstance(event, Utterance):
            if event.final and event.text:
                record = utterance_record(event, self._times)
                del record["type"], record["final"]
                self._utterances.append(record)
        elif isinstance(event, Suggestion):
            self._suggest(event)
        elif isinstance(event, VoiceActivity):
            self._speech.change(event.speech, self._times.around(event.time_ns).seconds(event.since_ns))
        else:
            self._feel(event)

    def content(self) -> dict[str, Any]:
        """The document; complete when the recording is over."""
        recording, configuration = self._context.recording, self._context.configuration
        utterances = sorted(self._utterances, key=lambda said: (said["start"], said["end"], said["id"]))
        streams = self._times.streams
        speech, robot_speech = (
            spans.until(self._times.end_s) for spans in (self._speech, self._robot_speech)
        )
        return {
            "format": "stalk_ros conversation",
            "version": 1,
            "recording": {
                "name": recording.name,
                "duration": self._times.end_s,
                "problem": recording.problem,
                "streams": [list(stream) for stream in streams],
            },
            "engines": dict(self._context.engines),
            "parameters": {node: _parameters(getattr(configuration, node)) for node in STAGES},
            "speakers": _speakers(utterances),
            "utterances": utterances,
            "speech": speech,
            "robot_speech": robot_speech,
            "silences": list(_silences(streams, [*speech, *robot_speech])),
            "awkwardness": {
                "threshold": configuration.topic_recommender.offer_at,
                "curve": [[*point, list(reasons)] for *point, reasons in sorted(self._curve)],
            },
            "suggestions": sorted(self._suggestions.values(), key=lambda made: (made["time"], made["id"])),
        }

    def _suggest(self, event: Suggestion) -> None:
        stretch = self._times.around(event.time_ns)
        own_id = self._times.own_id(event.suggestion_id, event.time_ns)
        time_s = stretch.seconds(event.time_ns)
        if event.status is SuggestionStatus.WITHDRAWN:
            # Of one that was made before the audio begins nothing is known.
            if own_id in self._suggestions:
                self._suggestions[own_id]["withdrawn"] = time_s
            return
        self._suggestions[own_id] = {
            "id": own_id,
            "time": time_s,
            "withdrawn": None,
            "text": event.text,
            "topic": event.topic,
            "rationale": event.rationale,
            "trigger": event.trigger.name.lower(),
            "awkwardness": rounded(event.awkwardness),
            "addressed_to": list(event.addressed_to),
            "source": event.source,
            "valid_until": stretch.seconds(event.valid_until_ns),
        }

    def _feel(self, state: ConversationState) -> None:
        self._curve.append((self._times.seconds(state.time_ns), rounded(state.awkwardness), state.reasons))


class JsonDocument(Export):
    """Writes a `Document` when it is closed, one utterance, state or parameter per line.

    Args:
        file: where to write.
        context: of the recording.
    """

    def __init__(self, file: IO[str], context: Context) -> None:
        self._file = file
        self._document = Document(context)

    def robot_spoke(self, speaking: bool) -> None:
        """See `Export.robot_spoke`."""
        self._document.robot_spoke(speaking)

    def write(self, event: Event) -> None:
        """See `Export.write`."""
        self._document.write(event)

    def close(self) -> None:
        """See `Export.close`."""
        with self._file:
            self._file.writelines(_json(self._document.content()))
            self._file.write("\n")


class _Spans:
    """When something lasted, out of its beginnings and ends."""

    def __init__(self) -> None:
        self._spans: list[list[float]] = []
        self._since_s: float | None = None

    def change(self, lasts: bool, time_s: float) -> None:
        """It begins or ends at this time, unless that is known already."""
        if lasts and self._since_s is None:
            self._since_s = time_s
        elif not lasts and self._since_s is not None:
            self._spans += [[self._since_s, time_s]] if time_s > self._since_s else []
            self._since_s = None

    def until(self, end_s: float) -> list[list[float]]:
        """All of them; what goes on ends there."""
        if self._since_s is None or self._since_s >= end_s:
            return self._spans
        return [*self._spans, [self._since_s, end_s]]


def _parameters(parameters: Parameters) -> dict[str, dict[str, Any]]:
    return {
        item.name: {"value": getattr(parameters, item.name), "default": item.default}
        for item in dataclasses.fields(parameters)
    }


def _speakers(utterances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who spoke how much, in the order of appearance."""
    speakers: dict[str, dict[str, Any]] = {}
    for said in utterances:
        new = {"id": said["speaker"], "name": None, "talk": 0.0, "share": None, "utterances": 0, "words": 0}
        speaker = speakers.setdefault(said["speaker"], new)
        speaker["name"] = said["name"] or speaker["name"]
        speaker["talk"] = round(speaker["talk"] + said["end"] - said["start"], 3)
        speaker["utterances"] += 1
        speaker["words"] += len(said["words"] or said["text"].split())
    people = [speaker for speaker in speakers.values() if speaker["id"] != ROBOT]
    total_s = sum(speaker["talk"] for speaker in people)
    for speaker in people:
        speaker["share"] = round(speaker["talk"] / total_s, 3) if total_s > 0 else 0.0
    return list(speakers.values())


def _silences(streams: Iterable[tuple[float, float]], sounds: Iterable[list[float]]) -> Iterator[list[float]]:
    """The parts of the streams without a sound that are long enough."""
    ordered = sorted(sounds)
    at, quiet_s = 0, 0.0
    for start_s, end_s in streams:
        quiet_s = max(quiet_s, start_s)
        while at < len(ordered) and ordered[at][0] < end_s:
            if ordered[at][0] - quiet_s >= _SILENCE_S:
                yield [quiet_s, ordered[at][0]]
            quiet_s = max(quiet_s, ordered[at][1])
            at += 1
        if end_s - quiet_s >= _SILENCE_S:
            yield [quiet_s, end_s]


def _json(value: Any, indent: str = "", depth: int = 0) -> Iterator[str]:
    """JSON that can be compared line by line: what is in the first levels has a line each."""
    entries: Iterable[tuple[str, Any]]
    if depth < _DEPTH and value and isinstance(value, dict):
        entries = ((f"{json.dumps(key)}: ", entry) for key, entry in value.items())
        opening, closing = "{}"
    elif depth < _DEPTH and value and isinstance(value, list):
        entries = (("", entry) for entry in value)
        opening, closing = "[]"
        depth = _DEPTH  # its entries have a line each
    else:
        yield json.dumps(value, ensure_ascii=False)
        return
    yield opening
    for number, (key, entry) in enumerate(entries):
        yield f"{',' * (number > 0)}\n{indent}  {key}"
        yield from _json(entry, f"{indent}  ", depth + 1)
    yield f"\n{indent}{closing}"
