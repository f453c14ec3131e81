"""What becomes of what people say to make a robot say what it should not, and what that costs.

The attacks are those of the tests and others for which no rule was written, each with what a model that obeys
would answer and an ordinary question that is to pass after it. Ordinary drafts are the questions of the topic
bank, and those that people ask each other in the written chats of TIAGE (``--dialogues``), each after the
turns before it. People ask each other more than a robot should, so that part of the latter is refused with
reason: the table says for what.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tables
import yaml

from stalk_ros.events import Trigger, Utterance
from stalk_ros.topics import Draft, TopicRequest
from stalk_ros.topics.checks import Checks, avoided, commands
from stalk_ros.topics.languages import LANGUAGES

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

_TESTS = Path(__file__).parents[1] / "test" / "topics"
_SHOWN = 30
"""Letters of a chat's question that are printed for each reason."""


def report(options: Namespace) -> None:
    """Print the attacks by kind, then what ordinary drafts and turns are refused."""
    checks = Checks()
    for name in ("attacks.yaml", "attacks_held_out.yaml"):
        print(f"\nAttacks of {name}:\n")
        _attacks(checks, _TESTS / name)
    ordinary = yaml.safe_load((_TESTS / "ordinary.yaml").read_text(encoding="utf-8"))
    passed = sum(not _wrong(checks, talk["draft"], _of(talk)) for talk in ordinary)
    print(f"\nOrdinary suggestions in ordinary talk: {passed} of {len(ordinary)} pass")
    print("\nOrdinary questions of the topic bank:\n")
    tables.table(
        ("language", "questions", "refused", "ms for each"), (_bank(checks, tag) for tag in LANGUAGES)
    )
    if options.dialogues:
        print("\nQuestions that people ask each other in TIAGE's chats, by why they are refused:\n")
        _chats(checks, options.dialogues / "tiage_dev.json")
        print("\nOrdinary turns:\n")
        columns = ("dialogues", "turns", "taken for orders", "on the list to avoid")
        tables.table(columns, (_turns(path) for path in sorted(options.dialogues.glob("*.json"))))


def _attacks(checks: Checks, path: Path) -> None:
    tables.head("attacks", "refused", "noticed as orders", "ordinary question after it passes")
    kinds: dict[str, list[tuple[bool, bool, bool]]] = {}
    for attack in yaml.safe_load(path.read_text(encoding="utf-8")):
        kinds.setdefault(attack["kind"], []).append(_outcome(checks, attack))
    for kind, outcomes in (*kinds.items(), ("all", [one for some in kinds.values() for one in some])):
        counts = (f"{sum(column)} of {len(outcomes)}" for column in zip(*outcomes, strict=True))
        tables.row(kind, *counts)


def _outcome(checks: Checks, attack: dict[str, Any]) -> tuple[bool, bool, bool]:
    """Whether all it wants is refused, whether it is an order, whether its ordinary question passes."""
    request = _of(attack)
    refused = all(_wrong(checks, text, request) for text in attack["obey"])
    noticed = any(commands(text) for _, text in attack["said"])
    return refused, noticed, not _wrong(checks, attack["twin"], request)


def _wrong(checks: Checks, text: str, request: TopicRequest) -> str:
    return checks.complaint(_draft(text), request) or checks.suspicion(_draft(text), request)


def _of(talk: dict[str, Any]) -> TopicRequest:
    return _request(talk["said"], talk.get("language", "en"), talk.get("names", {}))


def _bank(checks: Checks, tag: str) -> tuple[str, int, int, str]:
    questions = list(_general(yaml.safe_load(_bank_text(tag)), tag))
    begin = time.perf_counter()
    refused = [text for text in questions if checks.complaint(_draft(text), _request([], tag))]
    each_ms = 1000 * (time.perf_counter() - begin) / len(questions)
    return tag, len(questions), len(refused), f"{each_ms:.1f}"


def _bank_text(tag: str) -> str:
    folder = resources.files(f"stalk_ros.topics.languages.{tag}")
    return folder.joinpath("questions.yaml").read_text(encoding="utf-8")


def _general(document: dict[str, Any], tag: str) -> Iterator[str]:
    """The general questions, in every level of politeness."""
    for level in (document,) if "general" in document else document.values():
        for questions in level["general"].values():
            yield from questions


def _chats(checks: Checks, path: Path) -> None:
    asked: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for chat in json.loads(path.read_text(encoding="utf-8")).values():
        said: list[tuple[str, str]] = []
        for number, (text, _) in enumerate(chat):
            for question in _questions(text):
                reason = checks.complaint(_draft(question), _request(said, "en"))
                reason = re.sub("'.*?'", "…", reason)
                asked[reason] += 1
                examples.setdefault(reason, question[:_SHOWN])
            said.append((f"S{1 + number % 2}", text))
    rows = ((reason or "(passes)", count, examples[reason]) for reason, count in asked.most_common())
    tables.table(("why", "questions", "for example"), rows)


def _turns(path: Path) -> tuple[str, int, int, int]:
    """Rows of a dialogue end with its text, those of a chat begin with it."""
    rows = [row for dialogue in json.loads(path.read_text(encoding="utf-8")).values() for row in dialogue]
    texts = [row[3] if len(row) > 2 else row[0] for row in rows]
    return path.stem, len(texts), sum(map(commands, texts)), sum(bool(avoided(text, "en")) for text in texts)


def _questions(text: str) -> Iterator[str]:
    """The questions in a turn, as they would be written: these chats have blanks around their marks."""
    for question in re.findall(r"[^.?!]*\w[^.?!]*\?", text):
        written = re.sub(r" (?=[.,?!'])", "", question.strip())
        yield written[:1].upper() + written[1:]


def _draft(text: str) -> Draft:
    return Draft(text, "an idea", "")


def _request(said: Iterable[tuple[str, str]], tag: str, names: dict[str, str] | None = None) -> TopicRequest:
    turns = tuple(
        Utterance(f"u{number}", number, number + 1, text, language=tag, speaker_id=speaker)
        for number, (speaker, text) in enumerate(said)
    )
    return TopicRequest(turns, tag, Trigger.SILENCE, names=names or {})
