"""What an English sentence claims or presupposes of somebody, and whom it names.

The constructions are among those known to presuppose (Levinson, "Pragmatics", 1983, ch. 4): possessives and
definite descriptions, factive verbs, clauses of time and cause, questions for the reason, "still".
"""

from __future__ import annotations

import re
from itertools import dropwhile, pairwise, takewhile
from typing import TYPE_CHECKING

from stalk_ros.topics.languages.claim import ANYBODY, Claim
from stalk_ros.topics.languages.lists import words

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTS = words("en", "claims")


def _one_of(name: str) -> str:
    return "|".join(sorted(_LISTS[name]))


_CLAUSE = re.compile(r"[,;:—–?!.]+\s*|\s-\s")
_CAPITALISED = re.compile(r"(?<![\w'-])[A-ZÀ-Þ](?:[\w-]*\w)?(?!['\w])|(?<![\w'-])[A-ZÀ-Þ][\w-]*\w(?='s)")
_NOT_NAMES = re.compile(r"(?:ian|ese|ish|can|day|mas|ic)s?$")
_SHORTENED = re.compile(r"\b(you|he|she)'(ve|re|d|ll|s)\b")
_FULL = {"ve": "have", "re": "are", "d": "would", "ll": "will", "s": "is"}
_BESIDE_NAMES = {"and", "dear", "hey", "so"}

_OPEN = re.compile(rf"\b(?:{_one_of('open')}|\w+est)\b")
"""Where one of these is, the rest describes what there may be, not what there is."""
_PAST = re.compile(rf"(?:{_one_of('past')}|[a-z]+ed)$")
_WISH = re.compile(r"\b(?:would|could|should|can|might)\b")
_THIRD = re.compile(r"\b(?:you|he|she|him|her)\b")

# NAMES stands for the names that are known.
_HELPING = rf"(?:(?:{_one_of('helping')}) )*"
_OTHERS = "we|i|they|people|everyone|everybody|somebody|someone|he|she|NAMES"
_REPORT = rf"\b(?P<who>you|{_OTHERS}) {_HELPING}(?:{_one_of('report')})\b(?P<rest>.*)"
_KNOWN = rf"\b(?P<who>{_OTHERS}) {_HELPING}(?:{_one_of('belief')})\b(?P<rest>.*)"
_ASK = rf"(?: (?:{_one_of('auxiliary')}))? (?P<who>you|he|she|they|NAMES)\b(?P<rest>.*)"
_WHY = rf"\b(?:why|how long|how come|since when|when|where)\b{_ASK}"
_STILL = rf"\b(?:{_one_of('auxiliary')}) (?P<who>you|he|she|NAMES) (?:still|no longer)\b(?P<rest>.*)"
_TRUE = re.compile(r"\b(?:is it true|isn't it true|is it a fact|is it right) (?:that )?(?P<rest>.*)")
_DEFINITE = re.compile(
    r"\b(?:how (?:was|were|are|did|went)|what (?:was|happened to)|did you (?:like|enjoy)|enjoyed|miss|"
    r"who (?:is|was|are|were)|who \w+ed|who (?:took|broke|ate|left|lost|told|hid|stole)) "
    r"(?:the|that|this)\b(?P<rest>.*)"
)
_ROLE = re.compile(r"\b(?:as|being|to be) an? (?P<rest>\w+)")
_ASSERTED = re.compile(
    r"\b(?:do you know|don't you (?:know|think)) that (?P<said>.+)|\bdid you know (?:that )?(?P<known>.+)|"
    r"^(?:isn't|aren't|wasn't|weren't|doesn't|don't|didn't|hasn't|haven't) (?!you |we )(?P<denied>.+)"
)
_ONE_OF_YOU = re.compile(r"\bwhich (?:one )?of (?:you|us|them) (?P<rest>.*)")
_HARDSHIP = re.compile(
    r"\bit (?:(?:feel|feels|felt|be|been) )?(?:hard|difficult|sad|tough|lonely|painful|awful|scary|strange|"
    r"embarrassing|bad) (?:to|being|when|for)\b(?P<rest>.*)"
)
_WHY_NOT = (
    r"\bwhy (?:do|did|does|have|has|are|is|will|can|were|was|would)(?:n't| not) "
    r"(?P<who>you|he|she|they|NAMES) "
    r"(?!(?:all |each |both )?(?:tell|share|try|start|take|give|show|describe|talk|play)\b)"
)
_COUNTED = re.compile(r"\bhow many (?P<rest>.*) do you have\b")


