"""Whether a voice is that of somebody who is enrolled.

A voice is compared as a whole, so the more has been said the surer it is. It is somebody's when it resembles
that person's profile by the threshold of the model's calibration, and clearly more than it resembles the
profile of anybody else: two people who sound alike are better left unknown than mistaken for each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stalk_ros.speakers.embedding import Calibration
    from stalk_ros.speakers.profiles.profile import Profile
    from stalk_ros.speakers.resemblance import Speech

_LEAD = 0.1
"""What the best must have over the second best, as a share of what the threshold lacks to 1."""

_HOLD = 0.1
"""By this share, somebody who was recognised may resemble the person less as more is heard."""

_LEAST_WINDOWS = 2
"""A single window resembles other voices too easily."""

_STEEPNESS = 8.0
"""Turns resemblance into confidence: the threshold is worth 50 %, half way from there to 1 is worth 98 %."""


def likeness(known: Speech, speech: Speech, calibration: Calibration, cohesion: float) -> float:
    """How much speech of a session resembles other speech, about 1 for the same voice.

    Args:
        known: of one voice, heard in whatever room.
        speech: of one voice.
        calibration: that of the model.
        cohesion: of the session, see `Speech.direction`.
    """
    return float(known.direction(calibration.cohesion) @ speech.direction(cohesion))


def recognised(
    voice: Speech, profiles: Iterable[Profile], calibration: Calibration, cohesion: float
) -> Profile | None:
    """Whose voice this is; None = unknown."""
    if voice.count < _LEAST_WINDOWS:
        return None
    ranked = sorted(
        ((likeness(profile.voice, voice, calibration, cohesion), profile) for profile in profiles),
        key=lambda pair: -pair[0],
    )
    if not ranked or ranked[0][0] < calibration.same_person:
        return None
    lead = _LEAD * (1.0 - calibration.same_person)
    return None if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < lead else ranked[0][1]


def doubtful(resemblance: float, calibration: Calibration) -> bool:
    """Whether a voice that was recognised resembles the person too little after all."""
    return resemblance < calibration.same_person - _HOLD * (1.0 - calibration.same_person)


def certain(resemblance: float, calibration: Calibration) -> bool:
    """Whether there is no doubt that a voice is that of a person."""
    return resemblance >= (1.0 + calibration.same_person) / 2.0


def sureness(resemblance: float, calibration: Calibration) -> float:
    """The confidence, in [0, 1], that somebody who is taken for a person is that person."""
    over = (resemblance - calibration.same_person) / (1.0 - calibration.same_person)
    return float(1.0 / (1.0 + np.exp(-_STEEPNESS * over)))
