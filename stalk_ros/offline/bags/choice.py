"""Which topics of a bag are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.clock import ns_to_seconds
from stalk_ros.errors import UserError
from stalk_ros.offline.bags.foreign import INFO, STAMPED, UNSTAMPED
from stalk_ros.offline.bags.hearing import AUDIO, CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from stalk_ros.offline.bags.storage import Content, Topic

    Topics = Mapping[Topic, Content]

_ROBOT_SPEAKING = "/robot_speaking"
_BOOL = "std_msgs/msg/Bool"
_FOREIGN_FIELD = "int16_data"
_MOST_TOLD = 10


def chosen(path: Path, topics: Topics, name: str) -> Topic:
    """The topic with audio.

    Args:
        path: the bag.
        topics: what it holds.
        name: of the topic; "" = the only one, where a microphone that comes with and without stamps is one.

    Raises:
        UserError: there is none, or several.
    """
    audio = [topic for topic, content in topics.items() if _is_audio(topic, content)]
    if not audio:
        kinds = f"{CHUNK}, or audio_common's of ros-drivers or mgonzs13"
        raise UserError(f"bag '{path}' holds no audio ({kinds}); {_told(topics, topics)}")
    if name:
        named = [topic for topic in audio if topic.name in (name, f"/{name}")]
        if not named:
            raise UserError(f"bag '{path}' has no audio on '{name}'; {_told(audio, topics)}")
        return named[0]
    twins = {topic for topic in audio if topic.type == UNSTAMPED and _stamped(topic) in topics}
    single = [topic for topic in audio if topic not in twins]
    if len(single) > 1:
        raise UserError(
            f"bag '{path}' has several topics with audio: add --topic NAME; {_told(single, topics)}"
        )
    return single[0]


def info_of(path: Path, topics: Topics, audio: Topic) -> Topic | None:
    """The topic that tells the format of a topic of bytes, None = there is none.

    It is the one beside it, or the only one.

    Raises:
        UserError: nobody knows which it is.
    """
    infos = [topic for topic, content in topics.items() if topic.type == INFO and content.count]
    beside = [topic for topic in infos if _namespace(topic) == _namespace(audio)]
    for found in (beside, infos):
        if len(found) == 1:
            return found[0]
    if not infos:
        return None
    names = ", ".join(topic.name for topic in infos)
    raise unknown_format(path, audio, f"{names} may all be it")


def unknown_format(path: Path, audio: Topic, reason: str) -> UserError:
    """What to say where a bag does not tell what the bytes on a topic are."""
    return UserError(f"bag '{path}' does not tell the format of the audio on '{audio.name}': {reason}")


def robot_speech(topics: Topics) -> set[Topic]:
    """Those that tell when the robot speaks: by the usual name, else by one that ends so."""
    found = {topic for topic in topics if topic.type == _BOOL and topic.name.endswith(_ROBOT_SPEAKING[1:])}
    usual = {topic for topic in found if topic.name == _ROBOT_SPEAKING}
    return usual or found


def _is_audio(topic: Topic, content: Content) -> bool:
    # mgonzs13's package has a message of the same name, which nobody publishes alone.
    is_foreign = topic.type == UNSTAMPED and _FOREIGN_FIELD in content.definition
    return topic.type in AUDIO and content.count > 0 and not is_foreign


def _stamped(topic: Topic) -> Topic:
    """Where ros-drivers' capture node publishes the same audio with stamps."""
    return topic._replace(name=f"{topic.name}_stamped", type=STAMPED)


def _namespace(topic: Topic) -> str:
    return topic.name.rpartition("/")[0]


def _told(some: Iterable[Topic], topics: Topics) -> str:
    """A list of topics for people."""
    lines = []
    for topic in sorted(some):
        content = topics[topic]
        length_s = ns_to_seconds(content.end_ns - content.start_ns)
        lines.append(f"{topic.name} ({topic.type}, {content.count} messages, {length_s:.1f} s)")
    more = f" and {len(lines) - _MOST_TOLD} more" if len(lines) > _MOST_TOLD else ""
    return f"there is: {', '.join(lines[:_MOST_TOLD]) or 'nothing'}{more}"
