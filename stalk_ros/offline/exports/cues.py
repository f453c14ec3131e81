"""Utterances cut into pieces that can be read as subtitles."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stalk_ros.events import joined
from stalk_ros.offline.exports.characters import columns, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stalk_ros.events import Utterance
    from stalk_ros.offline.times import RecordingTime

MAX_COLUMNS = 42
"""Width of a line (Netflix, "English Timed Text Style Guide"); 21 Chinese, Japanese or Korean characters, as
they are wide."""

_LONGEST_MS = 7000
"""Time that a cue is shown at most (Netflix, "Timed Text Style Guide: General Requirements")."""

_PAUSE_MS = 300
_SENTENCE_ENDS = tuple(".?!…。？！")
_CLAUSE_ENDS = tuple(",;:、，；：")
_CLOSING = "\"'”’»」』)）"
_AT_SENTENCE_END, _AT_CLAUSE_END, _AT_PAUSE = 0.4, 0.25, 0.2
"""How far from the middle, in lengths of the text, a break may be for the sake of its place."""


@dataclass(frozen=True)
class Cue:
    """What is shown at a time: one or two lines, and from when to when in milliseconds of the recording."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class _Piece:
    """What is not broken: a word, a character of a language without spaces, or a part of a word too long."""

    text: str
    start_ms: int
    end_ms: int
    glue: str = ""
    """What is between it and the piece before on the same line."""


_Pieces = Sequence[_Piece]


def cues_of(utterance: Utterance, times: RecordingTime, room: int = 0) -> list[Cue]:
    """The cues of an utterance, of at most two lines of `MAX_COLUMNS`; none where it has no text.

    They change at word times, best after a sentence, else after a clause or in a pause.

    Args:
        utterance: with words or without; then its time is shared out by the length of the text.
        times: of the recording.
        room: columns at the beginning of the first line of each cue that are taken.
    """
    pieces = [part for piece in _pieces(utterance, times) for part in _short(piece, MAX_COLUMNS - room)]
    return [Cue(part[0].start_ms, part[-1].end_ms, _lines(part, room)) for part in _parts(pieces, room)]


def _pieces(utterance: Utterance, times: RecordingTime) -> list[_Piece]:
    stretch = times.around(utterance.start_ns)

    def ms(time_ns: int) -> int:
        return max(0, round(stretch.seconds(time_ns) * 1000))

    start_ms = ms(utterance.start_ns)
    end_ms = max(start_ms, ms(utterance.end_ns))
    glue = joined(("", ""), utterance.language)
    words = [(plain(word.text), word) for word in utterance.words]
    if not words or plain(joined((word.text for word in utterance.words), utterance.language)) != plain(
        utterance.text
    ):
        return _shared_out(plain(utterance.text), start_ms, end_ms, glue)
    pieces, since_ms = [], start_ms
    for text, word in words:
        since_ms = min(max(ms(word.start_ns), since_ms), end_ms)
        pieces.append(_Piece(text, since_ms, min(max(ms(word.end_ns), since_ms), end_ms), glue))
    return [piece for piece in pieces if piece.text]


def _shared_out(text: str, start_ms: int, end_ms: int, glue: str) -> list[_Piece]:
    """The pieces of a text, each with its share of the time."""
    texts = text.split() if glue else list(_clusters(text))
    total = sum(map(len, texts))
    pieces, done = [], 0
    for part in texts:
        since_ms = start_ms + (end_ms - start_ms) * done // total
        done += len(part)
        pieces.append(_Piece(part, since_ms, start_ms + (end_ms - start_ms) * done // total, glue))
    return pieces


def _clusters(text: str) -> Iterator[str]:
    """The characters of a text, with whatever must not begin a line at the end of the one before."""
    cluster = ""
    for character in text:
        kind = unicodedata.category(character)
        in_word = character.isascii() and character.isalnum() and cluster[-1:].isascii()
        follows = in_word or kind[0] == "M" or kind in ("Pe", "Pf", "Po", "Zs", "Cf")
        if cluster and not (follows and columns(cluster) < MAX_COLUMNS // 4):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _short(piece: _Piece, room: int) -> list[_Piece]:
    """A piece that fits into a line, or the parts of one that does not."""
    if columns(piece.text) <= room:
        return [piece]
    texts, text = [], ""
    for character in piece.text:
        if text and columns(text + character) > room:
            texts.append(text)
            text = ""
        text += character
    parts, count, length_ms = [], len(texts) + 1, piece.end_ms - piece.start_ms
    for number, part in enumerate([*texts, text]):
        since_ms = piece.start_ms + length_ms * number // count
        until_ms = piece.start_ms + length_ms * (number + 1) // count
        parts.append(_Piece(part, since_ms, until_ms, "" if number else piece.glue))
    return parts


def _parts(pieces: _Pieces, room: int) -> Iterator[_Pieces]:
    """What is shown at once, one after another."""
    if not pieces:
        return
    too_long = pieces[-1].end_ms - pieces[0].start_ms > _LONGEST_MS
    if len(pieces) == 1 or (_lines(pieces, room) and not too_long):
        yield pieces
        return
    at = _best(pieces, range(1, len(pieces)))
    yield from _parts(pieces[:at], room)
    yield from _parts(pieces[at:], room)


def _lines(pieces: _Pieces, room: int) -> tuple[str, ...]:
    """The one or two lines that the pieces fit into; none where they do not."""
    whole = _text(pieces)
    if columns(whole) <= MAX_COLUMNS - room:
        return (whole,)
    if columns(whole) > 2 * MAX_COLUMNS:
        return ()
    places = [
        at
        for at in range(1, len(pieces))
        if columns(_text(pieces[:at])) <= MAX_COLUMNS - room and columns(_text(pieces[at:])) <= MAX_COLUMNS
    ]
    if not places:
        return ()
    at = _best(pieces, places)
    return _text(pieces[:at]), _text(pieces[at:])


def _best(pieces: _Pieces, places: Sequence[int]) -> int:
    """Before which piece to break: near the middle, and where something ends."""
    widths = [columns(piece.text) + len(piece.glue) for piece in pieces]
    total = sum(widths)
    sums = [0]
    for width in widths:
        sums.append(sums[-1] + width)
    return min(places, key=lambda at: abs(sums[at] / total - 0.5) - _gain(pieces[at - 1], pieces[at]))


def _gain(before: _Piece, after: _Piece) -> float:
    end = before.text.rstrip(_CLOSING + " ")
    if end.endswith(_SENTENCE_ENDS):
        return _AT_SENTENCE_END
    if end.endswith(_CLAUSE_ENDS):
        return _AT_CLAUSE_END
    return _AT_PAUSE if after.start_ms - before.end_ms >= _PAUSE_MS else 0.0


def _text(pieces: _Pieces) -> str:
    return "".join(piece.glue * (number > 0) + piece.text for number, piece in enumerate(pieces)).strip()
