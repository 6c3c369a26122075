"""Draw a chart with numpy, in a style that is drawn at random: fast enough to feed a training run."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from qwen_course.charts.data import Chart
from qwen_course.charts.font import rendered

SIZE = (128, 96)  # width and height in pixels
# Several shades of each colour, red, green and blue from 0 to 255.
SHADES = {
    "blue": ((31, 119, 180), (0, 80, 200), (70, 130, 220), (30, 60, 160)),
    "orange": ((255, 127, 14), (240, 140, 40), (250, 110, 20), (230, 130, 0)),
    "green": ((44, 160, 44), (20, 130, 60), (80, 180, 80), (0, 110, 30)),
    "red": ((214, 39, 40), (200, 20, 40), (230, 70, 60), (180, 0, 20)),
    "purple": ((148, 103, 189), (120, 60, 170), (160, 80, 200), (110, 40, 140)),
    "black": ((0, 0, 0), (40, 40, 40), (60, 60, 65), (20, 25, 30)),
}


@dataclass(frozen=True)
class Drawn:
    """Hold a chart, its picture (height, width, 3), the numbers at its axis, and where its values stand in it."""

    chart: Chart
    picture: np.ndarray
    ticks: tuple[int, ...]
    places: np.ndarray | None = None  # (1 + series, periods): x, then y of each series, in pixels; None if not known


@dataclass(frozen=True)
class Style:
    """Hold how a chart looks; lengths in pixels."""

    background: tuple[float, float, float]
    plot_background: tuple[float, float, float]
    ink: tuple[float, float, float]
    colours: tuple[tuple[float, float, float], ...]
    text_height: float
    text_weight: float
    text_stretch: float
    title_height: float
    title_at: float | None  # 0 left, 0.5 centre, None: no title
    right: float
    headroom: float
    steps: int
    tick_length: int
    spines: str  # "box" | "corner" | "none"
    spine_weight: float
    grid: float  # 0 none, to 1
    bar_width: float
    bar_edge: bool
    line_width: float
    marker: float  # radius, 0 none
    side: float  # empty share left and right of the data
    noise: float
    blur: float


def draw_style(rng: random.Random, chart: Chart) -> Style:
    """Draw a style at random."""
    white = rng.random() < 0.7
    paper = (255, 255, 255) if white else tuple(rng.uniform(225, 255) for _ in range(3))
    inner = paper if rng.random() < 0.8 else tuple(rng.uniform(228, 255) for _ in range(3))
    grey = rng.choice((0, 0, rng.uniform(0, 110)))
    shades = tuple(
        tuple(min(255.0, max(0.0, channel + rng.gauss(0, 10))) for channel in rng.choice(SHADES[colour]))
        for colour in chart.series
    )
    marked = chart.kind == "line" and rng.random() < 0.55
    return Style(
        background=paper,
        plot_background=inner,
        ink=(grey, grey, grey),
        colours=shades,
        text_height=rng.randint(23, 34) / 5,
        text_weight=rng.randint(7, 13) / 10,
        text_stretch=rng.choice((0.82, 0.9, 1.0, 1.1)),
        title_height=rng.randint(25, 40) / 5,
        title_at=rng.choice((0.5, 0.5, 0.5, 0.0)) if chart.title else None,
        right=rng.uniform(1, 9),
        headroom=rng.uniform(1.01, 1.3),
        steps=rng.randint(2, 6),
        tick_length=rng.choice((0, 1, 2, 2, 3)),
        spines=rng.choice(("box", "box", "corner", "none")),
        spine_weight=rng.uniform(0.5, 1.0),
        grid=rng.choice((0.0, 0.0, rng.uniform(0.1, 0.35))),
        bar_width=rng.uniform(0.45, 0.92),
        bar_edge=rng.random() < 0.15,
        line_width=rng.uniform(0.9, 2.6),
        marker=rng.uniform(1.3, 2.8) if marked else 0.0,
        side=rng.uniform(0.01, 0.09),
        noise=rng.choice((0.0, rng.uniform(0, 7))),
        blur=rng.choice((0.0, 0.0, rng.uniform(0, 0.5))),
    )


def nice_step(top: float, steps: int) -> int:
    """Return a round distance of ticks (1, 2, 2.5 or 5 times a power of ten) with about that many below the top."""
    return min(
        (int(base * 10**power) for power in range(4) for base in (1, 2, 2.5, 5) if base * 10**power % 1 == 0),
        key=lambda step: abs(np.log(top / step / steps)),
    )  # fmt: skip


def axis_ticks(chart: Chart, style: Style) -> tuple[int, ...]:
    """Return the numbers that stand at the axis."""
    top = chart.top * style.headroom
    return tuple(range(0, int(top) + 1, nice_step(top, style.steps)))


def _blend(canvas: np.ndarray, coverage: np.ndarray, colour: tuple[float, ...], left: int, top: int) -> None:
    """Paint a colour where the coverage is, cut at the edges of the canvas."""
    rows, columns = coverage.shape
    y0, x0, y1, x1 = max(top, 0), max(left, 0), min(top + rows, canvas.shape[0]), min(left + columns, canvas.shape[1])
    if y0 >= y1 or x0 >= x1:
        return
    share = coverage[y0 - top : y1 - top, x0 - left : x1 - left, None]
    part = canvas[y0:y1, x0:x1]
    part += share * (np.asarray(colour, np.float32) - part)


def _text(canvas: np.ndarray, text: str, style: Style, x: float, y: float, align: float, height: float) -> None:
    """Write a text: left edge, centre or right edge (align 0, 0.5, 1) at x, the middle of its capitals at y."""
    coverage = rendered(text, height, style.text_weight, style.text_stretch)
    middle = height / 2 + (style.text_weight + 1) / 2
    _blend(canvas, coverage, style.ink, round(x - align * coverage.shape[1]), round(y - middle))


def _rectangle(canvas: np.ndarray, x0: float, x1: float, y0: float, y1: float, colour: tuple, share: float = 1) -> None:
    """Fill a rectangle with smooth edges; y runs downwards."""
    left, top = int(np.floor(x0)), int(np.floor(y0))
    x, y = np.arange(left, int(np.ceil(x1))), np.arange(top, int(np.ceil(y1)))
    across = np.clip(np.minimum(x + 1, x1) - np.maximum(x, x0), 0, 1)
    down = np.clip(np.minimum(y + 1, y1) - np.maximum(y, y0), 0, 1)
    _blend(canvas, (share * down[:, None] * across[None, :]).astype(np.float32), colour, left, top)


def _polyline(canvas: np.ndarray, x: np.ndarray, y: np.ndarray, style: Style, colour: tuple) -> None:
    """Draw a line through the points, and a marker at each."""
    columns = np.arange(canvas.shape[1]) + 0.5
    rows = np.arange(canvas.shape[0]) + 0.5
    at = np.interp(columns, x, y)
    slope = np.diff(y) / np.diff(x)
    which = np.clip(np.searchsorted(x, columns) - 1, 0, len(slope) - 1)
    distance = np.abs(rows[:, None] - at[None, :]) / np.sqrt(1 + slope[which] ** 2)[None, :]
    coverage = np.clip(style.line_width / 2 + 0.5 - distance, 0, 1)
    coverage[:, (columns < x[0] - 0.5) | (columns > x[-1] + 0.5)] = 0
    if style.marker:
        for px, py in zip(x, y, strict=True):
            left, top = int(px - style.marker - 1), int(py - style.marker - 1)
            size = int(2 * style.marker + 4)
            part = coverage[max(top, 0) : top + size, max(left, 0) : left + size]
            yy = np.arange(max(top, 0), max(top, 0) + part.shape[0])[:, None] + 0.5 - py
            xx = np.arange(max(left, 0), max(left, 0) + part.shape[1])[None, :] + 0.5 - px
            np.maximum(part, np.clip(style.marker + 0.5 - np.hypot(xx, yy), 0, 1), out=part)
    _blend(canvas, coverage.astype(np.float32), colour, 0, 0)


def draw_with_numpy(chart: Chart, rng: random.Random, size: tuple[int, int] = SIZE) -> Drawn:
    """Draw the chart in a random style."""
    style = draw_style(rng, chart)
    picture, places = paint(chart, style, rng, size)
    return Drawn(chart, picture, axis_ticks(chart, style), places)


def paint(
    chart: Chart, style: Style, rng: random.Random, size: tuple[int, int] = SIZE
) -> tuple[np.ndarray, np.ndarray]:
    """Return the picture as an array (height, width, 3) of uint8, and the places of its values (see Drawn)."""
    width, height = size
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:] = style.background
    top_value = chart.top * style.headroom
    ticks = axis_ticks(chart, style)
    text = style.text_height
    label_width = max(rendered(str(tick), text, style.text_weight, style.text_stretch).shape[1] for tick in ticks)
    left = label_width + style.tick_length + 2 + rng.uniform(0, 3)
    bottom = height - (text * 1.15 + style.tick_length + 2.5 + rng.uniform(0, 3))
    top = (style.title_height * 1.3 + 3 if style.title_at is not None else text / 2 + 1) + rng.uniform(0, 3)
    right = width - style.right
    _rectangle(canvas, left, right, top, bottom, style.plot_background)

    def level(value: float) -> float:
        return bottom - value / top_value * (bottom - top)

    for tick in ticks:
        y = level(tick)
        if style.grid and tick:
            _rectangle(canvas, left, right, y - 0.4, y + 0.4, style.ink, style.grid)
        if style.tick_length:
            _rectangle(canvas, left - style.tick_length, left, y - 0.4, y + 0.4, style.ink)
        _text(canvas, str(tick), style, left - style.tick_length - 1, y, 1.0, text)
    n = len(chart.labels)
    inner_left, inner = left + style.side * (right - left), (right - left) * (1 - 2 * style.side)
    centres = (
        inner_left + (np.arange(n) + 0.5) / n * inner
        if chart.kind == "bar"
        else inner_left + np.arange(n) / (n - 1) * inner
    )
    for label, x in zip(chart.labels, centres, strict=True):
        if style.tick_length:
            _rectangle(canvas, x - 0.4, x + 0.4, bottom, bottom + style.tick_length, style.ink)
        _text(canvas, label, style, x, bottom + style.tick_length + 1.5 + text / 2, 0.5, text)
    _marks(canvas, chart, style, centres, inner / n, level)
    weight = style.spine_weight
    if style.spines != "none":
        _rectangle(canvas, left - weight, left, top, bottom, style.ink)
        _rectangle(canvas, left - weight, right, bottom, bottom + weight, style.ink)
    if style.spines == "box":
        _rectangle(canvas, right, right + weight, top, bottom, style.ink)
        _rectangle(canvas, left - weight, right + weight, top - weight, top, style.ink)
    if style.title_at is not None:
        x = left + style.title_at * (right - left)
        _text(canvas, chart.title, style, x, 1.5 + style.title_height / 2, style.title_at, style.title_height)
    places = np.array([centres, *([level(value) for value in values] for values in chart.series.values())])
    return _finish(canvas, style, rng), places


def _marks(canvas: np.ndarray, chart: Chart, style: Style, centres: np.ndarray, slot: float, level) -> None:
    """Draw the bars or the lines."""
    base, count = level(0), len(chart.series)
    for which, (values, colour) in enumerate(zip(chart.series.values(), style.colours, strict=True)):
        if chart.kind == "line":
            _polyline(canvas, centres, np.array([level(value) for value in values]), style, colour)
            continue
        each = slot * style.bar_width / count
        for x, value in zip(centres, values, strict=True):
            start = x - slot * style.bar_width / 2 + which * each
            if style.bar_edge and each > 4:
                _rectangle(canvas, start, start + each, level(value), base, style.ink)
                _rectangle(canvas, start + 0.8, start + each - 0.8, level(value) + 0.8, base, colour)
            else:
                _rectangle(canvas, start, start + each, level(value), base, colour)


def _finish(canvas: np.ndarray, style: Style, rng: random.Random) -> np.ndarray:
    """Blur a little and add noise, as scans and small copies have it."""
    if style.blur:
        b = style.blur / 2
        canvas[1:-1] = (1 - b) * canvas[1:-1] + b / 2 * (canvas[:-2] + canvas[2:])
        canvas[:, 1:-1] = (1 - b) * canvas[:, 1:-1] + b / 2 * (canvas[:, :-2] + canvas[:, 2:])
    if style.noise:
        canvas += np.random.default_rng(rng.getrandbits(32)).normal(0, style.noise, canvas.shape).astype(np.float32)
    return np.clip(canvas + 0.5, 0, 255).astype(np.uint8)
