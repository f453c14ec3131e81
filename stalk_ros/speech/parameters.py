"""Parameters of speech recognition."""

from __future__ import annotations

from dataclasses import dataclass

from stalk_ros.parameters import Parameters, parameter

COMPUTE_TYPES = (
    "auto",
    "default",
    "int8",
    "int8_float32",
    "int8_float16",
    "int8_bfloat16",
    "int16",
    "float16",
    "bfloat16",
    "float32",
)
"""Those of CTranslate2."""


@dataclass(frozen=True)
class SpeechParameters(Parameters):
    """Parameters of the asr node."""

    backend: str = parameter("auto", "ASR engine: 'auto' or the name of a backend", read_only=True)
    model: str = parameter(
        "", "Model of the engine, a name or a path; empty = the engine's default", read_only=True
    )
    device: str = parameter(
        "auto", "Where faster_whisper runs", choices=("auto", "cpu", "cuda"), read_only=True
    )
    compute_type: str = parameter(
        "auto",
        "How faster_whisper computes; auto = the fastest way of the device, default = as the model was saved",
        choices=COMPUTE_TYPES,
        read_only=True,
    )
    threads: int = parameter(
        0,
        "Processor threads of faster_whisper; 0 = as the engine likes",
        minimum=0,
        maximum=256,
        read_only=True,
    )
    beam_size: int = parameter(
        5, "Hypotheses that faster_whisper follows; 1 = the fastest", minimum=1, maximum=20, read_only=True
    )
    language: str = parameter(
        "", "Language that is spoken, as a BCP 47 tag; empty = detected for each utterance", read_only=True
    )
    language_fallback: str = parameter(
        "",
        "Language of an utterance where detection is not sure, as a BCP 47 tag; empty = the likeliest one",
        read_only=True,
    )
    language_confidence: float = parameter(
        0.5,
        "Probability from which a detected language counts",
        minimum=0.0,
        maximum=1.0,
        read_only=True,
    )
    initial_prompt: str = parameter(
        "",
        "Text that faster_whisper takes as said before each utterance, for its style and names; a long one "
        "costs time and words",
        read_only=True,
    )
    hotwords: str = parameter(
        "", "Words that faster_whisper shall expect, such as names, with spaces between", read_only=True
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
        29.0,
        "A longer utterance is cut at its deepest pause, in seconds; Whisper hears 30 s at once",
        minimum=5.0,
        maximum=120.0,
    )
    robot_tail_s: float = parameter(
        0.3,
        "How long nothing is heard after the robot has spoken, in seconds: its voice is still in the room",
        minimum=0.0,
        maximum=5.0,
    )
    partials: bool = parameter(True, "Also publish what is understood while somebody is still speaking")
    partial_interval_s: float = parameter(
        1.0, "Audio between two partial results, in seconds", minimum=0.2, maximum=10.0
    )
    partial_load: float = parameter(
        1.0,
        "Work that partial results may take, relative to that of final ones; more makes them come more often",
        minimum=0.1,
        maximum=100.0,
    )
