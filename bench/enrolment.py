"""Whether people enrolled from five seconds are recognised in other recordings, and strangers are not.

Each person who speaks in more than one recording is enrolled from each of them in turn, by the first five
seconds that nobody else talks into. Every other recording is then a session of its own, with the utterances
of the real voice activity: with everybody enrolled, and for each person with everybody else but that one.
What counts are the utterances of 1.5 s or more, as they are published, and who says most of each.

Recordings that are put together from the same sentences make it too easy: what shares audio with the
enrolment is told apart, by correlation, and the second line is without it. In the lines that follow, people
are enrolled as they are and come back louder, in noise or by telephone (see `conditions`).
"""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import stage
import tables
import takes
import truth
from conditions import CONDITIONS
from scipy.signal import correlate

from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.clock import ns_to_seconds, seconds_to_ns
from stalk_ros.events import Utterance
from stalk_ros.speakers import SpeakerParameters, SpeakerStage
from stalk_ros.speakers.profiles.store import ProfileStore

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from takes import Audio, Take

    from stalk_ros.speakers import SpeakerEmbedder
    from stalk_ros.speakers.profiles.profile import Profile

ENROLLED_S = 5.0
LEAST_S = 1.5
_SHARED = 0.25
"""Speech that correlates more than this with other speech is in part the same recording."""

RIGHT, UNKNOWN, WRONG = "right", "unknown", "wrong"


@dataclass(frozen=True)
class Enrolled:
    """A person as enrolled from one recording, with the speech it is known by."""

    person: str
    path: Path
    audio: Audio
    profile: Profile


@dataclass(frozen=True)
class Outcome:
    """What became of an utterance of somebody enrolled or of a stranger; whether it was itself enrolled."""

    person: str
    stranger: bool
    outcome: str
    repeated: bool


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    engine = takes.Remembering(takes.engine(options))
    recorded = takes.chosen(options.data)
    people = enrolled(recorded, engine)
    if not people:
        print("nobody speaks for long enough in two recordings")
        return
    tables.head(
        *("sessions", "people", "utterances of enrolled people", "recognised %", "unknown %", "wrong name %"),
        *("of strangers", "taken for somebody enrolled %"),
    )
    for condition, alter in CONDITIONS.items():
        heard = [takes.take(take.path, alter(take)) for take in recorded]
        outcomes = measure(people, heard, engine)
        _row(condition, outcomes)
        if alter is CONDITIONS["as it is"]:
            _row("other sentences than enrolled", [outcome for outcome in outcomes if not outcome.repeated])


def enrolled(recorded: Sequence[Take], engine: SpeakerEmbedder) -> list[list[Enrolled]]:
    """Everybody who speaks enough in more than one recording, as enrolled from each of them."""
    people: dict[str, list[Enrolled]] = {}
    for take in recorded:
        for person in sorted({turn.speaker for turn in truth.turns(take.path, take.duration_s)}):
            audio = _alone(take, person)
            if len(audio) >= ENROLLED_S * SAMPLE_RATE_HZ:
                known = Enrolled(person, take.path, audio, _profile(person, audio, engine))
                people.setdefault(person, []).append(known)
    return [known for known in people.values() if len(known) > 1]


def measure(people: list[list[Enrolled]], session: Sequence[Take], engine: SpeakerEmbedder) -> list[Outcome]:
    """Enrol everybody from each recording in turn, and see who is recognised in the others."""
    return [
        outcome
        for fold, take in itertools.product(range(max(map(len, people))), session)
        for outcome in _outcomes(take, [known[fold % len(known)] for known in people], engine)
    ]


def _outcomes(take: Take, everybody: list[Enrolled], engine: SpeakerEmbedder) -> Iterator[Outcome]:
    """What becomes of the utterances of those who were enrolled from another recording."""
    others = [enrolled for enrolled in everybody if enrolled.path != take.path]
    heard = _session(take, everybody, engine)
    for enrolled in others:
        yield from _judged(take, heard, enrolled, stranger=False)
        if any(_speaker(take, part) == enrolled.person for part in heard):
            without = _session(take, [other for other in everybody if other is not enrolled], engine)
            yield from _judged(take, without, enrolled, stranger=True)


