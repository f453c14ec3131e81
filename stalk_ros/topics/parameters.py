"""Parameters of topic recommendation."""

from __future__ import annotations

from dataclasses import dataclass

from stalk_ros.errors import UserError
from stalk_ros.parameters import Parameters, parameter
from stalk_ros.topics.languages import LEVELS, is_tag
from stalk_ros.topics.quiet_hours import quiet_hours


@dataclass(frozen=True)
class TopicParameters(Parameters):
    """Parameters of the topic_recommender node.

    For what the numbers of awkwardness mean and where they come from see `stalk_ros.topics.awkwardness`.
    """

    backend: str = parameter(
        "auto", "Engine that makes suggestions: 'auto' or the name of a backend", read_only=True
    )
    model: str = parameter(
        "",
        "Model of the engine. llama_cpp: path of a GGUF file, a name such as 'llama-3.1-8b', or a Hugging "
        "Face repository; openai_server: the model's name there. Empty = the engine's default",
        read_only=True,
    )
    model_file: str = parameter(
        "", "llama_cpp: the GGUF file in the Hugging Face repository 'model'", read_only=True
    )
    lora: str = parameter(
        "", "llama_cpp: path of a LoRA adapter (GGUF) for the model, empty = none", read_only=True
    )
    gpu_layers: int = parameter(
        0,
        "llama_cpp: how many of the model's layers a GPU computes, -1 = all",
        minimum=-1,
        maximum=1000,
        read_only=True,
    )
    threads: int = parameter(
        0,
        "llama_cpp: processor threads it computes with, 0 = half of the processor's",
        minimum=0,
        maximum=256,
        read_only=True,
    )
    context_tokens: int = parameter(
        4096,
        "llama_cpp and openai_server: tokens that the conversation and the answer may take",
        minimum=1024,
        maximum=1_048_576,
        read_only=True,
    )
    chat_format: str = parameter(
        "",
        "llama_cpp: name of a chat format of llama-cpp-python such as 'llama-3', empty = the template in the "
        "model",
        read_only=True,
    )
    base_url: str = parameter(
        "http://127.0.0.1:8000/v1",
        "openai_server: where the server's interface begins; of llama.cpp, vLLM, Ollama or any other that is "
        "compatible with OpenAI's",
        read_only=True,
    )
    api_key_variable: str = parameter(
        "OPENAI_API_KEY",
        "openai_server: environment variable that holds the server's key; one that is not set is no key",
        read_only=True,
    )
    timeout_s: float = parameter(
        10.0,
        "openai_server: how long the server may be silent, in seconds",
        minimum=0.1,
        maximum=600.0,
        read_only=True,
    )
    retries: int = parameter(
        2,
        "openai_server: how often a request that failed is sent again, each time later than before",
        minimum=0,
        maximum=10,
        read_only=True,
    )
    prompts: str = parameter(
        "",
        "llama_cpp and openai_server: folder with prompts of your own, one <language>.md for each language; "
        "empty = the package's",
        read_only=True,
    )
    bank: str = parameter(
        "",
        "Path of a topic bank of your own (YAML), which also answers where another engine does not; empty = "
        "the package's",
        read_only=True,
    )
    budget_s: float = parameter(
        6.0,
        "How long an engine may think about a suggestion, in seconds; then the topic bank answers",
        minimum=0.1,
        maximum=600.0,
    )
    language: str = parameter(
        "", "Language of the suggestions as a BCP 47 tag; empty = the language of the talk"
    )
    speech_level: str = parameter(
        "polite",
        "How suggestions in Korean, and those of a language model in Japanese, address people: 'polite' "
        "(해요체, です・ます), 'formal' (하십시오체, 尊敬語) or 'casual' (해체, タメ口)",
        choices=LEVELS,
        read_only=True,
    )
    relationship: str = parameter(
        "acquaintances",
        "How well the people know each other, which is how much silence they bear: 'strangers' (3 s), "
        "'acquaintances' (4 s) or 'friends' (7 s)",
        choices=("strangers", "acquaintances", "friends"),
    )
    silence_s: float = parameter(
        0.0,
        "Silence after a finished turn that calls for a suggestion on its own, in seconds; 0 = as "
        "'relationship' and the language have it",
        minimum=0.0,
        maximum=60.0,
    )
    silence_factor: float = parameter(
        0.0,
        "How much longer people bear silence in their language than in English; 0 = as the language has it "
        "(Japanese 2, Korean 1.25)",
        minimum=0.0,
        maximum=10.0,
    )
    mid_turn_factor: float = parameter(
        2.0,
        "How much longer silence is waited through in the middle of a turn ('I think we should …')",
        minimum=1.0,
        maximum=10.0,
    )
    offer_at: float = parameter(
        0.7, "Awkwardness at which a suggestion is offered", minimum=0.05, maximum=0.95
    )
    calm_at: float = parameter(
        0.1,
        "Awkwardness without silence at which talk has recovered, so that other signs than silence may "
        "bring a suggestion forward again",
        minimum=0.0,
        maximum=1.0,
    )
    minimal_responses_weight: float = parameter(
        0.25, "What a run of minimal responses ('yeah', 'mhm') adds to awkwardness", minimum=0.0, maximum=1.0
    )
    minimal_responses: int = parameter(
        4, "So many minimal responses in a row are a full run", minimum=2, maximum=50
    )
    repetition_weight: float = parameter(
        0.2, "What talk in circles adds to awkwardness", minimum=0.0, maximum=1.0
    )
    one_sided_weight: float = parameter(
        0.1, "What it adds that one person does all the talking", minimum=0.0, maximum=1.0
    )
    one_sided_share: float = parameter(
        0.9, "Part of the recent talk that makes one person all of it", minimum=0.5, maximum=1.0
    )
    unanswered_question_weight: float = parameter(
        0.15, "What a question adds that nobody answers", minimum=0.0, maximum=1.0
    )
    hesitation_weight: float = parameter(
        0.1, "What hesitation ('um, well, uh') adds to awkwardness", minimum=0.0, maximum=1.0
    )
    cooldown_s: float = parameter(
        20.0, "Least time from one suggestion to the next, in seconds", minimum=0.0, maximum=3600.0
    )
    max_per_hour: int = parameter(
        20, "Most suggestions within an hour; those that were asked for do not count", minimum=0, maximum=3600
    )
    quiet_hours: str = parameter(
        "",
        "Times of day without suggestions, as '22:00-07:00' in the machine's time zone; several with commas, "
        "empty = none",
    )
    valid_s: float = parameter(
        10.0, "How long an offer stands unless somebody speaks, in seconds", minimum=1.0, maximum=300.0
    )
    repeat_after_s: float = parameter(
        1800.0,
        "How long a topic that was suggested is not suggested again, in seconds",
        minimum=0.0,
        maximum=86400.0,
    )
    avoid: str = parameter(
        "",
        "Path of lists (YAML) of what suggestions must not touch, in place of or beside the package's; empty "
        "= the package's",
        read_only=True,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        quiet_hours(self.quiet_hours)
        if self.language and not is_tag(self.language):
            raise UserError(f"parameter 'language' must be a BCP 47 tag such as 'ko', not '{self.language}'")
