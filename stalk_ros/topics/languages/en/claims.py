"""What an English sentence claims or presupposes of somebody, and whom it names."""

from __future__ import annotations

import re
from itertools import dropwhile
from typing import TYPE_CHECKING

from stalk_ros.topics.languages.claim import ANYBODY, Claim
from stalk_ros.topics.languages.lists import words

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTS = words("en", "claims")
_CLAUSE = re.compile(r"[,;:—–?!.]+\s*|\s-\s")
_CAPITALISED = re.compile(r"(?<![\w'-])[A-ZÀ-Þ][\w-]*\w|(?<![\w'-])[A-ZÀ-Þ](?![\w'])")
_NOT_NAMES = re.compile(r"(?:ian|ese|ish|can|day|mas|ic)s?$")

_HELP = "|".join(sorted(_LISTS["auxiliary"]))
_OPEN = re.compile(
    r"\b(?:best|first|last|next|most|least|favou?rite|ever|always|never|anything|something|someone|anyone|any|one|things?|"
    r"\w+est|places?|what|which|who|if|would|could)\b"
)
_PAST = re.compile(
    r"^(?:was|were|had|have|went|said|told|saw|got|made|took|gave|came|left|met|bought|ate|lost|won|broke|wore|cut|hit|"
    r"slept|kept|felt|found|fell|drove|wrote|read|sang|swam|ran|built|taught|spent|sent|did|stole|grew|became|began|"
    r"'ve|[a-z]+ed)$"
)
_SHORTENED = re.compile(r"\byou'(ve|re|d|ll)\b")
_FULL = {"ve": "have", "re": "are", "d": "would", "ll": "will"}
_REPORT = re.compile(
    r"\b(?P<who>you|we|i|they|people|everyone|everybody|somebody|someone|he|she|NAMES) "
    r"(?:(?:have|has|had|was|were|all|both|just|once|also|only|really) )*"
    r"(?:said|says|say|told|tells|mentioned|mentions|talked about|brought up|spoke of|asked about|claimed|claims)"
    r"\b(?P<rest>.*)"
)
_KNOWN = re.compile(
    r"\b(?P<who>we|i|they|people|everyone|everybody|somebody|someone|he|she|NAMES) (?:(?:have|has|had|all|just|also) )*"
    r"(?:heard|hears?|knows?|noticed|learned|thinks?|thought|believes?|believed|saw|sees?)\b(?P<rest>.*)"
)
_WHY = re.compile(
    rf"\b(?:why|how long|how come|since when|when|where)\b(?: (?:{_HELP}))? (?P<who>you|he|she|they|NAMES)\b(?P<rest>.*)"
)
_TRUE = re.compile(r"\b(?:is it true|isn't it true|is it a fact|is it right) (?:that )?(?P<rest>.*)")
_STILL = re.compile(
    rf"\b(?:{_HELP}) (?P<who>you|he|she|NAMES) (?:still|no longer)\b(?P<rest>.*)"
)
_DEFINITE = re.compile(
    r"\b(?:how (?:was|were|is|are|did|went)|how's|what (?:was|is|happened to)|did you (?:like|enjoy)|(?:enjoy|enjoyed|miss) ) ?(?:the|that|this)\b(?P<rest>.*)"
)


def claims(sentence: str, names: frozenset[str]) -> list[Claim]:
    """What must have been said before a robot says this.

    Args:
        sentence: one sentence.
        names: words in small letters that name people.
    """
    found: list[Claim] = []
    text = sentence.replace("’", "'").lower()
    for clause in filter(None, _CLAUSE.split(text)):
        if set(clause.split()) <= names | {"and", "dear", "hey", "so"}:
            continue
        found += [*_owned(clause), *_reported(clause, names), *_stated(clause), *_asked(clause, names)]
        found += _named(clause, names)
    return found


def people(sentence: str) -> set[str]:
    """The words, in small letters, that seem to name somebody: addressed, or with a capital where none is due."""
    found = set()
    text = sentence.replace("’", "'")
    for match in _CAPITALISED.finditer(text):
        name = match[0].lower()
        before = text[: match.start()].lower().split()
        alone = not before and text[match.end() :].startswith((",", "'s", " and "))
        if name.removesuffix("'s") in _LISTS["openers"] or (not before and not alone):
            continue
        if (before and before[-1] in _LISTS["places"]) or _NOT_NAMES.search(name):
            continue
        found.add(name)
    return found


def addressed(sentence: str, names: frozenset[str]) -> set[str]:
    """Those of ``names`` to whom it is said: they stand alone between commas."""
    parts = (set(part.split()) - {"and", "dear", "hey", "so"} for part in _CLAUSE.split(sentence.lower()))
    return {name for part in parts if part and part <= names for name in part}


