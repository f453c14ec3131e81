"""A robot with the voice of espeak-ng, which nobody mutes."""

from __future__ import annotations

from bench.talking_robot import Robot, meet
from stalk_ros.events import ROBOT
from stalk_ros.offline.configuration import Configuration
from stalk_ros.offline.conversation import Conversation

UNTIL = 48 * 16_000
"""The sample up to a while after its first lapse."""


def test_the_robot_is_told_from_people_and_takes_nobodys_number(sample_audio) -> None:
    conversation = Conversation(Configuration())
    heard = meet(Robot("en-us", delay_s=0.4, gain=0.5), sample_audio[:UNTIL], conversation)
    conversation.close()
    robot = [item.utterance.speaker_id for item in heard if item.robot_share > 0.5]
    people = [item.utterance.speaker_id for item in heard if item.robot_share <= 0.5]
    assert robot == [ROBOT]
    assert set(people) == {"S1", "S2", "S3"}
    assert heard.index(next(item for item in heard if item.robot_share > 0.5)) < len(heard) - 1
