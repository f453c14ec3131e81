"""The language of a draft, and whether it asks or invites: both by its script and its small words."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_SCRIPTS = {
    "ko": {"HANGUL"},
    "ja": {"HIRAGANA", "KATAKANA", "CJK"},
    "zh": {"CJK"},
    "yue": {"CJK"},
    "ru": {"CYRILLIC"},
    "uk": {"CYRILLIC"},
    "bg": {"CYRILLIC"},
    "el": {"GREEK"},
    "ar": {"ARABIC"},
    "fa": {"ARABIC"},
    "he": {"HEBREW"},
    "hi": {"DEVANAGARI"},
    "th": {"THAI"},
}
"""What a language is written in, where that is not the Latin script."""

_SMALL_WORDS = {
    "en": "the a an of to and in is are you your what which how do does would could we us it that have has with for on at "
    "who where when why if there any this was were did can will be been about or tell i my our me let",
    "de": "der die das den dem ein eine einen und ist sind du dein deine sie ihr ihre was welche welcher welches wie "
    "wo wer warum haben hast würde würden könnte wir uns es dass mit für auf am im zu von ich mir ihnen euch nicht",
    "fr": "le la les un une des du de et est sont tu vous votre vos ton ta quel quelle quels quelles comment que qui où "
    "avez as pourquoi nous il elle ce cette avec pour sur dans au aux en je me qu'est-ce pas plus",
    "es": "el la los las un una unos unas de del y es son tú tu usted ustedes su sus qué cuál cuáles cómo dónde quién por "
    "para con en al que se nos le te me hay has ha yo no más os vuestra vuestro",
    "it": "il lo la i gli le un una di del della e è sono tu tuo tua voi vostro che cosa quale quali come dove chi perché "
    "con per su in al alla ci si ti mi hai avete ha noi non più",
    "pt": "o a os as um uma de do da dos das e é são você vocês seu sua que qual quais como onde quem porque com para em "
    "no na ao se nos te me há tem não mais eu",
    "nl": "de het een en is zijn je jij jouw u uw wat welke welk hoe waar wie waarom heb hebt zou we wij ons dat met voor "
    "op in te van ik mij jullie niet er",
}
"""The commonest words, none of which says what a sentence is about."""

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_INVITES = {
    "en": re.compile(
        r"^(?:\w+, )?(?:(?:please|so|now|maybe|perhaps),? )?(?:(?:do )?tell (?:us|me)\b|share\b|let's\b|let us\b|imagine\b|"
        r"think (?:of|back)\b|picture\b|try\b|describe\b|name\b|teach (?:us|me)\b|show us\b|(?:maybe |perhaps )?you could\b|"
        r"(?:we|you) (?:could|might)\b)|"
        r"\bi(?:'d| would)(?: really| so)? (?:love|like) to (?:hear|know|learn|ask)\b|\bi(?:'m| am)(?: still| so)? curious\b|"
        r"\bi wonder\b|\btell (?:us|me)\b"
    ),
    "ko": re.compile(
        r"(?:주세요|주실래요|볼까요|봐요|보세요|들려줘|얘기해|이야기해|주십시오|봅시다|보자|궁금해요|궁금합니다|궁금해|싶어요|싶습니다)[.!。！]?$"
    ),
    "ja": re.compile(
        r"(?:ください|下さい|ましょう|聞かせて|教えて|ませんか|しよう|聞きたいです|知りたいです|気になります)[。！.!]?$"
    ),
}


def complaint(text: str, tag: str) -> str:
    """What is wrong with the language of a sentence, or that it neither asks nor invites; "" when nothing is.

    Args:
        text: one sentence.
        tag: primary subtag of the language it should be in.
    """
    if not _is_written_in(text, tag) or not _sounds_like(text, tag):
        return f"it is not in the language '{tag}'"
    return "" if _asks(text, tag) else "it neither asks nor invites"


def _is_written_in(text: str, tag: str) -> bool:
    """Whether it is in the language's script; names may be in Latin letters, but no more than half."""
    scripts = [_script(char) for char in text if char.isalpha()]
    own = _SCRIPTS.get(tag)
    if own is None:
        return all(script == "LATIN" for script in scripts)
    if tag == "ja" and not {"HIRAGANA", "KATAKANA"} & set(scripts):
        return False
    mine = sum(script in own for script in scripts)
    return all(script in own or script == "LATIN" for script in scripts) and 2 * mine >= len(scripts)


@cache
def _script(char: str) -> str:
    """The script of a letter, by its name in Unicode."""
    return (
        re.split("[ -]", unicodedata.name(char, ""))[0]
        .replace("FULLWIDTH", "LATIN")
        .replace("HALFWIDTH", "KATAKANA")
    )


@cache
def _small_words(tag: str) -> frozenset[str]:
    return frozenset(_SMALL_WORDS[tag].split())


def _sounds_like(text: str, tag: str) -> bool:
    """Whether more of its words are common ones of this language than of any other that is known."""
    if tag not in _SMALL_WORDS:
        return True
    words = _WORD.findall(text.lower().replace("’", "'"))
    hits = {other: sum(word in _small_words(other) for word in words) for other in _SMALL_WORDS}
    return 0 < hits[tag] == max(hits.values())


def _asks(text: str, tag: str) -> bool:
    """Whether it is a question or an invitation; where invitations are not known, by its mark alone."""
    if text.endswith(("?", "？")):
        return True
    invites = _INVITES.get(tag)
    return invites is None or invites.search(text.lower().replace("’", "'")) is not None
