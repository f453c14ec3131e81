"""Whether the memory notices where written chats turn to another topic."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import tables

from stalk_ros.errors import UserError
from stalk_ros.events import Utterance
from stalk_ros.topics.content import content_words
from stalk_ros.topics.memory import Memory

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from pathlib import Path

Chat = list[tuple[str, bool]]
"""Turns of two people in turn, each with whether people say that it begins with another topic."""

_FILE = "tiage_dev.json"
_TURN_NS = 6_000_000_000
_WINDOWS = (1, 2, 4, 8)
_TOLERANCES = {"exactly": (0, 0), "or one later": (0, 1), "one either way": (1, 1)}


def report(options: Namespace) -> None:
    """Print precision, recall and F1 in per cent of the memory and of what it has to beat, per tolerance.

    One change counts for one labelled shift at most. A tolerance of one turn either way flatters whoever
    changes often: compare with changing every second or third turn. Weights were looked for on all chats, so
    the halves show how much of the result may be chance.
    """
    found = chats(options.dialogues)
    print(f"{len(found)} chats, {sum(map(len, found))} turns, {sum(map(_count, found))} labelled shifts\n")
    tables.head("changes at", "number", *(f"P / R / F1 {name}" for name in _TOLERANCES))
    for name, changes in _ways().items():
        _row(name, found, changes)
    _row("the memory's shifts, odd chats", found[::2], _shifts)
    _row("the memory's shifts, even chats", found[1::2], _shifts)


def _ways() -> dict[str, Callable[[Chat], list[int]]]:
    every = {f"every {count}. turn": partial(_every, count=count) for count in (1, 2, 3)}
    lexical = {
        f"no word shared with {window} before": partial(_lexical, window=window) for window in _WINDOWS
    }
    return {**every, **lexical, "the memory's shifts": _shifts, "the name of its topic": _renamings}


def _row(name: str, chats: list[Chat], changes: Callable[[Chat], list[int]]) -> None:
    found = [changes(chat) for chat in chats]
    number, shifts = sum(map(len, found)), sum(map(_count, chats))
    cells = []
    for early, late in _TOLERANCES.values():
        hits = sum(_hits(at, chat, early, late) for at, chat in zip(found, chats, strict=True))
        scores = (hits / number, hits / shifts, 2 * hits / (number + shifts))
        cells.append(" / ".join(map(tables.percent, scores)))
    tables.row(name, number, *cells)


def _hits(changes: list[int], chat: Chat, early: int, late: int) -> int:
    """Labelled shifts with a change near, each change counted once."""
    left, hits = list(changes), 0
    for turn, (_, shift) in enumerate(chat):
        near = next((change for change in left if turn - early <= change <= turn + late), None)
        if shift and near is not None:
            left.remove(near)
            hits += 1
    return hits


def _shifts(chat: Chat) -> list[int]:
    return _changes(chat, lambda memory: memory.topic_since_ns)


def _renamings(chat: Chat) -> list[int]:
    return _changes(chat, lambda memory: memory.topic)


def _changes(chat: Chat, look: Callable[[Memory], object]) -> list[int]:
    """The turns with which something in the memory changes, the first turn aside."""
    memory, seen = Memory(), []
    for turn, (text, _) in enumerate(chat):
        start_ns = turn * _TURN_NS
        speaker_id = f"S{turn % 2 + 1}"
        memory.add(
            Utterance(f"u{turn}", start_ns, start_ns + _TURN_NS, text, language="en", speaker_id=speaker_id)
        )
        seen.append(look(memory))
    return [turn for turn in range(1, len(seen)) if seen[turn] != seen[turn - 1]]


def _every(chat: Chat, count: int) -> list[int]:
    return list(range(count, len(chat), count))


def _lexical(chat: Chat, window: int) -> list[int]:
    """The turns that share no content word with the turns before them."""
    words = [frozenset(content_words(text, "en")) for text, _ in chat]
    return [
        turn
        for turn in range(1, len(chat))
        if not words[turn] & frozenset[str]().union(*words[max(0, turn - window) : turn])
    ]


def _count(chat: Chat) -> int:
    return sum(shift for _, shift in chat)


def chats(folder: Path | None) -> list[Chat]:
    """The chats of the file in the folder.

    Raises:
        UserError: it is not there.
    """
    if folder is None or not (folder / _FILE).is_file():
        raise UserError(
            f"topic_shift: there is no {_FILE} in the folder of --dialogues; name one that has it"
        )
    document = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    return [[(text, label == "1") for text, label in chat] for chat in document.values()]