def _judged(take: Take, heard: list[Utterance], enrolled: Enrolled, stranger: bool) -> Iterator[Outcome]:
    for part in heard:
        if _speaker(take, part) == enrolled.person:
            outcome = (
                RIGHT if part.speaker_name == enrolled.person else WRONG if part.speaker_name else UNKNOWN
            )
            yield Outcome(enrolled.person, stranger, outcome, _shared(enrolled.audio, _clip(take, part)))


def _session(take: Take, enrolled: list[Enrolled], engine: SpeakerEmbedder) -> list[Utterance]:
    """The utterances that are long enough, as they are published."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        ProfileStore(path, engine.model_id).add([each.profile for each in enrolled])
        (settled,) = takes.attributed(SpeakerStage(SpeakerParameters(store=str(path)), engine), [take])
    utterances = (item.utterance for item in settled)
    return [said for said in utterances if said.end_ns - said.start_ns >= seconds_to_ns(LEAST_S)]


def _profile(person: str, audio: Audio, engine: SpeakerEmbedder) -> Profile:
    """What five seconds of a person leave in a store."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        speakers = SpeakerStage(SpeakerParameters(store=str(path)), engine)
        for block in stage.blocks(audio):
            speakers.hear(block)
        speakers.attribute(Utterance("u", 0, seconds_to_ns(ENROLLED_S), "words"))
        speakers.enrolments.from_last(person, 0.0)
        return ProfileStore(path, engine.model_id).named(person)


def _alone(take: Take, person: str) -> Audio:
    """The first seconds of a person that nobody else talks into, at most those that are wanted."""
    spoken = truth.turns(take.path, take.duration_s)
    pieces = []
    for turn in spoken:
        others = (other for other in spoken if other.speaker != turn.speaker)
        if turn.speaker == person and not any(
            other.start_s < turn.end_s and turn.start_s < other.end_s for other in others
        ):
            pieces.append(take.audio[_sample(turn.start_s) : _sample(turn.end_s)])
    return np.concatenate([*pieces, take.audio[:0]])[: _sample(ENROLLED_S)]


def _speaker(take: Take, part: Utterance) -> str:
    """Who says most of an utterance."""
    start_s, end_s = ns_to_seconds(part.start_ns), ns_to_seconds(part.end_ns)
    spoken_s: Counter[str] = Counter({"": 1e-9})
    for turn in truth.turns(take.path, take.duration_s):
        spoken_s[turn.speaker] += max(0.0, min(end_s, turn.end_s) - max(start_s, turn.start_s))
    return spoken_s.most_common(1)[0][0]


def _clip(take: Take, part: Utterance) -> Audio:
    return take.audio[_sample(ns_to_seconds(part.start_ns)) : _sample(ns_to_seconds(part.end_ns))]


def _shared(one: Audio, other: Audio) -> bool:
    peak = np.abs(correlate(one, other, method="fft")).max()
    return bool(peak > _SHARED * np.linalg.norm(one) * np.linalg.norm(other))


def _sample(time_s: float) -> int:
    return round(time_s * SAMPLE_RATE_HZ)


def _row(name: str, outcomes: list[Outcome]) -> None:
    known = Counter(outcome.outcome for outcome in outcomes if not outcome.stranger)
    strange = Counter(outcome.outcome for outcome in outcomes if outcome.stranger)
    tables.row(
        name,
        len({outcome.person for outcome in outcomes}),
        known.total(),
        *(tables.percent(known[outcome] / max(1, known.total())) for outcome in (RIGHT, UNKNOWN, WRONG)),
        strange.total(),
        tables.percent(strange[WRONG] / max(1, strange.total())),
    )
