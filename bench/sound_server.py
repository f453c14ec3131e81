"""A sound server of one's own: loudspeakers and microphones of a machine that has none.

A null sink of PulseAudio is a loudspeaker in an empty room, and its monitor a microphone there: what is
played into it is heard, sample for sample where rate and channels are the same.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    import numpy.typing as npt

_WITH_STARTER = ("setpriv", "--pdeathsig", "TERM")
"""It ends when the thread that started it does, even if that was killed."""

_LATENCY_MS = 20

_START_S = 30.0
_PATIENCE_S = 0.02
_END_S = 10.0

_PROGRAMS = ("pulseaudio", "pactl", "pacat", "paplay", "setpriv")
_PLUGIN = "alsa-lib/libasound_module_pcm_pulse.so"

_POSITIONS = "front-left,front-right,rear-left,rear-right,front-center,lfe,side-left,side-right"
"""Those that ALSA gives the channels, so that channel 2 of a room is channel 2 of the device."""

_DEVICES = """\
pcm.default {{ type pulse }}
pcm.pulse {{ type pulse }}
{rooms}"""
"""All that there is for ALSA: neither the cards of this machine nor its own sound server."""

_ROOM = """\
pcm.{name} {{ type pulse device "{name}.monitor" }}
"""


@contextlib.contextmanager
def sounding() -> Iterator[SoundServer]:
    """A sound server for this process and those that it starts."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        server = SoundServer(Path(folder))
        try:
            os.environ.update(server.environment)
            yield server
        finally:
            server.close()
            os.environ.clear()
            os.environ.update(before)


