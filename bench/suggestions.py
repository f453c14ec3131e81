"""What the topic bank says in 40 English lapses and 15 Korean ones, for people to read.

The memory hears each talk up to its lapses, and what the bank says there passes the checks, as in the stage.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import dialogues
import topic_shift
import yaml

from stalk_ros.events import Trigger, Utterance
from stalk_ros.topics import TopicParameters
from stalk_ros.topics.asking import request
from stalk_ros.topics.backends.topic_bank import TopicBank
from stalk_ros.topics.checks import Checks
from stalk_ros.topics.drafting import Drafter
from stalk_ros.topics.memory import Memory
from stalk_ros.topics.offers import Offers

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from dialogues import Dialogue

    from stalk_ros.topics import Draft

ROOT = Path(__file__).parents[1]
SHOWN = 3
"""Turns of context."""

CONSULTATIONS, CHATS, CHAT_TURNS = 10, 26, 11
"""Of primock57 and tiage, the first ones, each cut once: at its longest silence, and after so many turns."""

CHATTERS = {"A": "Ann", "B": "Ben"}
"""Names for the people of every second chat."""


@dataclass(frozen=True)
class Talk:
    """A conversation that lapses after so many turns; of people who are enrolled by ``names``."""

    source: str
    language: str
    turns: tuple[Utterance, ...]
    lapses: tuple[int, ...]
    names: dict[str, str] = field(default_factory=dict)


def report(options: Namespace) -> None:
    """Print each suggestion under the last turns before it."""
    english = [_sample(), *_consultations(options), *_chats(options)]
    print("### English\n")
    _print(english)
    print("### Korean\n")
    _print([_korean()])


def _print(talks: list[Talk]) -> None:
    said: list[str] = []
    for talk in talks:
        for lapse, draft in _suggestions(talk, said):
            said.append(draft.text)
            print(_entry(len(said), talk, lapse, draft))


def _suggestions(talk: Talk, said: list[str]) -> Iterator[tuple[int, Draft]]:
    """What is said in each lapse, and not in ``said``."""
    parameters = TopicParameters()
    bank = TopicBank(parameters)
    memory, drafter, offers = Memory(), Drafter(bank, bank, Checks()), Offers()
    heard = 0
    for lapse in talk.lapses:
        for turn in talk.turns[heard:lapse]:
            memory.add(replace(turn, speaker_name=talk.names.get(turn.speaker_id, "")))
        heard = lapse
        asked = request(memory, Trigger.SILENCE, talk.language, repeatable_ns=0)
        drafter.begin(replace(asked, avoid_texts=tuple(said)), parameters.budget_s)
        drafted = drafter.take()
        assert drafted is not None, f"nothing to say in {talk.source}"
        draft, source = drafted
        offer = offers.make(
            draft,
            source,
            time_ns=talk.turns[lapse - 1].end_ns,
            language=talk.language,
            trigger=Trigger.SILENCE,
            awkwardness=1.0,
            valid_s=parameters.valid_s,
        )
        memory.suggested(offer)
        yield lapse, draft


def _entry(number: int, talk: Talk, lapse: int, draft: Draft) -> str:
    turns = talk.turns[max(0, lapse - SHOWN) : lapse]
    said = "\n>\n".join(
        f"> {talk.names.get(turn.speaker_id, turn.speaker_id)}: {turn.text}" for turn in turns
    )
    lines = f"{number}. {talk.source}\n\n{said}\n\n**{draft.text}** ({draft.rationale})\n".split("\n")
    return "\n".join(f"    {line}".rstrip() if line and at else line for at, line in enumerate(lines))


def _sample() -> Talk:
    """The lapse of the sample, its end, and two suggestions more after it."""
    script = yaml.safe_load((ROOT / "samples" / "conversation.yaml").read_text(encoding="utf-8"))["turns"]
    turns = _utterances([(turn["speaker"], turn["text"]) for turn in script], "en")
    names = {turn.speaker_id: turn.speaker_id.capitalize() for turn in turns}
    lapse = next(index for index, turn in enumerate(script) if turn["gap_s"] > 3)
    return Talk("Sample", "en", turns, (lapse, *[len(turns)] * 3), names)


def _consultations(options: Namespace) -> list[Talk]:
    found = [dialogue for dialogue in dialogues.load(options) if dialogue.corpus.startswith("primock57")]
    return [_consultation(dialogue) for dialogue in found[:CONSULTATIONS]]


def _consultation(dialogue: Dialogue) -> Talk:
    rows = [row for row in dialogue.rows if row.text.strip()]
    gaps = [later.start_ns - max(row.end_ns for row in rows[: at + 1]) for at, later in enumerate(rows[1:])]
    turns = _utterances([(row.speaker, row.text.strip()) for row in rows], "en")
    return Talk(f"PriMock57, {dialogue.name}", "en", turns, (gaps.index(max(gaps)) + 1,))


def _chats(options: Namespace) -> list[Talk]:
    talks = []
    for number, chat in enumerate(topic_shift.chats(options.dialogues)[:CHATS]):
        turns = _utterances([("AB"[at % 2], text) for at, (text, _) in enumerate(chat[:CHAT_TURNS])], "en")
        talks.append(Talk(f"TIAGE, {number + 1}", "en", turns, (len(turns),), CHATTERS if number % 2 else {}))
    return talks


def _korean() -> Talk:
    path = ROOT / "test" / "topics" / "data" / "dialogue_ko.yaml"
    dialogue = yaml.safe_load(path.read_text(encoding="utf-8"))
    turns = _utterances([(turn["speaker"], turn["text"]) for turn in dialogue["turns"]], "ko")
    return Talk("대화", "ko", turns, tuple(dialogue["lapses"]), dialogue["names"])


def _utterances(said: list[tuple[str, str]], language: str) -> tuple[Utterance, ...]:
    return tuple(
        Utterance(f"u{number}", number, number + 1, text, language=language, speaker_id=speaker)
        for number, (speaker, text) in enumerate(said, start=1)
    )
