"""Parameters of speaker diarization."""

from __future__ import annotations

from dataclasses import dataclass

from stalk_ros.parameters import Parameters, parameter


@dataclass(frozen=True)
class SpeakerParameters(Parameters):
    """Parameters of the diarization node."""

    backend: str = parameter(
        "auto", "Speaker embedding engine: 'auto' or the name of a backend", read_only=True
    )
    model: str = parameter(
        "", "Model of the engine, a name or a path; empty = the engine's default", read_only=True
    )
    device: str = parameter(
        "auto",
        "Where WeSpeaker runs; auto = on a GPU where there is one",
        choices=("auto", "cpu", "cuda"),
        read_only=True,
    )
    max_speakers: int = parameter(
        0, "No more people than this are told apart; 0 = no limit", minimum=0, maximum=100
    )
    speakers: int = parameter(
        0, "So many people are told apart, once all have been heard; 0 = not known", minimum=0, maximum=100
    )
    new_speaker_s: float = parameter(
        2.0, "Speech that an unknown voice needs to become a speaker, in seconds", minimum=0.5, maximum=10.0
    )
    threshold_offset: float = parameter(
        0.0,
        "Added to the model's similarity threshold: negative merges voices more readily",
        minimum=-0.3,
        maximum=0.3,
    )
    settle_s: float = parameter(
        0.0,
        "How long what is said after an utterance may change its speaker, in seconds; final only then",
        minimum=0.0,
        maximum=10.0,
    )
    store: str = parameter(
        "",
        "File with the voices of who is enrolled; empty = one for each model in the user's data folder",
        read_only=True,
    )
    owner: str = parameter(
        "",
        "Name of the one enrolled person who is to be told from everybody else; empty = all who are enrolled",
    )
