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

_LEAD = 0.25
"""What the best must have over the second best, as a share of what the threshold lacks to 1."""

_LEAST_WINDOWS = 2
"""A single window resembles other voices too easily."""

_STEEPNESS = 8.0
"""Turns resemblance into confidence: the threshold is worth 50 %, half way from there to 1 is worth 98 %."""


def likeness(profile: Profile, speech: Speech, calibration: Calibration, cohesion: float) -> float:
    """How much speech of a session resembles a person, about 1 for the same voice.

    Args:
        profile: the person, heard in whatever room.
        speech: of one voice.
        calibration: that of the model.
        cohesion: of the session, see `Speech.direction`.
    """
    return float(profile.voice.direction(calibration.cohesion) @ speech.direction(cohesion))


def recognised(
    voice: Speech, profiles: Iterable[Profile], calibration: Calibration, cohesion: float
) -> Profile | None:
    """Whose voice this is; None = unknown."""
    if voice.count < _LEAST_WINDOWS:
        return None
    ranked = sorted(
        ((likeness(profile, voice, calibration, cohesion), profile) for profile in profiles),
        key=lambda pair: -pair[0],
    )
    if not ranked or ranked[0][0] < calibration.same_person:
        return None
    lead = _LEAD * (1.0 - calibration.same_person)
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < lead:
        return None
    return ranked[0][1]


def sureness(resemblance: float, calibration: Calibration) -> float:
    """The confidence, in [0, 1], that somebody who is taken for a person is that person."""
    over = (resemblance - calibration.same_person) / (1.0 - calibration.same_person)
    return float(1.0 / (1.0 + np.exp(-_STEEPNESS * over)))