def claims(sentence: str, names: frozenset[str]) -> list[Claim]:
    """What must have been said before a robot says this.

    Args:
        sentence: one sentence.
        names: words in small letters that name people.
    """
    found: list[Claim] = []
    text = _SHORTENED.sub(lambda match: f"{match[1]} {_FULL[match[2]]}", _small(sentence))
    for clause in filter(None, _CLAUSE.split(text)):
        if set(clause.split()) <= names | _BESIDE_NAMES:
            continue
        found += [*_owned(clause), *_stated(clause), *_described(clause), *_asserted(clause, names)]
        found += [*_reported(clause, names), *_asked(clause, names), *_named(clause, names)]
    return found


def people(sentence: str) -> set[str]:
    """The words, in small letters, that seem to name somebody.

    They are addressed, or have a capital where none is due.
    """
    text = sentence.replace("’", "'")
    found = set()
    place_ends = -1
    for match in _CAPITALISED.finditer(text):
        name, after = match[0].lower(), text[match.end() :]
        before = text[: match.start()].lower().split()
        if before and (before[-1] in _LISTS["places"] or match.start() == place_ends + 1):
            place_ends = match.end()
        elif name in _LISTS["openers"] or _NOT_NAMES.search(name):
            continue
        elif before or after.startswith((",", "'s", " and ")):
            found.add(name)
    return found


def addressed(sentence: str, names: frozenset[str]) -> set[str]:
    """Those of ``names`` to whom it is said: they stand alone between commas."""
    parts = (set(part.split()) - _BESIDE_NAMES for part in _CLAUSE.split(_small(sentence)))
    return {name for part in parts if part <= names for name in part}


def _small(sentence: str) -> str:
    return sentence.replace("’", "'").lower()


def _owned(clause: str) -> Iterator[Claim]:
    """As in "your wedding", "Ann's wedding", "his wife"."""
    tokens = clause.split()
    for place, token in enumerate(tokens):
        genitive = token.endswith("'s") and token[:-2] not in _LISTS["not_owners"]
        if token not in ("your", "his", "her") and not genitive:
            continue
        phrase = list(takewhile(lambda word: word not in _LISTS["stop"], tokens[place + 1 : place + 4]))
        everybody = next((n for n, word in enumerate(phrase) if word in _LISTS["universal"]), len(phrase))
        phrase = phrase[:everybody]
        if phrase and not any(word in _LISTS["general"] or word.endswith("est") for word in phrase[:2]):
            about = token[:-2] if genitive else "" if token == "your" else ANYBODY
            yield Claim(about, " ".join(phrase), noun=True)


def _stated(clause: str) -> Iterator[Claim]:
    """As in "you love chess", "since you moved", "the soup you cooked"."""
    tokens = clause.split()
    for place in (place for place, token in enumerate(tokens) if token == "you"):
        before = tokens[place - 1] if place else ""
        rest = list(dropwhile(_LISTS["beside"].__contains__, tokens[place + 1 :]))
        if not rest or before in _LISTS["no_subject"] | _LISTS["auxiliary"] or rest[0] in _LISTS["modal"]:
            continue
        past = _PAST.match(rest[0]) is not None
        is_open = _OPEN.search(clause) is not None
        if before == "that" and (is_open or clause.startswith(("what ", "which ", "who "))):
            continue
        if not before or before in _LISTS["fact"] or (past and before in ("when", "where", "while", "why")):
            yield Claim("", " ".join(rest))
        elif past and not is_open:
            yield Claim("", " ".join((before, *rest)))


