"""Devices on a sound server of the test's own, through PyAudio."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from stalk_ros.audio import list_devices, portaudio
from stalk_ros.audio.devices import choose
from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from bench.sound_server import SoundServer


@pytest.fixture
def refusal(sound_server: SoundServer):
    """Why there is no device for a name."""

    def asked(wanted: str) -> str:
        with portaudio() as audio, pytest.raises(UserError) as error:
            choose(audio, wanted)
        return str(error.value)

    return asked


def test_every_room_is_a_device_of_its_name(sound_server: SoundServer) -> None:
    sound_server.add_room("array", 48_000, 6)
    with portaudio() as audio:
        found = {device.name: device for device in list_devices(audio)}
    assert set(found) == {"room", "array", "default", "pulse"}
    assert [name for name, device in found.items() if device.is_default] == ["default"]
    assert found["room"].rates_hz == (8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000)
    assert found["array"].channels >= 6
    assert found["array"].host == "ALSA"


def test_a_device_that_is_unplugged_is_gone(sound_server: SoundServer) -> None:
    module = sound_server.add_room("head")
    with portaudio() as audio:
        assert choose(audio, "head").name == "head"
    sound_server.remove(module)
    with portaudio() as audio:
        assert "head" not in [device.name for device in list_devices(audio)]


def test_a_device_is_chosen_by_number_name_part_or_default(sound_server: SoundServer) -> None:
    sound_server.add_room("room_two")
    with portaudio() as audio:
        for device in list_devices(audio):
            assert choose(audio, str(device.index)) == device
            assert choose(audio, f" {device.name.upper()} ") == device
        assert choose(audio, "om_TW").name == "room_two"
        assert choose(audio, "").is_default


def test_a_name_that_fits_none_or_several_is_told_with_what_there_is(
    sound_server: SoundServer, refusal: Any
) -> None:
    sound_server.add_room("room_two")
    assert "no microphone 'kitchen'; there are: " in refusal("kitchen")
    assert "'room_two'" in refusal("kitchen")
    told = refusal("oom")
    assert told.startswith("several microphones are called 'oom': ")
    assert "'room'" in told and "'room_two'" in told and "'pulse'" not in told
    assert refusal("99").startswith("there is no microphone '99'; there are: ")


def test_a_machine_without_a_microphone_is_told(monkeypatch: pytest.MonkeyPatch, refusal: Any) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    assert refusal("").startswith("there is no microphone: plug one in; ")


def test_the_number_of_a_loudspeaker_is_refused() -> None:
    """With a stand-in for PyAudio: every device of a sound server records."""

    class Audio:
        def get_device_count(self) -> int:
            return 2

        def get_device_info_by_index(self, index: int) -> dict[str, Any]:
            return {"index": index, "name": ["HDMI", "USB"][index], "maxInputChannels": index}

    with pytest.raises(UserError) as error:
        choose(Audio(), "0")
    assert str(error.value) == "device 0, 'HDMI', does not record; these do: 1 'USB'"


def test_without_pyaudio_it_says_how_to_install_it(uninstall) -> None:
    uninstall("pyaudio")
    with pytest.raises(UserError) as error, portaudio():
        pass
    assert str(error.value) == (
        "the microphone needs PyAudio: sudo apt install portaudio19-dev && pip install PyAudio"
    )


def test_looking_for_devices_prints_nothing(tmp_path: Path) -> None:
    """With ALSA's usual configuration, which names cards that this machine may not have."""
    code = "from stalk_ros.audio import portaudio\nwith portaudio(): pass"
    hidden = {"ALSA_CONFIG_PATH", "PULSE_SERVER"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
