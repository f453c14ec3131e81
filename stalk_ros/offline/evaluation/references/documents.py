"""The truth as JSON: a document of one recording, or ``references.json`` for all of a folder."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from stalk_ros.errors import UserError
from stalk_ros.offline.evaluation.references.files import broken, span_s, text_of
from stalk_ros.offline.evaluation.references.truth import Reference, Span, TimedWord, Turn, spans_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Made = TypeVar("Made", Span, TimedWord, Turn, tuple[float, float])


def read(path: Path) -> Reference:
    """The document of one recording, as ``stalk run --json`` writes it, or in one of these forms.

    - ``turns`` or ``utterances``: objects with ``start`` and ``end`` in seconds, ``speaker``, and ``text``,
      null where nobody wrote it down; ``words`` in them as below.
    - ``words``: objects with ``text``, ``start``, ``end``, ``speaker``, and ``punc``, true for punctuation;
      or lists of text, start and end.
    - ``silences``: lists of start and end.

    Raises:
        UserError: it cannot be read.
    """
    content = _content(path)
    if not {"turns", "utterances", "words"} & content.keys():
        raise UserError(
            f"the reference '{path}' has no 'turns', no 'utterances' and no 'words': is it of another kind?"
        )
    key = "turns" if "turns" in content else "utterances"
    turns = _list(path, content, key, _turn)
    words = _list(path, content, "words", _word)
    if words is None:
        words = _words_of_turns(path, key, content.get(key) or [])
    silences = _list(path, content, "silences", _silence)
    return Reference(
        (path.name,),
        spans=None if turns is None else spans_of(turns),
        turns=turns,
        words=None if words is None else tuple(word for word in words if word.text),
        silences_s=silences,
        language=_language(content, key),
    )


def read_shared(path: Path, name: str) -> Reference | None:
    """The entry of the file ``name``; None = it has none.

    It may hold ``text``, ``segments``, which are lists of start, end and speaker, ``words`` and ``language``.

    Raises:
        UserError: it cannot be read.
    """
    entry = _content(path).get(name)
    if entry is None:
        return None
    if not isinstance(entry, dict):
        broken(path, name, "it is no object")
    text = entry.get("text")
    return Reference(
        (path.name,),
        spans=_list(path, entry, "segments", _segment),
        text=None if text is None else str(text),
        words=_list(path, entry, "words", _word),
        language=str(entry.get("language", "")),
    )


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(text_of(path))
    except json.JSONDecodeError as error:
        broken(path, f"line {error.lineno}", f"it is no JSON: {error.msg}")
    except RecursionError:
        broken(path, "line 1", "it is nested too deeply")
    if not isinstance(content, dict):
        raise UserError(f"the reference '{path}' holds no JSON object")
    return content


def _list(
    path: Path, content: dict[str, Any], key: str, make: Callable[[Any], Made]
) -> tuple[Made, ...] | None:
    """The items of a list by their start; None = there is no such list."""
    listed = content.get(key)
    if listed is None:
        return None
    if not isinstance(listed, list):
        broken(path, key, "it is no list")
    made = (_made(path, f"{key}[{number}]", item, make) for number, item in enumerate(listed))
    return tuple(sorted(made, key=_start_s))


def _made(path: Path, where: str, item: Any, make: Callable[[Any], Made]) -> Made:
    try:
        return make(item)
    except KeyError as error:
        broken(path, where, f"{error} is missing")
    except (AttributeError, TypeError, ValueError) as error:
        broken(path, where, str(error))


def _start_s(item: Any) -> float:
    return float(item[0] if isinstance(item, tuple) else item.start_s)


def _turn(item: Any) -> Turn:
    text = item.get("text")
    return Turn(
        *span_s(item["start"], item["end"]), str(item["speaker"]), None if text is None else str(text)
    )


def _word(item: Any, speaker: str = "") -> TimedWord:
    if isinstance(item, list):
        text, start, end, *_ = item
        return TimedWord(str(text), *span_s(start, end), speaker)
    text = "" if item.get("punc") else str(item["text"])
    return TimedWord(text, *span_s(item["start"], item["end"]), str(item.get("speaker", speaker)))


def _segment(item: Any) -> Span:
    start, end, speaker = item
    return Span(*span_s(start, end), str(speaker))


def _silence(item: Any) -> tuple[float, float]:
    start, end = item
    return span_s(start, end)


def _words_of_turns(path: Path, key: str, turns: list[Any]) -> tuple[TimedWord, ...] | None:
    """The words in the turns; None unless every turn with a text has them."""
    found: list[TimedWord] = []
    for number, turn in enumerate(turns):
        if turn.get("text") and not turn.get("words"):
            return None
        where = f"{key}[{number}].words"
        make = partial(_word, speaker=str(turn["speaker"]))
        found += _list(path, {where: turn.get("words")}, where, make) or ()
    return tuple(sorted(found, key=_start_s)) or None


def _language(content: dict[str, Any], key: str) -> str:
    """The language of all, or else the one of the first turn that has one."""
    listed = [content, *(content.get(key) or [])]
    return next((str(item["language"]) for item in listed if item.get("language")), "")
