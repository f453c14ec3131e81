"""What a language model is told to do: a file for each language, which a lab can replace."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from stalk_ros.errors import UserError
from stalk_ros.topics.languages import LANGUAGES, is_tag, primary

_SECTIONS = ("# Suggest", "# Summarize")
_OTHER = "en"
"""Whose prompt stands in for that of a language that has none."""

_NAMES = {
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pt": "Portuguese",
    "th": "Thai",
    "zh": "Chinese",
}
"""Languages by their names, which small models know better than tags."""


@dataclass(frozen=True)
class Prompt:
    """A language's system prompts: for thinking of something to say and for telling what was said."""

    suggest: str
    summarize: str


class Prompts:
    """The prompts of all languages.

    Args:
        folder: with prompts of one's own, one ``<language>.md`` for each language, which go before the
            package's (``languages/<language>/prompt.md`` in `stalk_ros.topics`); "" = none.

    Raises:
        UserError: there is no such folder, or a file in it has another name, cannot be read or lacks a
            section.
    """

    def __init__(self, folder: str) -> None:
        self._prompts = {tag: _packaged(tag) for tag in LANGUAGES}
        if not folder:
            return
        place = Path(folder).expanduser()
        if not place.is_dir():
            raise UserError(f"there is no folder of prompts '{folder}'; correct parameter 'prompts'")
        files = sorted(place.glob("*.md"))
        if not files:
            raise UserError(f"the folder of prompts '{folder}' has no <language>.md, such as en.md")
        for file in files:
            if not is_tag(file.stem):
                raise UserError(f"prompt '{file}' is not named by a language; name it like ko.md, or move it")
            self._prompts[primary(file.stem)] = _read(file)

    def of(self, language: str) -> Prompt:
        """The prompts of a language, given as its primary subtag."""
        if language in self._prompts:
            return self._prompts[language]
        other = self._prompts[_OTHER]
        order = f"\n\nWhatever language these rules are in: answer in {_name(language)}."
        return Prompt(other.suggest + order, other.summarize + order)


def _name(language: str) -> str:
    return _NAMES.get(language, f"the language with the BCP 47 tag '{language}'")


def _packaged(tag: str) -> Prompt:
    file = resources.files(f"stalk_ros.topics.languages.{tag}").joinpath("prompt.md")
    return _parsed(file.read_text(encoding="utf-8"), f"{tag}/prompt.md")


def _read(path: Path) -> Prompt:
    try:
        return _parsed(path.read_text(encoding="utf-8-sig"), str(path))
    except OSError as error:
        raise UserError(f"cannot read prompt '{path}': {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"prompt '{path}' is not UTF-8; save it as such") from None


def _parsed(text: str, where: str) -> Prompt:
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() in _SECTIONS:
            lines = sections.setdefault(line.strip(), [])
        else:
            lines.append(line)
    found = ["\n".join(sections.get(name, [])).strip() for name in _SECTIONS]
    for name, content in zip(_SECTIONS, found, strict=True):
        if not content:
            raise UserError(f"prompt '{where}' has nothing under a heading '{name}'")
    return Prompt(*found)