def _owned(clause: str) -> Iterator[Claim]:
    """ "your wedding", "Ann's wedding", "his wife"."""
    tokens = clause.split()
    for place, token in enumerate(tokens):
        genitive = token.endswith("'s") and token[:-2] not in _LISTS["not_owners"]
        if token not in ("your", "his", "her") and not genitive:
            continue
        phrase: list[str] = []
        for word in tokens[place + 1 :]:
            if word in _LISTS["stop"]:
                break
            phrase.append(word)
            if word in _LISTS["universal"]:
                break
        if phrase and not any(word in _LISTS["general"] or word.endswith("est") for word in phrase[:2]):
            about = token[:-2] if genitive else "" if token == "your" else ANYBODY
            yield Claim(about, " ".join(phrase[:3]), noun=True)




def _stated(clause: str) -> Iterator[Claim]:
    """ "you love chess", "since you moved", "the soup you cooked"."""
    tokens = _SHORTENED.sub(lambda match: f"you {_FULL[match[1]]}", clause).split()
    for place, token in enumerate(tokens):
        if token != "you":
            continue
        before = tokens[place - 1] if place else ""
        rest = list(dropwhile(_LISTS["beside"].__contains__, tokens[place + 1 :]))
        if not rest or before in _LISTS["auxiliary"] or before in _LISTS["object_of"] or before == "if" or rest[0] in _LISTS["modal"]:
            continue
        past = bool(_PAST.match(rest[0]))
        if before == "that" and _OPEN.search(clause):
            continue
        if before in ("", *_LISTS["fact"]):
            yield Claim("", " ".join(rest))
        elif before in _LISTS["when"]:
            if past and (before in ("when", "where", "while", "why") or not _OPEN.search(clause)):
                yield Claim("", " ".join(rest))
        elif past and not _OPEN.search(clause):
            yield Claim("", " ".join((before, *rest)))


def _reported(clause: str, names: frozenset[str]) -> Iterator[Claim]:
    """ "you said that …", "Tom told me he is sad", "I heard Ann has moved"."""
    for pattern in (_REPORT, _KNOWN):
        match = _search(pattern, clause, names)
        if not match or (clause[: match.start()].split() or [""])[-1] in _LISTS["auxiliary"] | {"if"}:
            continue
        who, rest = match["who"], match["rest"]
        about = _first(rest, names) or (who if who in names else "" if who == "you" else ANYBODY)
        if who == "you" or about in names or re.search(r"\b(?:you|he|she|him|her)\b", rest):
            yield Claim(about, rest)


def _asked(clause: str, names: frozenset[str]) -> Iterator[Claim]:
    """ "why did you leave", "is it true that …", "do you still smoke", "how was the wedding"."""
    for pattern in (_WHY, _STILL):
        match = _search(pattern, clause, names)
        if match and not (match["rest"].split()[:1] or [""])[0] in _LISTS["modal"] and _presupposes(clause, match):
            yield Claim(
                {"you": "", "he": ANYBODY, "she": ANYBODY, "they": ANYBODY}.get(match["who"], match["who"]),
                match["rest"],
            )
    match = _TRUE.search(clause)
    if match:
        yield Claim(_first(match["rest"], names), match["rest"])
    match = _DEFINITE.search(clause)
    if match and not _OPEN.search(clause):
        yield Claim(ANYBODY, match["rest"], noun=True)


def _presupposes(clause: str, match: re.Match[str]) -> bool:
    """Whether it asks for the circumstances of a fact, not of a habit or a wish ("when do you cook")."""
    if match[0].startswith(("when", "where")):
        return bool(re.match(r"\w+ (?:did|was|were|had|have) ", match[0])) and not _OPEN.search(match["rest"])
    return not re.search(r"\b(?:would|could|should|can|might)\b", match[0])


def _named(clause: str, names: frozenset[str]) -> Iterator[Claim]:
    """ "Tom is sad", "Ann and Tom love each other", "she has moved"."""
    tokens = clause.split()
    for place, token in enumerate(tokens[:-1]):
        before = tokens[place - 1] if place else ""
        after = tokens[place + 1]
        if token not in names and token not in ("he", "she", "he's", "she's"):
            continue
        question = (
            before in _LISTS["auxiliary"]
            or after in ("and", "or")
            or (after in _LISTS["auxiliary"] and "you" in tokens[place + 2 : place + 3])
        )
        verb = (
            after in _LISTS["auxiliary"]
            or "'" in token
            or _PAST.match(after)
            or (after.endswith("s") and after not in _LISTS["stop"])
        )
        if verb and not question:
            yield Claim(token if token in names else ANYBODY, " ".join(tokens[place + 1 :]))


def _first(text: str, names: frozenset[str]) -> str:
    return next((word.removesuffix("'s") for word in text.split() if word.removesuffix("'s") in names), "")


def _search(pattern: re.Pattern[str], clause: str, names: frozenset[str]) -> re.Match[str] | None:
    people = "|".join(sorted(map(re.escape, names))) or "(?!)"
    return re.search(pattern.pattern.replace("NAMES", people), clause)
