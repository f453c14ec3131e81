"""The command template: how a sentence becomes a call of a program, never of a shell."""

from __future__ import annotations

import re
import shlex
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath

from stalk_ros.errors import UserError

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_NAMES = ("text", "language")

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_DEFAULT_LANGUAGE = "en"

_INTERPRETER = re.compile(r"(a|ba|c|da|fi|k|s|tc|z)?sh|su|python[\d.]*|perl|ruby|node|lua|php")
"""Programs that take an argument, or what they read, as code."""

_CODE = re.compile(r"-[A-Za-z]*[ceEpr]|--(command|eval|execute)")
"""Options whose argument is code to them, alone or as the last of several."""

_HOW_TO_INSTALL = {
    "espeak-ng": "sudo apt install espeak-ng",
    "flite": "sudo apt install flite",
    "spd-say": "sudo apt install speech-dispatcher",
    "piper": "pip install piper-tts",
}


@dataclass(frozen=True)
class Call:
    """One call of a program: its name with arguments, and its standard input, None = nothing."""

    arguments: tuple[str, ...]
    text: str | None


@dataclass(frozen=True)
class Command:
    """A program that speaks, with its arguments, in which ``{text}`` and ``{language}`` are filled in."""

    template: tuple[str, ...]

    @classmethod
    def parse(cls, template: str) -> Command:
        """Read a template, whose words are quoted as for a POSIX shell.

        Raises:
            UserError: it is empty, a quote is open, a placeholder is unknown or at a place where the sentence
                would be run as code, or the program is not installed.
        """
        try:
            words = tuple(shlex.split(template))
        except ValueError as error:
            raise UserError(f"parameter 'command': {error}: {template}") from None
        if not words or not words[0]:
            raise UserError("parameter 'command' is empty: give a program, such as: espeak-ng -- {text}")
        for name in _PLACEHOLDER.findall(" ".join(words)):
            if name not in _NAMES:
                raise UserError(
                    f"parameter 'command': unknown placeholder {{{name}}}; there are: {{text}}, {{language}}"
                )
        _refuse_code(words)
        if shutil.which(words[0]) is None:
            how = _HOW_TO_INSTALL.get(words[0], "install it, or give its path")
            raise UserError(f"parameter 'command': there is no program '{words[0]}': {how}")
        return cls(words)

    @property
    def program(self) -> str:
        """Name of the program."""
        return self.template[0]

    def call(self, text: str, language: str) -> Call:
        """The call that says ``text`` in ``language``.

        Args:
            text: what it says; see `speakable`.
            language: BCP 47 tag. What is none, such as "", is taken as English: programs know no other way to
                say that nobody knows.
        """
        spoken = speakable(text)
        tag = language if _TAG.fullmatch(language) else _DEFAULT_LANGUAGE
        values = {"text": spoken, "language": tag}

        def filled(word: str) -> str:
            whole = _PLACEHOLDER.sub(lambda match: values[match[1]], word)
            # Nor may a text that begins with "-" be an option; no voice speaks the space.
            return f" {whole}" if word.startswith("{text}") and whole.startswith("-") else whole

        takes_text = any("{text}" in word for word in self.template)
        return Call(tuple(map(filled, self.template)), None if takes_text else f"{spoken}\n")


def speakable(text: str) -> str:
    """A text as one line without control characters; "" where nothing of it can be spoken."""
    unspoken = ("Cc", "Cs")  # lone surrogates cannot be handed to a program
    line = "".join(" " if unicodedata.category(letter) in unspoken else letter for letter in text)
    return " ".join(line.split())


def _refuse_code(words: tuple[str, ...]) -> None:
    """Refuse a template with which a program would run the sentence."""
    if _PLACEHOLDER.search(words[0]):
        raise UserError(f"parameter 'command' begins with a placeholder: give a program first: {words[0]}")
    names = [PurePath(word).name for word in words]
    interpreter = ""
    for at, word in enumerate(words):
        option = next((before for before in reversed(words[:at]) if before != "--"), "")
        if "{text}" in word and interpreter and (_CODE.fullmatch(option) or interpreter == "ssh"):
            raise UserError(
                f"parameter 'command': '{interpreter}' would run the sentence as code: leave {{text}} out, "
                "and it comes on the standard input"
            )
        interpreter = names[at] if _INTERPRETER.fullmatch(names[at]) else interpreter
    if interpreter and [name for name in names if not name.startswith("-")][-1] == interpreter:
        raise UserError(
            f"parameter 'command': '{interpreter}' would run the sentence as code: say what it is to run"
        )
