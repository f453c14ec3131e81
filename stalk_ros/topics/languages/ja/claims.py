"""What a Japanese sentence claims or presupposes of somebody, and whom it names."""

from __future__ import annotations

import re

from stalk_ros.topics.languages.claim import ANYBODY, Claim, clauses
from stalk_ros.topics.languages.lists import words

_LISTS = words("ja", "claims")
_TITLED = re.compile(
    r"([一-鿿々]{1,5}|[ァ-ヺー]{1,8}|[ぁ-ゖ]{2,4}|[A-Za-z]{1,12})(?:さん|ちゃん|くん|君|様|さま)(?!々)"
)
_REPORT = re.compile(
    r"(?P<what>.*?)(?:(?<!何)と|って|との)(?:言|おっしゃ|仰|いって|いった|話し|聞き|"
    r"聞いた|聞い|伺|のこと|いう話|いう噂)"
)
_HEARSAY = re.compile(
    r"(?P<what>.*?)(?:そう(?:ですね|ですが|なので)|らしいですね|らしいですが|のですね|んですね|"
    r"んですよね|んですって|ですよね|ますよね|ましたよね|でしたよね|でしょう)"
)
_TALK = re.compile(r"(?P<what>.*?)の(?:話|お話)(?:が出|をされ|をして|をしまし)")
_SINCE = re.compile(
    r"(?P<what>.*?(?:ます|です|た|だ|な|る|い))(?:ので(?!す|しょ)|から|そうで|ということで)[、 ]?"
)
_BUT = re.compile(r"(?P<what>.*?(?:た|る|です|ます|い|だ))(?:が|のに|けれど|けど)、")
_WHEN = re.compile(
    r"(?:昨日|先日|先週\w*?|先月|去年|昨年|さっき|先ほど|この前|あの時)(?:の)?"
    r"(?P<what>[^、]*?(?:た|の))(?P<thing>[一-鿿々ァ-ヺー]+)"
)
_WHY = re.compile(r"(?:なぜ|どうして|なんで)(?P<what>.*?(?:た|る|い|です|ます))(?:の|ん|か)")
_OWNED = re.compile(r"(?:さん|ちゃん|くん|様)の(?P<what>[一-鿿々ァ-ヺー]+|お[一-鿿々]+)")
_ASKS = re.compile(r"何|なに|どこ|どの|どんな|どう|いつ|誰|だれ|どれ|どちら|いくつ")


def claims(sentence: str, names: frozenset[str]) -> list[Claim]:
    """What must have been said before a robot says this.

    Args:
        sentence: one sentence.
        names: words that name people.
    """
    named = sorted(people(sentence))
    about = named[0] if named else ""
    text = sentence
    for name in named:
        text = re.sub(rf"{re.escape(name)}(?=さん|ちゃん|くん|君|様|さま)", "", text, flags=re.IGNORECASE)
    reports = (_REPORT, _TALK, _SINCE, *((_BUT,) if named else ()))
    found = clauses(text, about, reports=reports, hearsay=_HEARSAY, asks=_ASKS, times=(_WHEN, _WHY))
    owned = _OWNED.search(text)
    if owned:
        found.append(Claim(about, owned["what"], noun=True))
    return found + [
        Claim(about or ANYBODY, word, noun=True)
        for word in sorted(_LISTS["personal"])
        if _stands_in(word, text)
    ]


def people(sentence: str) -> set[str]:
    """The words that name somebody: with a title after them."""
    found = {match[1].lower() for match in _TITLED.finditer(sentence)} - _LISTS["no_names"]
    return {name for name in found if not name.endswith(("みな", "皆"))}


def addressed(sentence: str, names: frozenset[str]) -> set[str]:
    """Those of ``names`` to whom it is said: whoever it names before the first comma."""
    return {name for name in people(sentence.split("、")[0]) if name in names}


def _stands_in(word: str, text: str) -> bool:
    """Whether it is there as a word of its own, not in a longer one in kanji ("母" in "母国")."""
    return re.search(rf"(?<![一-鿿々]){re.escape(word)}(?![一-鿿々])", text) is not None
