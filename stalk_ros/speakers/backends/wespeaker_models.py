"""The speaker models that WeSpeaker publishes, and where a model is on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stalk_ros.errors import UserError
from stalk_ros.model import HubModel
from stalk_ros.speakers.backends.fbank import THREE_D_SPEAKER, WESPEAKER, Features
from stalk_ros.speakers.embedding import Calibration

DEFAULT = "resnet34-LM"

LARGE_MARGIN = Calibration(
    window_s=1.5, cohesion=0.62, same_speaker=0.95, scatter=0.17, variation=0.12, same_person=0.56
)
"""Of networks that are trained with an additive angular margin, as all of these are.

Measured by ``bench/run.py calibration`` with 3D-Speaker's CAM++ for Chinese and English: 268 voices, most of
LibriSpeech, some in six languages, some synthetic; as they are, in noise and over a telephone line.

Not measured with the others, for which it is assumed. What somebody else has found on utterances of 2 s
supports it: equal errors at cosines of 0.41 to 0.45 with WeSpeaker's CAM++, 0.28 to 0.44 with 3D-Speaker's
(https://github.com/modelscope/3D-Speaker/issues/180).
"""


@dataclass(frozen=True, kw_only=True)
class SpeakerModel(HubModel):
    """A published model of which it is known what it wants to hear and what its similarities mean."""

    features: Features
    calibration: Calibration


def _published(name: str, megabytes: int, repository: str, file: str) -> SpeakerModel:
    return SpeakerModel(
        name=name,
        stage="who speaks",
        default=name == DEFAULT,
        repository=f"Wespeaker/wespeaker-{repository}",
        files=(file,),
        megabytes=megabytes,
        features=WESPEAKER,
        calibration=LARGE_MARGIN,
    )


MODELS = (
    _published("resnet34-LM", 27, "voxceleb-resnet34-LM", "voxceleb_resnet34_LM.onnx"),
    _published("resnet34", 27, "voxceleb-resnet34", "voxceleb_resnet34.onnx"),
    _published("resnet152-LM", 79, "voxceleb-resnet152-LM", "voxceleb_resnet152_LM.onnx"),
    _published("resnet221-LM", 95, "voxceleb-resnet221-LM", "voxceleb_resnet221_LM.onnx"),
    _published("resnet293-LM", 114, "voxceleb-resnet293-LM", "voxceleb_resnet293_LM.onnx"),
    _published("campplus-LM", 29, "voxceleb-campplus-LM", "voxceleb_CAM++_LM.onnx"),
    _published("campplus", 29, "voxceleb-campplus", "voxceleb_CAM++.onnx"),
    _published("ecapa512-LM", 25, "ecapa-tdnn512-LM", "voxceleb_ECAPA512_LM.onnx"),
    _published("ecapa512", 25, "voxceleb-ecapa-tdnn512", "voxceleb_ECAPA512.onnx"),
    _published("ecapa1024-LM", 59, "voxceleb-ecapa-tdnn1024-LM", "voxceleb_ECAPA1024_LM.onnx"),
    _published("ecapa1024", 59, "voxceleb-ecapa-tdnn1024", "voxceleb_ECAPA1024.onnx"),
    _published("dfresnet114-LM", 26, "voxceleb-gemini-DFresnet114-LM", "voxceleb_gemini_dfresnet114_LM.onnx"),
    _published("cnceleb-resnet34-LM", 27, "cnceleb-resnet34-LM", "cnceleb_resnet34_LM.onnx"),
    _published("cnceleb-resnet34", 27, "cnceleb-resnet34", "cnceleb_resnet34.onnx"),
    SpeakerModel(
        name="3dspeaker-campplus",
        stage="who speaks",
        repository="csukuangfj/speaker-embedding-models",
        files=("3dspeaker_speech_campplus_sv_zh_en_16k-common_advanced.onnx",),
        megabytes=28,
        features=THREE_D_SPEAKER,
        calibration=LARGE_MARGIN,
    ),
)
"""What WeSpeaker's ``docs/pretrained.md`` lists as ONNX files on Hugging Face.

And a model of 3D-Speaker for Chinese and English, of the architecture of WeSpeaker's CAM++.
"""


def known(name: str) -> SpeakerModel | None:
    """The published model of this name or in this repository."""
    return next((model for model in MODELS if name in (model.name, model.repository)), None)


def exported(model: str) -> tuple[Path, SpeakerModel | None]:
    """The ONNX file of a model, and the model if it is a published one.

    Args:
        model: a published model's name or repository, an ONNX file, or a folder with one; "" = `DEFAULT`.

    Raises:
        UserError: there is no such model here.
    """
    published = known(model or DEFAULT)
    if published:
        return published.located(), published
    path = Path(model).expanduser()
    if path.is_dir():
        files = sorted(path.glob("*.onnx"))
        if len(files) != 1:
            found = f"{len(files)} ONNX files, name one of them" if files else "no ONNX file"
            raise UserError(f"model folder '{path}' has {found}")
        path = files[0]
    if not path.is_file():
        names = ", ".join(one.name for one in MODELS)
        raise UserError(f"there is no model '{model}'; there are: {names}, or the path of an ONNX file")
    return path, None
