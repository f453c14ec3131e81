"""What an engine is asked, and what people are told whom nobody answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stalk_ros.topics.languages import LANGUAGES, primary
from stalk_ros.topics.recommender import TopicRequest

if TYPE_CHECKING:
    from stalk_ros.events import Trigger
    from stalk_ros.topics.memory import Memory


def request(memory: Memory, trigger: Trigger, tag: str, repeatable_ns: int) -> TopicRequest:
    """Asks for something to say.

    Args:
        memory: the conversation.
        trigger: why something should be said.
        tag: BCP 47 tag of the language to answer in.
        repeatable_ns: a topic that was suggested before this audio time may be suggested again.
    """
    return TopicRequest(
        tuple(memory.turns),
        primary(tag),
        trigger,
        memory.summary,
        memory.threads(),
        memory.questions(),
        memory.names,
        memory.quiet_speakers(),
        memory.suggested_texts,
        memory.suggested_topics(repeatable_ns),
        memory.liked(),
    )


def not_a_tag(text: str) -> str:
    """Why a request in such a language is refused."""
    return f"'{text:.40}' is no BCP 47 tag; write 'ko' or 'en-US', or nothing for the language of the talk"


def nothing(tag: str) -> str:
    """Why there is no suggestion in a language when no engine had one."""
    if primary(tag) in LANGUAGES:
        return "there is nothing new to suggest"
    return (
        f"there is nothing to suggest in '{tag}': questions come in {', '.join(LANGUAGES)}; for another "
        "language set parameter 'bank' or 'prompts'"
    )
