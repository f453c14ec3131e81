"""Remembering a voice under a name: what is enough speech, and whose it must not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.backends import backend_class
from stalk_ros.errors import UserError
from stalk_ros.speakers.backends import BACKENDS
from stalk_ros.speakers.profiles.profile import called
from stalk_ros.speakers.profiles.store import ProfileStore, store_path
from stalk_ros.speakers.recognition import certain, likeness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stalk_ros.speakers.embedding import Calibration
    from stalk_ros.speakers.parameters import SpeakerParameters
    from stalk_ros.speakers.profiles.profile import Profile
    from stalk_ros.speakers.resemblance import Speech

LEAST_S = 3.0
"""Nobody can be enrolled from less speech than this."""


def open_store(parameters: SpeakerParameters) -> ProfileStore:
    """The store of a stage with these parameters; where they name the file, no engine is needed to find it.

    Raises:
        UserError: the engine that would be used is missing.
    """
    if parameters.store:
        return ProfileStore(store_path(parameters.store, ""), "")
    engine = backend_class("diarization", BACKENDS, parameters.backend, parameters)
    model_id = engine(parameters).model_id
    return ProfileStore(store_path("", model_id), model_id)


def require_enough(speech: Speech, calibration: Calibration) -> None:
    """Refuse to know somebody by too little speech.

    Raises:
        UserError: it is too little.
    """
    # Windows overlap by half.
    speech_s = (speech.count + 1) * calibration.window_s / 2
    if speech_s < LEAST_S:
        raise UserError(
            f"{speech_s:.1f} s of one voice are too little to know it by: {LEAST_S:.0f} s are needed"
        )


def enrolled(
    store: ProfileStore,
    name: str,
    speech: Speech,
    number: int,
    time_ns: int,
    calibration: Calibration,
    cohesion: float,
) -> Profile:
    """Remember speech under a name, unless it is clearly somebody else's.

    Args:
        store: where to keep it.
        name: of the person, who may be enrolled already.
        speech: of this voice only.
        number: the number the person should have.
        time_ns: audio time.
        calibration: that of the model.
        cohesion: of the session, see `Speech.direction`.

    Raises:
        UserError: the voice is enrolled under another name, the name belongs to another voice, or it cannot
            be kept.
    """

    def check(profiles: Sequence[Profile]) -> None:
        known = called(profiles, name)
        # As far below the threshold as one's own voice is above it: another room, but not another voice.
        least = 2.0 * calibration.same_person - 1.0
        for profile in profiles:
            resemblance = likeness(profile.voice, speech, calibration, cohesion)
            if profile is known and resemblance < least:
                raise UserError(
                    f"this voice does not resemble that of '{profile.name}', who is enrolled: take another "
                    "name, or forget the other voice first"
                )
            if profile is not known and certain(resemblance, calibration):
                raise UserError(
                    f"this voice is enrolled as '{profile.name}' ({profile.speaker_id}): rename or forget it "
                    "first"
                )

    return store.enrol(name, speech, number, time_ns, check)
