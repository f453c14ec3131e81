"""What the monitor shows."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from rich.console import Group
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from stalk_ros.clock import ns_to_seconds
from stalk_ros.events import ConversationState, Suggestion, Utterance, VoiceActivity
from stalk_ros.offline.lines import clock, speaker, suggestion

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from stalk_ros.offline.conversation import Event
    from stalk_ros.offline.times import RecordingTime

_UTTERANCES = 200
_SUGGESTIONS = 4
_AWKWARD_S = 8.0


class MonitorView:
    """Who is speaking, who said what, the silence and the suggestions; a rich renderable.

    Args:
        times: of the audio that is heard.

    Attributes:
        problem: what a node complains about, "" = nothing.
    """

    def __init__(self, times: RecordingTime) -> None:
        self.problem = ""
        self._times = times
        self._activity: VoiceActivity | None = None
        self._state: ConversationState | None = None
        self._partial: Utterance | None = None
        self._utterances: deque[Utterance] = deque(maxlen=_UTTERANCES)
        self._suggestions: deque[Suggestion] = deque(maxlen=_SUGGESTIONS)

    def update(self, event: Event) -> None:
        """Take in an event."""
        if isinstance(event, VoiceActivity):
            self._activity = event
        elif isinstance(event, ConversationState):
            self._state = event
        elif isinstance(event, Suggestion):
            self._suggestions.append(event)
        elif event.final:
            self._partial = None
            if event.text:
                self._utterances.append(event)
        else:
            self._partial = event

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw everything, the transcript in the room that is left."""
        offers = self._offers()
        # Its borders and blanks take four columns; a long suggestion needs more than a line.
        lines = console.render_lines(offers, options.update(width=options.max_width - 4, height=None))
        room = max(3, (options.height or console.height) - len(lines) - 10)
        yield Panel(self._now(), title="stalk_ros", title_align="left")
        yield Panel(self._transcript(room), title="who said what", title_align="left")
        yield Panel(offers, title="suggestions", title_align="left")
        if self.problem:
            yield Text(self.problem, style="bold red")

    def _now(self) -> Group:
        row = Table.grid(padding=(0, 2))
        if self._activity is None:
            return Group("[dim]waiting for audio …[/]", "", "")
        activity, state = self._activity, self._state
        talking = "[bold green]● somebody speaks[/]" if activity.speech else "[dim]○ silence[/]"
        if state and state.robot_speaking:
            talking = "[bold yellow]● the robot speaks[/]"
        if state and state.barge_in:
            talking = "[bold red]● barge-in[/]"
        silence_s = 0.0 if activity.speech else ns_to_seconds(activity.duration_ns)
        bar = ProgressBar(total=_AWKWARD_S, completed=min(silence_s, _AWKWARD_S), width=30)
        awkwardness = state.awkwardness if state else 0.0
        row.add_row(
            clock(self._times.seconds(activity.time_ns)),
            talking,
            bar,
            f"{silence_s:4.1f} s",
            f"awkward {awkwardness:.2f}",
        )
        reasons = Text("; ".join(state.reasons) if state else "", no_wrap=True, overflow="ellipsis")
        return Group(row, reasons, self._shares())

    def _shares(self) -> str:
        if self._state is None or not self._state.speakers:
            return "[dim]nobody has spoken yet[/]"
        shares = zip(self._state.speakers, self._state.talk_share, strict=False)
        topic = f"   topic: {escape(self._state.topic)}" if self._state.topic else ""
        return "talk share: " + "  ".join(f"{escape(who)} {share:.0%}" for who, share in shares) + topic

    def _transcript(self, room: int) -> Table:
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        # The others keep their widths, however long this one is.
        table.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
        rows = [*self._utterances, *([self._partial] if self._partial else [])][-room:]
        for utterance in rows:
            style = "" if utterance.final else "dim italic"
            at = clock(self._times.seconds(utterance.start_ns))
            table.add_row(at, speaker(utterance), Text(utterance.text, style=style))
        for _ in range(room - len(rows)):
            table.add_row("", "", "")
        return table

    def _offers(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for offer in self._suggestions:
            table.add_row(clock(self._times.seconds(offer.time_ns)), suggestion(offer))
        for _ in range(_SUGGESTIONS - len(self._suggestions)):
            table.add_row("", "")
        return table
