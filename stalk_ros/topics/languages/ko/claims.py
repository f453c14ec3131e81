"""What a Korean sentence claims or presupposes of somebody, and whom it names."""

from __future__ import annotations

import re

from stalk_ros.topics.languages.claim import ANYBODY, Claim, clauses
from stalk_ros.topics.languages.lists import words

_LISTS = words("ko", "claims")
_TITLED = re.compile(r"([가-힣A-Za-z]{1,10}) ?(?:씨|님)(?![가-힣]*(?:앗|름))")
_CALLED = re.compile(r"^([가-힣]{1,5}?)(?:이?야|아),")
_REPORT = re.compile(
    r"(?P<what>.*?(?:다고|(?<!뭐)(?<!무엇이)라고|냐고|자고|다는|라는))\s?"
    r"(?:말씀|이야기|얘기|말|하셨|하신|했|하시|들었|들은|그러|소문|해서|하던)|"
    r"(?P<hearsay>.*?(?:다면서|라면서|다며|라며|다던데|라던데|대요|래요|답니다|랍니다|다지요|다죠))"
)
_TALK = re.compile(
    r"(?P<what>.*?)(?:이야기|얘기|말씀)(?:가|이|을|를)?\s?(?:나왔|나온|하셨|하시던|해 ?주셨|했)"
)
_TAG = re.compile(
    r"(?P<what>.*(?:시죠|시지요|셨죠|셨지요|이죠|잖아요|시네요|셨네요|군요|시는군요|았죠|었죠|하죠))[,?!.]"
)
_SINCE = re.compile(
    r"(?P<what>.*?(?:니까|시니|셨으니|셔서|시잖아|시는데|신데|셨는데|셨던데|시던데|"
    r"신 (?:후|뒤|다음|김|지|이후|덕분|이유|적이 있으니))\w*)[ ,]"
)
_NAMED_CLAUSE = re.compile(
    r"씨(?:는|은|가|이|도)\s(?P<what>.*?(?:는데|ㄴ데|은데|한데|픈데|니까|아서|어서|해서|지만|고))[ ,]"
)
_WHEN = re.compile(
    r"(?:어제|그제|아까|지난 ?주\w*|지난 ?달\w*|지난번|작년|그때|지난해|방금)\w*\s"
    r"(?P<what>.*?(?:신|하신|은|던))\s(?P<thing>[가-힣]+)"
)
_WHY = re.compile(r"(?:왜|어째서)\s(?P<what>[^?]*(?:셨|았|었|했|시는|하세요|는))")
_ASKS = re.compile(r"뭐|무엇|무슨|어떤|어느|어디|언제|누구|누가|어떻|어땠|어떠|얼마|몇")
_OWNED = re.compile(r"(?:씨|님)(?:의|네)?\s(?P<what>[가-힣]+)")


def claims(sentence: str, names: frozenset[str]) -> list[Claim]:
    """What must have been said before a robot says this.

    Args:
        sentence: one sentence.
        names: words that name people.
    """
    named = sorted(people(sentence))
    about = named[0] if named else ""
    text = _CALLED.sub(
        "", _TITLED.sub(lambda match: "씨" if match[1] not in _LISTS["no_names"] else match[0], sentence)
    ).strip()
    text = re.sub(r"^씨, ?", "", text)
    reports = (_REPORT, _TALK, _SINCE, _NAMED_CLAUSE)
    found = clauses(text, about, reports=reports, hearsay=_TAG, asks=_ASKS, times=(_WHEN, _WHY))
    return [Claim(about, _without_names(claim.text)) for claim in found] + _owned(text, about)


def people(sentence: str) -> set[str]:
    """The words that name somebody: with a title after them, or called."""
    found = {match[1].lower() for match in _TITLED.finditer(sentence)} - _LISTS["no_names"]
    called = _CALLED.search(sentence)
    return found | ({called[1]} if called and called[1] not in _LISTS["no_names"] else set())


def addressed(sentence: str, names: frozenset[str]) -> set[str]:
    """Those of ``names`` to whom it is said: whoever it names first."""
    text = sentence.split(",")[0]
    return {name for name in people(text) if name in names}


def _owned(text: str, about: str) -> list[Claim]:
    """What follows a name or is had by some people only ("민수 씨 아내")."""
    found = []
    owned = _OWNED.search(text)
    if owned and re.search(r"(?:은|는|이|가|을|를|의|도|에서|에|하고|랑|과|와)$", owned["what"]):
        found.append(Claim(about, owned["what"], noun=True))
    found += [
        Claim(about or ANYBODY, word, noun=True)
        for word in re.findall(r"[가-힣]+", text)
        if word.startswith(tuple(sorted(_LISTS["personal"])))
    ]
    return found


def _without_names(text: str) -> str:
    return re.sub(r"(?:^|\s)씨(?:는|은|가|이|도|의|,)?(?=\s|$)", " ", text).strip()
