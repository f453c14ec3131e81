"""The microphones of this machine, as PortAudio lists them."""

from __future__ import annotations

import contextlib
import ctypes
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stalk_ros.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

_RATES_HZ = (8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000)

_LOGS = {
    "libasound.so.2": ("snd_lib_error_set_handler",),
    "libjack.so.0": ("jack_set_error_function", "jack_set_info_function"),
}
"""What sets the function that prints a library's log."""

_turn = threading.Lock()
"""PortAudio counts who uses it, and not atomically."""


class MissingDeviceError(UserError):
    """No such microphone is there now; it may still be plugged in."""


@dataclass(frozen=True)
class Device:
    """A device that records.

    ``index`` is the number that PortAudio gave it, which changes when others come and go. ``channels`` is the
    most it records, ``rates_hz`` those of the usual rates it records at: none when another program holds it.
    ``host`` is the sound system it belongs to.
    """

    index: int
    name: str
    channels: int
    default_rate_hz: int
    rates_hz: tuple[int, ...]
    is_default: bool
    host: str


def engine() -> Any:
    """The module PyAudio; raises `UserError` when it is missing."""
    try:
        import pyaudio
    except ImportError:
        raise UserError(
            "the microphone needs PyAudio: sudo apt install portaudio19-dev && pip install PyAudio"
        ) from None
    return pyaudio


@contextlib.contextmanager
def portaudio() -> Iterator[Any]:
    """A `pyaudio.PyAudio`, which knows the devices that there are now, until the block ends.

    Raises:
        UserError: PyAudio is missing or does not start.
    """
    pyaudio = engine()
    _hush()
    with _turn:
        try:
            audio = pyaudio.PyAudio()
        except OSError as error:
            raise UserError(f"PortAudio does not start: {error}; does the sound system run?") from None
    try:
        yield audio
    finally:
        with _turn:
            audio.terminate()


def devices(audio: Any) -> list[Device]:
    """Every device that records.

    Asking what rates one has takes some milliseconds.

    Raises:
        MissingDeviceError: there is none.
    """
    return [_device(audio, info) for info in _inputs(audio)]


def choose(audio: Any, wanted: str) -> Device:
    """The device that a person means.

    Args:
        audio: from `portaudio`.
        wanted: its number, its name or a part of it; empty for the default one.

    Raises:
        MissingDeviceError: there is none.
        UserError: there are several, or it does not record.
    """
    inputs = _inputs(audio)
    wanted = wanted.strip()
    if not wanted:
        default = _default(audio)
        return _device(audio, next((info for info in inputs if info["index"] == default), inputs[0]))
    found = [info for info in inputs if _is_meant(info, wanted)] or [
        info for info in inputs if not wanted.isdecimal() and wanted.casefold() in _name(info).casefold()
    ]
    if len(found) == 1:
        return _device(audio, found[0])
    if found:
        raise UserError(f"several microphones are called '{wanted}': {_listed(found)}; take a number")
    if wanted.isdecimal() and int(wanted) < audio.get_device_count():
        name = _name(audio.get_device_info_by_index(int(wanted)))
        raise UserError(f"device {wanted}, '{name}', does not record; these do: {_listed(inputs)}")
    raise MissingDeviceError(f"there is no microphone '{wanted}'; there are: {_listed(inputs)}")


def records_at(audio: Any, index: int, rate_hz: int, channels: int = 1) -> bool:
    """Whether a device can record so many channels at a rate, by its ``index``."""
    try:
        audio.is_format_supported(
            rate_hz, input_device=index, input_channels=channels, input_format=engine().paInt16
        )
    except ValueError:
        return False
    return True


def _inputs(audio: Any) -> list[dict[str, Any]]:
    infos = (audio.get_device_info_by_index(index) for index in range(audio.get_device_count()))
    inputs = [info for info in infos if info["maxInputChannels"] > 0]
    if not inputs:
        raise MissingDeviceError(
            "there is no microphone: plug one in; containers need /dev/snd or the socket of the sound server"
        )
    return inputs


def _is_meant(info: dict[str, Any], wanted: str) -> bool:
    number = wanted.isdecimal() and int(wanted) == info["index"]
    return number or wanted.casefold() == _name(info).casefold()


def _device(audio: Any, info: dict[str, Any]) -> Device:
    return Device(
        index=info["index"],
        name=_name(info),
        channels=info["maxInputChannels"],
        default_rate_hz=round(info["defaultSampleRate"]),
        rates_hz=tuple(rate for rate in _RATES_HZ if records_at(audio, info["index"], rate)),
        is_default=info["index"] == _default(audio),
        host=str(audio.get_host_api_info_by_index(info["hostApi"])["name"]),
    )


def _default(audio: Any) -> int | None:
    try:
        return int(audio.get_default_input_device_info()["index"])
    except OSError:
        return None


def _name(info: dict[str, Any]) -> str:
    return str(info["name"]).strip()


def _listed(infos: list[dict[str, Any]]) -> str:
    return ", ".join(f"{info['index']} '{_name(info)}'" for info in infos)


def _hush() -> None:
    """Stop ALSA and JACK from printing what they try while PortAudio looks for devices.

    Their logs go to a function of the C library that ignores what it gets, and not to one of Python: they may
    come from a thread that outlives the interpreter.
    """
    ignore = ctypes.CDLL(None).getpid
    for library, setters in _LOGS.items():
        # PortAudio may be built without one of them.
        with contextlib.suppress(OSError, AttributeError):
            loaded = ctypes.CDLL(library)
            for setter in setters:
                getattr(loaded, setter)(ignore)