def _described(clause: str) -> Iterator[Claim]:
    """As in "how was the wedding", "as a teacher", "how many cats do you have"."""
    for pattern, about in ((_DEFINITE, ANYBODY), (_ROLE, ""), (_COUNTED, "")):
        match = pattern.search(clause)
        if match and not _OPEN.search(clause):
            yield Claim(about, match["rest"], noun=True)


def _asserted(clause: str, names: frozenset[str]) -> Iterator[Claim]:
    """As in "did you know that …", "which of you cheated", "is it hard to …", "why don't you like Ann"."""
    asserted = _ASSERTED.search(clause)
    if asserted:
        yield Claim(ANYBODY, next(group for group in asserted.groups() if group))
    one = _ONE_OF_YOU.search(clause)
    if one and _PAST.match(_word(one["rest"])) and not _OPEN.search(one["rest"]):
        yield Claim(ANYBODY, one["rest"])
    hardship = _HARDSHIP.search(clause)
    if hardship:
        yield Claim("", hardship["rest"])
    why_not = _search(_WHY_NOT, clause, names)
    if why_not:
        # Whoever is asked this is blamed; only who has said so himself may be.
        yield Claim(_about(why_not["who"], names), f"dislike {clause[why_not.end() :]}")


def _reported(clause: str, names: frozenset[str]) -> Iterator[Claim]:
    """As in "you said that …", "Tom told me he is sad", "I heard Ann has moved", "is it true that …"."""
    for pattern in (_REPORT, _KNOWN):
        match = _search(pattern, clause, names)
        if not match or _last(clause[: match.start()]) in _LISTS["auxiliary"] | {"if"}:
            continue
        who, rest = match["who"], match["rest"]
        about = _first(rest, names) or _about(who, names)
        if who == "you" or about in names or _THIRD.search(rest):
            yield Claim(about, rest)
    match = _TRUE.search(clause)
    if match:
        yield Claim(_first(match["rest"], names), match["rest"])


def _asked(clause: str, names: frozenset[str]) -> Iterator[Claim]:
    """As in "why did you leave", "do you still smoke", "when did Ann move"."""
    for pattern in (_WHY, _STILL):
        match = _search(pattern, clause, names)
        if match and _presupposes(match):
            yield Claim(_about(match["who"], names), match["rest"])


def _presupposes(match: re.Match[str]) -> bool:
    """Whether it asks for the circumstances of a fact, not of a habit or a wish ("when do you cook")."""
    if match[0].startswith(("when", "where")):
        return bool(re.match(r"\w+ (?:did|was|were|had|have) ", match[0])) and not _OPEN.search(match["rest"])
    return not _WISH.search(match[0])


def _named(clause: str, names: frozenset[str]) -> Iterator[Claim]:
    """As in "Tom is sad", "has Tom forgiven you", "she has moved"; not "would Tom like tea"."""
    tokens = clause.split()
    for place, (before, token) in enumerate(pairwise(["", *tokens])):
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        states = after in _LISTS["auxiliary"] or _PAST.match(after)
        if token in names and before not in _LISTS["modal"]:
            yield Claim(token, clause)
        elif token in ("he", "she") and states and before not in _LISTS["auxiliary"]:
            yield Claim(ANYBODY, " ".join(tokens[place + 1 :]))


def _about(who: str, names: frozenset[str]) -> str:
    return who if who in names else "" if who == "you" else ANYBODY


def _first(text: str, names: frozenset[str]) -> str:
    found = (word.removesuffix("'s") for word in text.split())
    return next((word for word in found if word in names), "")


def _word(text: str) -> str:
    return text.split()[0] if text.split() else ""


def _last(text: str) -> str:
    return text.split()[-1] if text.split() else ""


def _search(pattern: str, clause: str, names: frozenset[str]) -> re.Match[str] | None:
    return re.search(pattern.replace("NAMES", "|".join(sorted(map(re.escape, names))) or "(?!)"), clause)
