"""A sound server of one's own: loudspeakers and microphones of a machine that has none.

A null sink of PulseAudio is a loudspeaker in an empty room, and its monitor a microphone there: what is
played into it is heard, sample for sample where rate and channels are the same.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

_IDLE_EXIT_S = 600
"""It ends by itself when who started it was killed."""

_END_S = 10.0
"""Time enough for it to end."""


class SoundServer:
    """A PulseAudio daemon with one room, whose programs are those in `environment`.

    Args:
        folder: empty, for what the daemon writes; a short path, as it holds a socket.

    Attributes:
        environment: variables of the programs that are to use it, beside ``os.environ``.
    """

    def __init__(self, folder: Path) -> None:
        self._home = folder / "home"
        self._runtime = folder / "runtime"
        for made in (self._home, self._runtime):
            made.mkdir(mode=0o700)
        socket = folder / "socket"
        self.environment = {"PULSE_SERVER": f"unix:{socket}"}
        script = folder / "default.pa"
        protocol = f"load-module module-native-protocol-unix auth-anonymous=1 socket={socket}\n"
        script.write_text(protocol, encoding="utf-8")
        log = f"--log-target=file:{folder / 'log'}"
        options = ("--use-pid-file=yes", f"--exit-idle-time={_IDLE_EXIT_S}", log)
        own = {"HOME": str(self._home), "XDG_RUNTIME_DIR": str(self._runtime)}
        # It comes back when it can be used.
        command = ["pulseaudio", "-n", f"--file={script}", "--daemonize=yes", *options]
        subprocess.run(command, check=True, env={**os.environ, **own})
        self.add_room("room")

    def add_room(self, name: str, rate_hz: int = 16_000, channels: int = 1) -> str:
        """Add a sink ``name`` with its source ``name.monitor``; returns the number of its module."""
        sink = f"sink_name={name}", f"rate={rate_hz}", f"channels={channels}", "format=s16le"
        module = self.control("load-module", "module-null-sink", *sink).strip()
        self.control("set-default-sink", name)
        self.control("set-default-source", f"{name}.monitor")
        return module

    def remove(self, module: str) -> None:
        """Unplug what `add_room` added."""
        self.control("unload-module", module)

    def control(self, *arguments: str) -> str:
        """Run pactl; returns what it prints."""
        done = subprocess.run(
            ["pactl", *arguments], check=True, env=self._environment, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def play(self, file: Path, sink: str = "room") -> subprocess.Popen[bytes]:
        """Begin to play an audio file."""
        return subprocess.Popen(["paplay", f"--device={sink}", str(file)], env=self._environment)

    def close(self) -> None:
        """End the daemon; it writes nothing any more then."""
        pid_file = self._runtime / "pulse" / "pid"
        os.kill(int(pid_file.read_text(encoding="utf-8")), signal.SIGTERM)
        until_s = time.monotonic() + _END_S
        while pid_file.exists() and time.monotonic() < until_s:
            time.sleep(0.01)

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}
