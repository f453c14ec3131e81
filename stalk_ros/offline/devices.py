"""``stalk devices``: which microphones there are, and what they hear."""

from __future__ import annotations

import queue
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.live import Live

from stalk_ros.audio import Device, LevelMeter, choose_device, list_devices, portaudio
from stalk_ros.errors import UserError
from stalk_ros.offline.levels import LevelsView, line

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    import numpy.typing as npt

_ARRAY = 8
"""What claims more channels is a sound server, which mixes by itself."""

_BLOCKS_PER_S = 10
_PATIENCE_S = 5.0
"""A device may wake for two seconds."""


def _show(_options: Namespace) -> None:
    """Print every microphone in a line.

    Raises:
        UserError: there is none.
    """
    with portaudio() as audio:
        choose_device(audio, "")  # says what to do when there is none
        found = list_devices(audio)
    rows = [("number", "name", "channels", "rates (kHz)", "system", ""), *map(_row, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _test(options: Namespace) -> None:
    """Show how loud each channel is until it is interrupted.

    Raises:
        UserError: the device cannot be used as it is asked for, or stops.
    """
    with portaudio() as audio:
        device = choose_device(audio, options.device)
        opened, shown = _channels(options.channels, device)
        rate = _rate_hz(device)
        try:
            with _recording(audio, device, opened, rate) as blocks:
                _watch(device, blocks, shown, rate, options.seconds)
        except KeyboardInterrupt:
            raise KeyboardInterrupt("the microphone is closed") from None


COMMANDS = {"show": _show, "test": _test}
"""What each action does with its options."""


def _row(device: Device) -> tuple[str, ...]:
    rates = " ".join(f"{rate / 1000:g}" for rate in device.rates_hz) or "none: in use?"
    default = "default" if device.is_default else ""
    return str(device.index), device.name, str(device.channels), rates, device.host, default


def _channels(wanted: str, device: Device) -> tuple[int, list[int]]:
    """How many channels to open, and which of them to show."""
    names = [name.strip() for name in wanted.split(",")] if wanted.strip() else []
    if not all(name.isdecimal() for name in names):
        raise UserError(f"--channels must be numbers from 0 on, such as 0 or 1,2, not '{wanted}'")
    shown = [int(name) for name in names]
    if shown and max(shown) >= device.channels:
        raise UserError(
            f"'{device.name}' has no channel {max(shown)}: its channels are 0 to {device.channels - 1}"
        )
    if device.channels > _ARRAY:
        return max(shown, default=0) + 1, shown or [0]
    return device.channels, shown or list(range(device.channels))


def _rate_hz(device: Device) -> int:
    if not device.rates_hz:
        raise UserError(f"'{device.name}' does not open: does another program hold it?")
    return device.default_rate_hz if device.default_rate_hz in device.rates_hz else device.rates_hz[-1]


@contextmanager
def _recording(audio: Any, device: Device, channels: int, rate_hz: int) -> Iterator[queue.SimpleQueue[bytes]]:
    """What the device records, as blocks of int16 [frames, channels]."""
    import pyaudio

    blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def arrived(data: bytes, *_: object) -> tuple[None, int]:
        blocks.put(data)
        return None, int(pyaudio.paContinue)

    try:
        stream = audio.open(
            rate=rate_hz,
            channels=channels,
            format=pyaudio.paInt16,
            input=True,
            input_device_index=device.index,
            frames_per_buffer=rate_hz // _BLOCKS_PER_S,
            stream_callback=arrived,
        )
    except OSError as error:
        raise UserError(f"cannot open '{device.name}': {error}; does another program hold it?") from None
    try:
        yield blocks
    finally:
        stream.close()


def _watch(
    device: Device, blocks: queue.SimpleQueue[bytes], shown: list[int], rate_hz: int, seconds: float | None
) -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    meters = [LevelMeter(rate_hz) for _ in shown]
    view = LevelsView(f"{device.name}, {rate_hz / 1000:g} kHz", shown, meters)
    heard, told = 0, 0
    with ExitStack() as stack:
        live = stack.enter_context(Live(view, console=console)) if console.is_terminal else None
        while seconds is None or heard < seconds * rate_hz:
            frames = _next(device, blocks, max(shown) + 1)
            heard += len(frames)
            for channel, meter in zip(shown, meters, strict=True):
                meter.push(np.ascontiguousarray(frames[:, channel]))
            view.update()
            if live is None and heard // rate_hz > told:
                told = heard // rate_hz
                print(line(shown, meters), flush=True)


def _next(device: Device, blocks: queue.SimpleQueue[bytes], channels: int) -> npt.NDArray[np.int16]:
    try:
        data = blocks.get(timeout=_PATIENCE_S)
    except queue.Empty:
        raise UserError(f"'{device.name}' gives no audio: plug it in again, or try another one") from None
    return np.frombuffer(data, np.int16).reshape(-1, channels)
