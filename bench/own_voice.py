"""Whether the robot's own voice is told from people where nobody says when the robot speaks.

People say the sample conversation; whatever is offered to the robot it says, by espeak-ng, and people are
silent until it has. Prints a row for each voice of the robot, how soon it speaks and how loud: how many of
its utterances are its own, and how many of people's are not. With --dialogues also how many turns of people
repeat a question of the topic bank by chance.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dialogues
import numpy as np
import soundfile
import tables
import yaml
from talking_robot import Robot, meet

import stalk_ros.topics.languages
from stalk_ros.audio import SAMPLE_RATE_HZ
from stalk_ros.events import ROBOT, Suggestion, SuggestionStatus, Trigger, Utterance
from stalk_ros.offline.configuration import Configuration
from stalk_ros.offline.conversation import Conversation
from stalk_ros.speakers.echo import Echo

if TYPE_CHECKING:
    from argparse import Namespace

SAMPLE = Path(__file__).parents[1] / "samples" / "conversation.flac"
QUESTIONS = Path(stalk_ros.topics.languages.__path__[0]) / "en" / "questions.yaml"
_END_S = 5.0
_CONDITIONS = (
    ("en", 0.4, 0.5),
    ("en-us", 0.4, 0.5),
    ("en-us", 2.0, 0.5),
    ("en-us", 0.4, 0.1),
    ("en-us+f3", 0.4, 0.5),
    ("en-gb-scotland+m5", 0.4, 0.5),
)
_EVERY = 7
_QUESTIONS = 3


def report(options: Namespace) -> None:
    """Measure, and print what came out."""
    people, _ = soundfile.read(SAMPLE, dtype="float32")
    people = np.concatenate([people, np.zeros(round(_END_S * SAMPLE_RATE_HZ), np.float32)])
    tables.head(
        "voice", "delay s", "gain", "the robot's utterances", "known as such", "people's", "known as such"
    )
    for condition in _CONDITIONS:
        conversation = Conversation(Configuration())
        heard = meet(Robot(*condition), people, conversation)
        conversation.close()
        robot = [item.utterance.speaker_id == ROBOT for item in heard if item.robot_share > 0.5]
        person = [item.utterance.speaker_id != ROBOT for item in heard if item.robot_share <= 0.5]
        tables.row(*condition, len(robot), sum(robot), len(person), sum(person))
    if options.dialogues:
        _repeated(options)


def _repeated(options: Namespace) -> None:
    """Count turns that repeat, by chance, a question that might just have been offered."""
    areas = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))["general"]
    questions = [question for area in areas.values() for question in area]
    turns = [row.text for dialogue in dialogues.load(options) for row in dialogue.rows if row.text.strip()]
    rng = np.random.default_rng(0)
    tried = found = 0
    for text in turns[::_EVERY]:
        for number in rng.choice(len(questions), _QUESTIONS, replace=False):
            echo = Echo()
            echo.offered(_offer(questions[number]))
            # Said too late to be the robot's by that alone, with a voice that is nobody's yet.
            turn = Utterance("u", 6 * 10**9, 9 * 10**9, text, speaker_confidence=1.0)
            tried += 1
            found += echo.told_apart(turn, turn, voice=0)[0][1]
    print(f"\n{found} of {tried} pairs of a turn and a question are taken for the robot's words.")


def _offer(text: str) -> Suggestion:
    return Suggestion(
        0, "t0", SuggestionStatus.OFFERED, text, "en", "", "", (), Trigger.SILENCE, 0.7, 1.0, "", 10 * 10**9
    )
