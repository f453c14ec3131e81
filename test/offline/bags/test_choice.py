from __future__ import annotations

from pathlib import Path

import pytest

from stalk_ros.errors import UserError
from stalk_ros.offline.bags.choice import chosen
from stalk_ros.offline.bags.storage import Content, Topic

BAG = Path("talk")
CHUNK = "stalk_ros/msg/AudioChunk"
LEFT, RIGHT = Topic("/left/audio", CHUNK), Topic("/right/audio", "audio_common_msgs/msg/AudioStamped")
POSE = Topic("/tf", "tf2_msgs/msg/TFMessage")


def content(count: int = 600) -> Content:
    return Content(count, 10**18, 10**18 + 59_900_000_000)


def test_the_only_topic_with_audio_is_taken() -> None:
    empty = Topic("/right/audio", CHUNK)
    assert chosen(BAG, {POSE: content(), LEFT: content(), empty: content(0)}, "") == LEFT


def test_of_several_one_must_be_named() -> None:
    topics = {RIGHT: content(300), POSE: content(), LEFT: content()}
    with pytest.raises(UserError) as caught:
        chosen(BAG, topics, "")
    assert str(caught.value) == (
        "bag 'talk' has several topics with audio: add --topic NAME; there is: "
        "/left/audio (stalk_ros/msg/AudioChunk, 600 messages, 59.9 s), "
        "/right/audio (audio_common_msgs/msg/AudioStamped, 300 messages, 59.9 s)"
    )
    assert chosen(BAG, topics, "/right/audio") == RIGHT
    assert chosen(BAG, topics, "left/audio") == LEFT


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(UserError, match=r"no audio on '/tf'; there is: /left/audio \("):
        chosen(BAG, {POSE: content(), LEFT: content()}, "/tf")


def test_without_audio_the_first_topics_are_told() -> None:
    many = {Topic(f"/joint{number:02}", "sensor_msgs/msg/JointState"): content() for number in range(12)}
    with pytest.raises(
        UserError, match=r"holds no audio .*/joint00 \(sensor.*/joint09 \([^)]*\) and 2 more$"
    ):
        chosen(BAG, many, "")
    with pytest.raises(UserError, match=r"there is: nothing$"):
        chosen(BAG, {}, "")
