from __future__ import annotations

import pytest

from stalk_ros.audio import Microphone
from stalk_ros.errors import UserError


def test_without_pyaudio_it_says_how_to_install_it(uninstall) -> None:
    uninstall("pyaudio")
    with pytest.raises(UserError) as error:
        Microphone(lambda: 0)
    assert str(error.value) == (
        "the microphone needs PyAudio: sudo apt install portaudio19-dev && pip install PyAudio"
    )
