"""The nouns of a Korean sentence: by Kiwi where it is installed, else by the particles that follow them."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from stalk_ros.topics.languages.ko.hangul import final
from stalk_ros.topics.languages.lists import words

_LISTS = words("ko", "mentions")
_ACTIVITIES = words("ko", "kinds")["activity"]
"""Nouns that are things to talk about also as verbs (산책하다)."""
_EOJEOL = re.compile(r"[가-힣]+")
_REMEMBERED = 1000
"""Sentences whose nouns are kept: those of the recent turns are asked for again with each new one."""
_VERBAL = ("XSV", "XSA", "VCP")
"""Endings that make a verb or an adjective of a noun, and the copula."""
_OF = "JKG"
"""의, which joins nouns to a thing with a name of its own as a rule (the song "고향의 봄")."""

# Particle to whether a final consonant must stand before it (None: either way). Longer ones first.
_PARTICLES: tuple[tuple[str, bool | None], ...] = (
    ("에서는", None),
    ("밖에", None),
    ("에서", None),
    ("에는", None),
    ("이랑", True),
    ("랑", False),
    ("을", True),
    ("를", False),
    ("은", True),
    ("는", False),
    ("이", True),
    ("가", False),
    ("과", True),
    ("와", False),
    ("에", None),
)


def nouns(text: str) -> list[tuple[str, ...]]:
    """Runs of nouns that belong together, without particles and plural endings, in their order.

    Kiwi (Lee, "Kiwi: Developing a Korean Morphological Analyzer Based on Statistical Language Models and
    Skip-Bigram", Korean Journal of Digital Humanities 1(1), 2024) needs some 0.3 ms a sentence, and 1.3 s and
    330 MB once.
    """
    if _analyzer() is None:
        return [(noun,) for noun in map(_by_particle, _EOJEOL.findall(text)) if noun]
    return list(_by_library(text))


@lru_cache(maxsize=_REMEMBERED)
def _by_library(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_by_tags(_analyzer().tokenize(text)))


@cache
def _analyzer() -> Any:
    try:
        from kiwipiepy import Kiwi
    except ImportError:
        return None
    # Without the names from Wikipedia, which take as long and as much memory again as all the rest.
    return Kiwi(num_workers=1, load_multi_dict=False, load_typo_dict=False)


def _by_tags(tokens: list[Any]) -> list[tuple[str, ...]]:
    runs: list[list[str]] = [[]]
    ends = 0
    for index, token in enumerate(tokens):
        before = tokens[index - 1].tag if index else ""
        after = tokens[index + 1].tag if index + 1 < len(tokens) else ""
        named = token.form in _LISTS["function"] | _LISTS["vague"]
        if token.tag in ("NNG", "NNP") and after in _VERBAL and token.form not in _ACTIVITIES:
            runs[-1] = []
        elif _OF in (before, after):
            runs.append([])
        elif token.tag in ("NNG", "NNP") and not named:
            if runs[-1] and token.start == ends:
                runs[-1][-1] += token.form
            else:
                runs[-1].append(token.form)
            ends = token.start + token.len
        elif token.tag == "XSN" and token.form != "들" and runs[-1]:
            runs[-1][-1] += token.form
        elif runs[-1]:
            runs.append([])
    return [tuple(run) for run in runs if run]


def _by_particle(eojeol: str) -> str:
    """The noun in a word with its particle; "" without a particle, or when it is nothing to talk about."""
    for particle, wants_final in _PARTICLES:
        stem = eojeol.removesuffix(particle)
        if stem == eojeol or not stem:
            continue
        if wants_final is not None and wants_final != bool(final(stem[-1])):
            continue
        stem = stem[:-1] if len(stem) > 2 and stem.endswith("들") else stem
        named = eojeol in _LISTS["function"] or stem in _LISTS["function"] | _LISTS["vague"]
        return "" if named or len(stem) < 2 or stem.endswith(tuple(_LISTS["verb_endings"])) else stem
    return ""
