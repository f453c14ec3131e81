"""Parameters of speech recognition."""

from __future__ import annotations

from dataclasses import dataclass

from stalk_ros.parameters import Parameters, parameter


@dataclass(frozen=True)
class SpeechParameters(Parameters):
    """Parameters of the asr node."""

    backend: str = parameter("auto", "ASR engine: 'auto' or the name of a backend", read_only=True)
    model: str = parameter(
        "", "Model of the engine, a name or a path; empty = the engine's default", read_only=True
    )
    vad_model: str = parameter("", "Path of a Silero VAD model; empty = the installed one", read_only=True)
    speech_threshold: float = parameter(
        0.5, "Probability of speech from which somebody speaks", minimum=0.05, maximum=0.95
    )
    min_speech_s: float = parameter(
        0.1, "Shorter sounds are not speech, in seconds", minimum=0.032, maximum=2.0
    )
    end_of_turn_s: float = parameter(
        0.6, "Silence that ends an utterance, in seconds", minimum=0.1, maximum=5.0
    )
    pre_roll_s: float = parameter(
        0.3, "Audio before the detected start that the engine hears too, in seconds", minimum=0.0, maximum=2.0
    )
    max_utterance_s: float = parameter(
        30.0, "A longer utterance is cut at its deepest pause, in seconds", minimum=5.0, maximum=120.0
    )
    partials: bool = parameter(False, "Also publish what is understood while somebody is still speaking")
    partial_interval_s: float = parameter(
        1.0, "Audio between two partial results, in seconds", minimum=0.2, maximum=10.0
    )
