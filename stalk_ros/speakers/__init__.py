"""Speakers: who said what."""

from stalk_ros.speakers.embedding import Calibration, SpeakerEmbedder
from stalk_ros.speakers.enrolment import open_store
from stalk_ros.speakers.parameters import SpeakerParameters
from stalk_ros.speakers.profiles.exchange import read_profiles, write_profiles
from stalk_ros.speakers.profiles.profile import Profile
from stalk_ros.speakers.profiles.store import ProfileStore
from stalk_ros.speakers.stage import SpeakerStage

__all__ = [
    "Calibration",
    "Profile",
    "ProfileStore",
    "SpeakerEmbedder",
    "SpeakerParameters",
    "SpeakerStage",
    "open_store",
    "read_profiles",
    "write_profiles",
]
