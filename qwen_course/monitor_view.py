"""A small dashboard inside a notebook, drawn anew while a service works. What stays in the file is its last state.

It is for looking on, not for production: the drawing takes a little time from the model. There, Prometheus and Grafana
look from outside (`grafana.py`).
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections import deque
from contextlib import suppress
from io import BytesIO
from time import perf_counter

from . import plots
from .monitoring import QwenMonitor, Snapshot

_KEPT = 600  # points in time


def live_dashboard(monitor: QwenMonitor, *, seconds: float = 1.0) -> LiveDashboard:
    """Show requests per second, places, queue and percentiles of a monitor, renewed every `seconds`.

    `async with qc.live_dashboard(monitor): ...` around the work; the picture that stays shows all of it. It is a plain
    picture with alt text, no widget. Raises ValueError for seconds of 0 or less. Introduced in notebook 06.
    """
    if not seconds > 0:
        raise ValueError(f"seconds is {seconds!r}; expected a number above 0.")
    return LiveDashboard(monitor, seconds)


class LiveDashboard:
    """An asynchronous context manager that looks at a monitor and draws; see `live_dashboard`."""

    def __init__(self, monitor: QwenMonitor, seconds: float) -> None:
        self._monitor, self._seconds = monitor, seconds
        self._points: deque[tuple[float, Snapshot]] = deque(maxlen=_KEPT)

    async def __aenter__(self) -> LiveDashboard:
        from IPython.display import display

        self._start = perf_counter()
        self._look()
        first = {"text/plain": "The dashboard appears with the first figures."}
        self._handle = display(first, raw=True, display_id=True)
        self._over = asyncio.Event()
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *exception) -> None:
        self._over.set()
        await self._task

    async def _work(self) -> None:
        """Look and draw at each interval, and once more at the end."""
        while not self._over.is_set():
            await self._show()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), self._seconds)
        await self._show()  # the work may have ended while the picture before was being drawn

    async def _show(self) -> None:
        self._look()
        self._update(*await asyncio.to_thread(self._draw, list(self._points)))

    def _look(self) -> None:
        self._points.append((perf_counter() - self._start, self._monitor.snapshot()))

    def _update(self, data: dict, metadata: dict) -> None:
        if self._handle is not None:  # None outside IPython
            self._handle.update(data, metadata=metadata, raw=True)

    def _draw(self, points: list[tuple[float, Snapshot]]) -> tuple[dict, dict]:
        times = [time for time, _ in points]
        shots = [shot for _, shot in points]
        rates = [
            (after.ended - before.ended) / (end - begin)
            for (begin, before), (end, after) in zip(points, points[1:], strict=False)
        ]
        drawing, (left, middle, right) = _three()
        left.step(times[1:], rates, where="pre", label="ended", marker="")
        left.set(ylabel="requests/s")
        middle.step(times, [shot.running for shot in shots], where="post", label="running", marker="")
        middle.step(times, [shot.waiting for shot in shots], where="post", label="waiting", marker="")
        middle.set(ylabel="requests")
        right.plot(times, [shot.p50 for shot in shots], label="p50", marker="")
        right.plot(times, [shot.p95 for shot in shots], label="p95", marker="")
        right.set(ylabel="seconds, end to end")
        for axes in (left, middle, right):
            axes.set(xlabel="time (s)", ylim=(0, None))
            axes.legend(loc="best", fontsize=7, frameon=False)
        last = shots[-1]
        ended = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in last.outcomes.items() if count)
        alt = f"Dashboard after {times[-1]:.0f} s: {ended or 'nothing ended yet'}; {last.running} running, "
        alt += f"{last.waiting} waiting; p50 {last.p50:.2f} s, p95 {last.p95:.2f} s."
        drawing.draw_without_rendering()  # the layout of the first drawing does not know the final ticks yet
        png = BytesIO()
        drawing.savefig(png, format="png", dpi=110, facecolor="white")
        data = {"image/png": b64encode(png.getvalue()).decode(), "text/plain": alt}
        return data, {"image/png": {"alt": alt, "width": 780}}


def _three():
    from matplotlib import cycler
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(7.8, 2.2), layout="constrained")
    grid = drawing.subplots(1, 3)
    for axes in grid:
        axes.set_prop_cycle(cycler(color=plots.COLORS[:6], linestyle=plots.DASHES))
        axes.spines[["top", "right"]].set_visible(False)
    return drawing, grid
