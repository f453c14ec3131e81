"""Pieces of HTML, in which whatever people said is only text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def clock(time_s: float) -> str:
    """A time as people read it, such as 1:02:03 or 2:03."""
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def length(seconds: float) -> str:
    """How long something lasts, such as 2.5 s or 3:20 min."""
    unit = "s" if seconds < 60 else "min" if seconds < 3600 else "h"
    return f"{f'{seconds:.1f}' if unit == 's' else clock(seconds)}\N{NO-BREAK SPACE}{unit}"


def counted(number: int, noun: str) -> str:
    """Such as 1 offer or 2 offers."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def said(text: str, language: str = "") -> str:
    """What people wrote or said: escaped, and kept apart from the direction of what is around it."""
    lang = f' lang="{escape(language)}"' if language else ""
    return f"<bdi{lang}>{escape(text)}</bdi>"


def moment(time_s: float) -> str:
    """A time that leads there."""
    return f'<a class="time" href="#timeline" data-time="{time_s}">{clock(time_s)}</a>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], style: str = "") -> str:
    """A table of cells that are HTML; a head that begins with ">" stands over numbers."""
    number = [head.startswith(">") for head in heads]
    columns = [' class="number"' if is_number else "" for is_number in number]
    head = "".join(
        f'<th scope="col"{css}>{name.lstrip(">")}</th>' for name, css in zip(heads, columns, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{css}>{cell}</td>" for cell, css in zip(row, columns, strict=True)) + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="wide"><table class="{style}"><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}</tbody></table></div>"
    )
