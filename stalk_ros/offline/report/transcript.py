"""Who said what."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from stalk_ros.offline.report.markup import clock, said

if TYPE_CHECKING:
    from stalk_ros.offline.report.voices import Voice


def transcript(content: dict[str, Any], voices: list[Voice]) -> str:
    """The turns, and between them what was offered, as items of a list."""
    known = {voice.speaker_id: voice for voice in voices}
    told = [(turn["start"], _turn(turn, known)) for turn in content["utterances"]]
    told += [(offer["time"], _offer(offer)) for offer in content["suggestions"]]
    return "\n".join(item for _, item in sorted(told, key=lambda timed: timed[0]))


def _turn(turn: dict[str, Any], known: dict[str, Voice]) -> str:
    voice = known[turn["speaker"]]
    note = ""
    if turn["overlapped"]:
        others = (known[name].label if name in known else name for name in turn["overlapping_speakers"])
        note = f"<small>with {', '.join(map(said, others)) or 'somebody else'}</small>"
    return _item(f"turn {voice.style}", turn, turn["start"], said(voice.label) + note, turn["language"])


def _offer(offer: dict[str, Any]) -> str:
    became = "offered" if offer["withdrawn"] is None else f"offered, withdrawn {clock(offer['withdrawn'])}"
    return _item("offer", offer, offer["time"], f"▶ {became}", "")


def _item(style: str, told: dict[str, Any], time_s: float, who: str, language: str) -> str:
    anchor = f"at-{escape(told['id'])}"
    return (
        f'<li class="{style}" id="{anchor}">'
        f'<a class="time" href="#{anchor}" data-time="{time_s}">{clock(time_s)}</a>'
        f'<span class="who">{who}</span><p>{said(told["text"], language)}</p></li>'
    )
