"""Parameters of the mouth."""

from __future__ import annotations

from dataclasses import dataclass

from stalk_ros.parameters import Parameters, parameter


@dataclass(frozen=True)
class MouthParameters(Parameters):
    """Parameters of the speak_suggestions node."""

    command: str = parameter(
        "espeak-ng -v {language} -- {text}",
        "Program that speaks, with its arguments: {text} is the sentence, {language} its BCP 47 tag; without "
        "{text} it gets the sentence on its standard input",
        read_only=True,
    )
    timeout_s: float = parameter(
        30.0, "A program that speaks for longer than this is ended, in seconds", minimum=1.0, maximum=600.0
    )
