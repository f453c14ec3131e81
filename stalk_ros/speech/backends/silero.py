"""Silero VAD (MIT, https://github.com/snakers4/silero-vad) on onnxruntime, as a stream."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stalk_ros.errors import UserError
from stalk_ros.model import WheelModel
from stalk_ros.speech.voice_activity import WINDOW

if TYPE_CHECKING:
    import numpy.typing as npt

_MODEL = WheelModel(
    name="silero-vad",
    stage="voice activity",
    default=True,
    # The same recurrent network (inputs `input` [n, 64 + 512], `h` and `c` [1, 1, 128]) comes with both.
    places=(
        ("silero_vad", "data/silero_vad_16k_sequence.onnx"),
        ("faster_whisper", "assets/silero_vad_v6.onnx"),
    ),
    install="pip install onnxruntime && pip install --no-deps silero-vad",
)
MODELS = (_MODEL,)

_CONTEXT = 64


class SileroVad:
    """A `VoiceDetector`.

    Unlike the wrappers that come with the model it carries the recurrent state and the 64 samples of context
    from window to window, so the result does not depend on how the stream is cut.

    Args:
        model: path of the ONNX file; "" = that of the installed silero-vad or faster-whisper package.

    Raises:
        UserError: onnxruntime or the model is missing, or the file is no such model.
    """

    _h: npt.NDArray[np.float32]
    _c: npt.NDArray[np.float32]
    _context: npt.NDArray[np.float32]

    def __init__(self, model: str = "") -> None:
        try:
            import onnxruntime
        except ImportError:
            raise UserError(f"voice activity needs onnxruntime: {_MODEL.install}") from None
        path = Path(model) if model else _MODEL.state().path
        if path is None:
            raise UserError(f"voice activity needs the Silero VAD model: {_MODEL.install}")
        if not path.is_file():
            raise UserError(f"there is no Silero VAD model '{path}'")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            self.reset()
            self.probability(np.zeros(WINDOW, np.float32))
        except Exception as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(f"'{path}' is not a Silero VAD model of version 6: {reason}") from None
        self.reset()

    def probability(self, window: npt.NDArray[np.float32]) -> float:
        """See `VoiceDetector.probability`."""
        heard = np.concatenate([self._context, window])
        inputs: dict[str, Any] = {"input": heard[np.newaxis], "h": self._h, "c": self._c}
        probability, self._h, self._c = self._session.run(None, inputs)
        self._context = heard[-_CONTEXT:]
        return float(probability.ravel()[0])

    def reset(self) -> None:
        """See `VoiceDetector.reset`."""
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)