class SoundServer:
    """A PulseAudio daemon with one room, whose programs are those in `environment`.

    PortAudio lists each room as a device of its name. It claims 32 channels, as everything does that is of
    PulseAudio; open as many as the room has.

    Args:
        folder: empty, for what the daemon writes; a short path, as it holds a socket.

    Raises:
        RuntimeError: a program is missing, or the daemon does not start; the message says why.

    Attributes:
        environment: variables of the programs that are to use it, beside ``os.environ``.
    """

    def __init__(self, folder: Path) -> None:
        if missing := self.missing():
            raise RuntimeError(missing)
        self._socket, self._log = folder / "socket", folder / "log"
        self._devices = folder / "asound.conf"
        self._rooms: dict[str, str] = {}
        self._programs: list[subprocess.Popen[bytes]] = []
        self.environment = {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_COOKIE": str(folder / "cookie"),
            "ALSA_CONFIG_PATH": str(self._devices),
        }
        self._daemon = self._start(folder)
        try:
            self._until(self._answers, "pulseaudio takes no connections")
            self.add_room("room")
        except BaseException:
            self.close()
            raise

    @staticmethod
    def missing() -> str:
        """What this machine lacks to have one and how to get it; "" = nothing."""
        lacks = [program for program in _PROGRAMS if shutil.which(program) is None]
        if not any(Path("/usr").glob(f"lib*/**/{_PLUGIN}")):
            lacks.append(_PLUGIN)
        packages = "sudo apt install pulseaudio pulseaudio-utils libasound2-plugins"
        return f"a sound server needs {', '.join(lacks)}: {packages}" if lacks else ""

    def add_room(self, name: str, rate_hz: int = 16_000, channels: int = 1) -> str:
        """Add a sink ``name`` with its source ``name.monitor``; returns the number of its module.

        The first one is the default.
        """
        form = (
            f"rate={rate_hz}",
            "format=s16le",
            f"channels={channels}",
            f"channel_map={_channel_map(channels)}",
        )
        module = self.control("load-module", "module-null-sink", f"sink_name={name}", *form).strip()
        if not self._rooms:  # programs that use the old default would move to a new one
            self.control("set-default-sink", name)
            self.control("set-default-source", f"{name}.monitor")
        self._rooms[module] = name
        self._list()
        self._wake(name)
        return module

    def remove(self, module: str) -> None:
        """Unplug what `add_room` added: recording there ends, and the device is gone."""
        del self._rooms[module]
        self._list()
        self.control("unload-module", module)

    def control(self, *arguments: str) -> str:
        """Run pactl; returns what it prints."""
        done = subprocess.run(
            ["pactl", *arguments], check=True, env=self._environment, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def play(self, file: Path, sink: str = "room") -> subprocess.Popen[bytes]:
        """Begin to play an audio file."""
        return self._playing(["paplay", f"--device={sink}", str(file)], None)

    def play_samples(
        self, samples: npt.NDArray[np.int16], rate_hz: int = 16_000, sink: str = "room"
    ) -> subprocess.Popen[bytes]:
        """Begin to play samples [n] or [n, channels]."""
        channels = samples.shape[1] if samples.ndim > 1 else 1
        layout = f"--channels={channels}", f"--channel-map={_channel_map(channels)}"
        command = ["pacat", "--playback", "--raw", "--format=s16le", f"--rate={rate_hz}", *layout]
        with tempfile.TemporaryFile() as data:
            data.write(samples.astype("<i2").tobytes())
            data.seek(0)
            return self._playing([*command, f"--device={sink}"], data)

    def close(self) -> None:
        """End the daemon and who still plays."""
        for program in self._programs:
            program.kill()
            program.wait()
        self._daemon.terminate()
        try:
            self._daemon.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._daemon.kill()
            self._daemon.wait()

    def _start(self, folder: Path) -> subprocess.Popen[bytes]:
        home, runtime = folder / "home", folder / "runtime"
        for made in (home, runtime):
            made.mkdir(mode=0o700)
        self._list()
        script = folder / "default.pa"
        protocol = f"load-module module-native-protocol-unix auth-anonymous=1 socket={self._socket}\n"
        script.write_text(protocol, encoding="utf-8")
        options = ("--use-pid-file=no", "--exit-idle-time=-1", f"--log-target=file:{self._log}")
        others = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
        own = {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
        command = [*_WITH_STARTER, "pulseaudio", "-n", f"--file={script}", "--daemonize=no", *options]
        return subprocess.Popen(command, env={**others, **own}, stdin=subprocess.DEVNULL)

    def _wake(self, room: str) -> None:
        """Make a room's microphone give what it hears at once, as a real one does.

        A null sink that nobody hurries works in blocks of two seconds, and finishes the first one before it
        looks whether somebody does.
        """
        self.control("suspend-sink", room, "1")
        listening = self._listeners()
        command = ["pacat", "--record", "--raw", f"--device={room}.monitor", f"--latency-msec={_LATENCY_MS}"]
        self._programs.append(
            subprocess.Popen([*_WITH_STARTER, *command], env=self._environment, stdout=subprocess.DEVNULL)
        )
        self._until(lambda: self._listeners() > listening, f"pacat does not listen in the room {room}")
        self.control("suspend-sink", room, "0")

    def _listeners(self) -> int:
        return len(self.control("list", "short", "source-outputs").splitlines())

    def _until(self, happened: Callable[[], bool], otherwise: str) -> None:
        """Wait for what the daemon does, as long as it runs."""
        for _ in range(round(_START_S / _PATIENCE_S)):
            if happened():
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                otherwise = f"pulseaudio ended with code {self._daemon.wait(_PATIENCE_S)}"
                break
        raise RuntimeError(f"{otherwise}: {self._log.read_text('utf-8') if self._log.exists() else ''}")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self._socket)) == 0

    def _list(self) -> None:
        """Tell ALSA the rooms."""
        rooms = "".join(_ROOM.format(name=name) for name in self._rooms.values())
        self._devices.write_text(_DEVICES.format(rooms=rooms), encoding="utf-8")

    def _playing(self, command: list[str], data: BinaryIO | None) -> subprocess.Popen[bytes]:
        player = subprocess.Popen(command, env=self._environment, stdin=data)
        self._programs.append(player)
        return player

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


def _channel_map(channels: int) -> str:
    return "mono" if channels == 1 else ",".join(_POSITIONS.split(",")[:channels])
