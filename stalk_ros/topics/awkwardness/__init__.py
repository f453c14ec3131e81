"""How stalled a conversation is, in cues that people can read, and when that calls for a suggestion."""

from stalk_ros.topics.awkwardness.cues import (
    Cue,
    hesitation_cue,
    minimal_responses_cue,
    one_sided_cue,
    repetition_cue,
    silence_cue,
    unanswered_question_cue,
)
from stalk_ros.topics.awkwardness.lapse import lapse_s
from stalk_ros.topics.awkwardness.score import Awkwardness, Judgement

__all__ = [
    "Awkwardness",
    "Cue",
    "Judgement",
    "hesitation_cue",
    "lapse_s",
    "minimal_responses_cue",
    "one_sided_cue",
    "repetition_cue",
    "silence_cue",
    "unanswered_question_cue",
]
