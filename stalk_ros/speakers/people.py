"""Who the voices of a session are: ids for all, names for those that are enrolled.

Enrolled people are absent until a voice of the session is recognised as one of them; from then on that voice
has the id and the name of the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.clock import seconds_to_ns
from stalk_ros.errors import UserError
from stalk_ros.speakers.enrolment import enrolled, require_enough
from stalk_ros.speakers.numbers import Numbers
from stalk_ros.speakers.profiles.profile import called, names, same_name, speaker_id
from stalk_ros.speakers.recognition import certain, doubtful, likeness, recognised, sureness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stalk_ros.events import Utterance
    from stalk_ros.speakers.embedding import Calibration
    from stalk_ros.speakers.profiles.profile import Profile
    from stalk_ros.speakers.profiles.store import ProfileStore
    from stalk_ros.speakers.resemblance import Speech

_LEARN_CONFIDENCE = 0.8
"""Attributed with less than this, an utterance teaches nothing about the person."""

_ENOUGH = 3
"""Windows without which an utterance tells nothing of its own about who speaks."""

_SAVE_EVERY_NS = seconds_to_ns(60.0)


class People:
    """The voices of one session and the people in a store; one thread at a time calls it.

    A store that cannot be used does not stop the session: ``problem`` says why, and nobody is recognised.

    Args:
        store: who is enrolled.
        calibration: that of the model.
        owner: name of the one person who is to be recognised, "" = everybody.

    Attributes:
        owner: may be changed at any time.
        problem: why enrolled voices cannot be read or kept, "" = they can.
    """

    def __init__(self, store: ProfileStore, calibration: Calibration, owner: str = "") -> None:
        self.owner = owner
        self.problem = ""
        self._store = store
        self._elsewhere = store.others()
        self._calibration = calibration
        self._voices: Mapping[int, Speech] = {}
        self._cohesion = calibration.cohesion
        self._profiles: dict[int, Profile] = {}
        self._who: dict[int, int] = {}
        self._enrolled_here: set[int] = set()
        self._numbers = Numbers()
        self._lessons: dict[int, Speech] = {}
        self._learnt_ns = self._saved_ns = 0
        self._refresh()

    def __len__(self) -> int:
        """How many people are enrolled."""
        return len(self._profiles)

    @property
    def warning(self) -> str:
        """What keeps people from being recognised, "" = nothing."""
        people = self._profiles.values()
        if self.problem:
            return self.problem
        if self._elsewhere and not people:
            return (
                f"nobody is enrolled for the model in use, but '{self._elsewhere[0]}' holds voices of another"
                " one: enrol everybody again, or choose that model"
            )
        if self.owner and not called(people, self.owner):
            return f"parameter 'owner': nobody is called '{self.owner}'; {names(people)}"
        return ""

    def meet(self, voices: Mapping[int, Speech], cohesion: float) -> None:
        """See whether somebody is to be recognised; the others are numbered when they are asked for.

        Args:
            voices: what has been heard of each voice of the session, by its index, in order of appearance.
            cohesion: of the session, see `Speech.direction`.
        """
        self._refresh()
        self._leave_out_strange(voices)
        self._voices, self._cohesion = voices, cohesion
        self._who = {
            voice: key for voice, key in self._who.items() if self._still(voice, self._profiles[key])
        }
        for voice, speech in voices.items():
            if voice not in self._who:
                profile = recognised(speech, self._profiles.values(), self._calibration, cohesion)
                if profile and self._wanted(profile) and self._claims(voice, profile):
                    self._who[voice] = profile.key

    def same(self, voice: int) -> int:
        """The first of the voices that belong to the same person."""
        key = self._who.get(voice)
        return next((other for other, whose in self._who.items() if whose == key), voice)

    def alike(self, one: int, other: int) -> bool:
        """Whether two voices may well be of one person, even if none is enrolled."""
        resemblance = likeness(self._voices[one], self._voices[other], self._calibration, self._cohesion)
        return resemblance >= self._calibration.same_person

    def known(self, voice: int) -> bool:
        """Whether there still is such a voice: one can turn out to be another."""
        return voice in self._voices

    def enrolled(self, voice: int) -> bool:
        """Whether a voice is that of somebody who is enrolled."""
        return voice in self._who

    def numbered(self, voice: int) -> bool:
        """Whether a voice has got an id: it has said something that was not the robot's."""
        return voice in self._who or self._numbers.has(voice)

    def speaker_id(self, voice: int) -> str:
        """The id of a voice, from now on if it had none."""
        return speaker_id(self._number(voice))

    def named(self, utterance: Utterance, voice: int, speech: Speech) -> tuple[str, float]:
        """The name of an utterance's speaker and how sure it is.

        Args:
            utterance: with its confidence that it is of this voice.
            voice: the voice.
            speech: what there is of it in the utterance.
        """
        if voice not in self._who:
            return "", utterance.speaker_confidence
        person = self._profiles[self._who[voice]]
        # The utterance itself has the last word, if it is long enough.
        resemblance = self._likeness(person, speech if speech.count >= _ENOUGH else self._voices[voice])
        return person.name, utterance.speaker_confidence * sureness(resemblance, self._calibration)

    def learn(self, utterance: Utterance, voice: int, speech: Speech) -> None:
        """Follow a person's voice, if there is no doubt that it is heard alone in a final utterance.

        What was learnt is forgotten with the session, unless `keep` or `save` is called.
        """
        key = self._who.get(voice)
        if (
            key is not None
            and not utterance.overlapped
            and utterance.speaker_confidence >= _LEARN_CONFIDENCE
            and speech.count >= _ENOUGH
            and self._beyond_doubt(self._profiles[key], speech)
            and self._beyond_doubt(self._profiles[key], self._voices[voice])
        ):
            known = self._lessons.get(key)
            self._lessons[key] = known + speech if known else speech
            self._learnt_ns = utterance.end_ns

    def keep(self) -> None:
        """Write down what was learnt, every so often."""
        if abs(self._learnt_ns - self._saved_ns) >= _SAVE_EVERY_NS:
            self.save()

    def save(self) -> None:
        """Write down what was learnt of those who are enrolled."""
        self._saved_ns = self._learnt_ns
        if not self._lessons:
            return
        try:
            self._store.learn(self._lessons, self._learnt_ns)
        except UserError as error:
            self.problem = str(error)
            return
        self._lessons.clear()
        self.problem = ""

    def enrol(self, voice: int, name: str, time_ns: int) -> str:
        """Remember a voice of this session under a name; returns its id.

        Raises:
            UserError: there is too little of it, it is somebody else's, or it cannot be kept.
        """
        if voice not in self._voices:
            raise UserError("that voice has turned out to be another one: choose something said since")
        speech = self._voices[voice]
        require_enough(speech, self._calibration)
        taken_for = self._profiles.get(self._who.get(voice, -1))
        renamed = taken_for is not None and same_name(taken_for.name) != same_name(name)
        number = self._numbers.of_voice(voice) if renamed else self._number(voice)
        others = [other for other in self._profiles.values() if same_name(other.name) != same_name(name)]
        if number in map(self._numbers.of_person, others):
            # Somebody else was enrolled by this voice, which has turned out to be another one since.
            self._numbers.renew(voice)
            number = self._numbers.of_voice(voice)
        profile = enrolled(self._store, name, speech, number, time_ns, self._calibration, self._cohesion)
        if profile.key not in self._profiles:
            # Whatever number the store had left: in this session it is the one that is known.
            self._numbers.give(profile, number)
            # Another thread may be looking at the old ones.
            self._profiles = {**self._profiles, profile.key: profile}
        # What was learnt of this voice is part of what was enrolled.
        self._lessons.pop(profile.key, None)
        self._who[voice] = profile.key
        self._enrolled_here.add(voice)
        self._refresh()
        return self.speaker_id(voice)

    def rename(self, speaker: str, name: str) -> None:
        """Give an enrolled voice another name.

        Raises:
            UserError: there is no such voice, the name is another's, or it cannot be kept.
        """
        _, profile = self._found(speaker)
        if profile is None:
            raise UserError(f"'{speaker}' is not enrolled: enrol that voice to give it a name")
        self._store.rename(profile.key, name)
        self._refresh()

    def forget(self, speaker: str) -> list[int]:
        """Delete what is known of a person; returns the voices that are to be forgotten as well.

        Raises:
            UserError: there is no such voice, or the file cannot be written.
        """
        voices, profile = self._found(speaker)
        if profile is not None:
            self._store.forget(profile.key)
        self._voices = {voice: speech for voice, speech in self._voices.items() if voice not in voices}
        for voice in voices:
            self._who.pop(voice, None)
            self._numbers.renew(voice)
        self._refresh()
        return voices

    def listed(self) -> list[tuple[str, str]]:
        """Ids and names of those who are enrolled; then of others that were heard, whose names are ""."""
        self._refresh()
        people = [
            (speaker_id(self._numbers.of_person(profile)), profile.name)
            for profile in self._profiles.values()
        ]
        enrolled = {speaker for speaker, _ in people}
        heard = dict.fromkeys(self.speaker_id(voice) for voice in self._voices if self.numbered(voice))
        return people + [(speaker, "") for speaker in heard if speaker not in enrolled]

    def _refresh(self) -> None:
        """Take note of what this or another process has changed."""
        if not self._store.changed():
            return
        try:
            profiles = self._store.profiles()
        except UserError as error:
            self.problem = str(error)
            return
        self.problem = ""
        self._profiles = {profile.key: profile for profile in profiles}
        self._numbers.reserve(profile.number for profile in profiles)
        self._who = {voice: key for voice, key in self._who.items() if key in self._profiles}
        self._lessons = {key: heard for key, heard in self._lessons.items() if key in self._profiles}

    def _leave_out_strange(self, voices: Mapping[int, Speech]) -> None:
        """Recognise nobody by profiles that cannot be of the model."""
        sizes = {len(speech.total) for speech in voices.values()}
        if any(len(profile.voice.total) not in sizes for profile in self._profiles.values()) and sizes:
            self.problem = (
                f"the voices in '{self._store.path}' are not of the model that they name, by the size of"
                " their embeddings: move the file away and enrol everybody again"
            )
            self._profiles, self._who = {}, {}

    def _wanted(self, profile: Profile) -> bool:
        return not self.owner or same_name(profile.name) == same_name(self.owner)

    def _still(self, voice: int, profile: Profile) -> bool:
        """Whether a voice goes on being the person for whom it was taken."""
        if not self._wanted(profile) or voice not in self._voices:
            return False
        resemblance = self._likeness(profile, self._voices[voice])
        return voice in self._enrolled_here or not doubtful(resemblance, self._calibration)

    def _claims(self, voice: int, profile: Profile) -> bool:
        """Whether a voice may be a person whom other voices are taken for.

        Where one of two is that person beyond doubt and the other is not, the other one is somebody else.
        """
        own = self._beyond_doubt(profile, self._voices[voice])
        for rival in [other for other, key in self._who.items() if key == profile.key]:
            other = rival in self._enrolled_here or self._beyond_doubt(profile, self._voices[rival])
            if other and not own:
                return False
            if own and not other:
                del self._who[rival]
        return True

    def _likeness(self, profile: Profile, speech: Speech) -> float:
        return likeness(profile.voice, speech, self._calibration, self._cohesion)

    def _beyond_doubt(self, profile: Profile, speech: Speech) -> bool:
        return certain(self._likeness(profile, speech), self._calibration)

    def _found(self, speaker: str) -> tuple[list[int], Profile | None]:
        """The voices and the person with this id."""
        self._refresh()
        for profile in self._profiles.values():
            if speaker_id(self._numbers.of_person(profile)) == speaker:
                return [voice for voice, key in self._who.items() if key == profile.key], profile
        for voice in self._voices:
            known = self._numbers.has(voice) and voice not in self._who
            if known and self.speaker_id(voice) == speaker:
                return [voice], None
        listed = ", ".join(known for known, _ in self.listed())
        raise UserError(f"there is no voice '{speaker}'; there are: {listed or 'none yet'}")

    def _number(self, voice: int) -> int:
        key = self._who.get(voice)
        return self._numbers.of_voice(voice) if key is None else self._numbers.of_person(self._profiles[key])
