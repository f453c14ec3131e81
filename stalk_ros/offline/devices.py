"""``stalk devices``: which microphones there are, and what they hear."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.live import Live

from stalk_ros.audio import Device, LevelMeter, Recording, list_devices, portaudio
from stalk_ros.errors import UserError
from stalk_ros.offline.levels import LevelsView, line

if TYPE_CHECKING:
    from argparse import Namespace

_BLOCK_S = 0.1


def _show(_options: Namespace) -> None:
    """Print every microphone in a line.

    Raises:
        UserError: there is none.
    """
    with portaudio() as audio:
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
    if options.seconds is not None and not options.seconds > 0:
        raise UserError(f"--seconds must be above 0, not {options.seconds:g}")
    try:
        with (
            portaudio() as audio,
            Recording(audio, options.device, options.channels, _BLOCK_S) as recording,
        ):
            _watch(recording, options.seconds)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("the microphone is closed") from None


COMMANDS = {"show": _show, "test": _test}
"""What each action does with its options."""


def _row(device: Device) -> tuple[str, ...]:
    rates = " ".join(f"{rate / 1000:g}" for rate in device.rates_hz) or "none: in use?"
    default = "default" if device.is_default else ""
    return str(device.index), device.name, str(device.channels), rates, device.host, default


def _watch(recording: Recording, seconds: float | None) -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    rate, shown = recording.rate_hz, recording.wanted
    meters = [LevelMeter(rate) for _ in shown]
    view = LevelsView(f"{recording.name}, {rate / 1000:g} kHz", shown, meters)
    heard, told = 0, 0
    with ExitStack() as stack:
        live = stack.enter_context(Live(view, console=console)) if console.is_terminal else None
        for block in recording.blocks(threading.Event()):
            frames = np.frombuffer(block.data, np.int16).reshape(-1, recording.channels)
            heard += len(frames)
            for channel, meter in zip(shown, meters, strict=True):
                meter.push(frames[:, channel])
            view.update()
            if live is None and heard // rate > told:
                told = heard // rate
                print(line(shown, meters), flush=True)
            if seconds is not None and heard >= seconds * rate:
                return
