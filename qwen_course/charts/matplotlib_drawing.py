"""Draw the same charts with matplotlib, which training never used: do skills carry over to another hand?"""

from __future__ import annotations

import random

import numpy as np

from qwen_course.charts.data import Chart
from qwen_course.charts.drawing import SIZE, Drawn

_COLOURS = {colour: f"tab:{colour}" for colour in ("blue", "orange", "green", "red", "purple")} | {"black": "black"}


def draw_with_matplotlib(chart: Chart, rng: random.Random, size: tuple[int, int] = SIZE, scale: int = 1) -> Drawn:
    """Draw the chart with matplotlib at that size in pixels; `scale` draws all of it that many times larger."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100 * scale, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01)
    axes = figure.add_subplot()
    points = rng.uniform(4.8, 5.8)
    places = np.arange(len(chart.labels))
    width = rng.uniform(0.55, 0.85) / len(chart.series)
    line, marker = rng.uniform(0.8, 1.6), rng.choice(("", "o"))
    for which, (colour, values) in enumerate(chart.series.items()):
        if chart.kind == "line":
            axes.plot(places, values, color=_COLOURS[colour], linewidth=line, marker=marker, markersize=2.2)
        else:
            at = places + (which - (len(chart.series) - 1) / 2) * width
            axes.bar(at, values, width, color=_COLOURS[colour])
    axes.set_ylim(0, chart.top * rng.uniform(1.04, 1.2))
    axes.set_xticks(places, chart.labels)
    axes.locator_params(axis="y", nbins=rng.randint(3, 5), integer=True)
    axes.tick_params(labelsize=points, length=rng.choice((1.5, 2)), pad=1, width=0.5)
    for spine in axes.spines.values():
        spine.set_linewidth(0.6)
    axes.spines[["top", "right"]].set_visible(rng.random() < 0.6)
    if chart.title:
        axes.set_title(chart.title, fontsize=points + 0.7, pad=2)
    if rng.random() < 0.3:
        axes.grid(axis="y", alpha=0.4, linewidth=0.4)
        axes.set_axisbelow(True)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    low, high = axes.get_ylim()
    ticks = tuple(round(tick) for tick in axes.get_yticks() if low <= tick <= high)
    return Drawn(chart, np.asarray(canvas.buffer_rgba())[:, :, :3].copy(), ticks)
