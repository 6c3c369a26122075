"""What a chart shows: one or two series over labelled periods, with a clear trend and clear extremes.

Held out from training: one combination in ten of title, colour, kind of labels and number of periods.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from qwen_course.skills.problem import Split, draw

TITLES = tuple("Sales Users Costs Visits Orders Energy Rain Profit Income Calls Stock Tickets".split())
COLOURS = ("blue", "orange", "green", "red", "purple", "black")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
GAP = 0.055  # of the highest value: the extremes stand out from all other values by this much
LEAST_DIFFERENCE = 0.09  # of the highest value: between two series where they are compared
SEASON = 4  # periods after which a season comes back


@dataclass(frozen=True)
class Chart:
    """Hold the facts of one chart; `series` maps a colour to its values, one for each label."""

    kind: str  # "bar" | "line"
    title: str  # "" where the picture has none
    labels: tuple[str, ...]
    series: dict[str, tuple[int, ...]]
    trend: str  # "growing" | "falling" | "flat", of the first series
    seasonal: bool
    label_kind: str  # "numbers" | "months" | "days"

    @property
    def colour(self) -> str:
        """Return the colour of the first series."""
        return next(iter(self.series))

    @property
    def values(self) -> tuple[int, ...]:
        """Return the values of the first series."""
        return self.series[self.colour]

    @property
    def highest(self) -> str:
        """Return the label of the highest value."""
        return self.labels[self.values.index(max(self.values))]

    @property
    def lowest(self) -> str:
        """Return the label of the lowest value."""
        return self.labels[self.values.index(min(self.values))]

    @property
    def top(self) -> int:
        """Return the highest value of all series."""
        return max(max(values) for values in self.series.values())


def _key(chart: Chart) -> str:
    return f"chart {chart.title} {chart.colour} {chart.label_kind} {len(chart.labels)}"


def _labels(rng: random.Random) -> tuple[tuple[str, ...], str]:
    kind = rng.choices(("numbers", "months", "days"), weights=(50, 32, 18))[0]
    if kind == "numbers":
        return tuple(str(i) for i in range(1, rng.choice((4, 5, 6, 7, 8, 8, 9, 10, 11, 12, 12)) + 1)), kind
    n = rng.randint(4, 7)
    start = rng.randrange(12) if kind == "months" else 0
    names = MONTHS if kind == "months" else DAYS
    return tuple(names[(start + i) % len(names)] for i in range(n)), kind


def _shape(rng: random.Random, n: int, trend: str, seasonal: bool) -> list[float]:
    """Return n values between about 0.1 and 1 with the wanted trend and season, and clear extremes."""
    if trend == "flat":
        low = high = rng.uniform(0.35, 0.9)
    else:
        low, high = rng.uniform(0.12, 0.45), rng.uniform(0.72, 1.0)
        if seasonal:
            low, high = rng.uniform(0.15, 0.3), rng.uniform(0.8, 1.0)
    bend = rng.uniform(0.75, 1.4)
    share = [(i / (n - 1)) ** bend for i in range(n)]
    base = [low + (high - low) * (s if trend != "falling" else 1 - s) for s in share]
    wobble = rng.uniform(0.0, 0.02) if trend == "flat" else rng.uniform(0.0, 0.05)
    season = [0.0] * SEASON
    if seasonal:
        strength = rng.uniform(0.16, 0.3) if trend == "flat" else rng.uniform(0.12, 0.2)
        peak, wave = rng.randrange(SEASON), rng.random() < 0.5
        for i in range(SEASON):
            away = min((i - peak) % SEASON, (peak - i) % SEASON)
            season[i] = strength * ((1, 0, -1)[away] if wave else (1, -0.5, -0.5)[away])
        wobble *= 0.6
    values = [max(0.06, b + season[i % SEASON] + rng.uniform(-wobble, wobble)) for i, b in enumerate(base)]
    return _clear(rng, values)


def _clear(rng: random.Random, values: list[float]) -> list[float]:
    """Move the highest value up and the lowest down until both stand out."""
    gap = (GAP + 0.008) * max(values) + rng.uniform(0, 0.02)
    top, bottom = values.index(max(values)), values.index(min(values))
    second = max(v for i, v in enumerate(values) if i != top)
    values[top] = max(values[top], second + gap)
    least = min(v for i, v in enumerate(values) if i != bottom)
    values[bottom] = max(0.01, min(values[bottom], least - gap))
    return values


def _whole(values: list[float], scale: float) -> tuple[int, ...]:
    return tuple(max(1, round(value * scale)) for value in values)


def _stands_out(values: tuple[int, ...]) -> bool:
    ordered = sorted(values)
    gap = GAP * ordered[-1]
    return ordered[-1] - ordered[-2] >= gap and ordered[1] - ordered[0] >= gap


def draw_chart(rng: random.Random, split: Split, *, two_series: bool = False, trend: str | None = None) -> Chart:
    """Draw a chart of the split; two series differ clearly in most periods. A given trend may be "seasonal" too."""

    def make() -> Chart:
        while True:
            labels, label_kind = _labels(rng)
            n = len(labels)
            wanted = trend or rng.choice(("growing", "falling", "flat", "seasonal"))
            seasonal = n >= 2 * SEASON and (wanted == "seasonal" or rng.random() < 0.35)
            if wanted == "seasonal":
                if not seasonal:
                    continue
                wanted = rng.choice(("flat", "flat", "growing", "falling")) if trend is None else "flat"
            scale = 30 * 30 ** rng.random()
            colours = rng.sample(COLOURS, 2 if two_series else 1)
            series = {colours[0]: _whole(_shape(rng, n, wanted, seasonal), scale)}
            if two_series:
                other = rng.choice(("growing", "falling", "flat"))
                series[colours[1]] = _whole(_shape(rng, n, other, False), scale * rng.uniform(0.5, 1.0))
            elif not _stands_out(series[colours[0]]):
                continue
            kind = rng.choice(("bar", "line"))
            title = rng.choice(TITLES) if rng.random() < 0.85 else ""
            return Chart(kind, title, labels, series, wanted, seasonal, label_kind)

    return draw(split, make, _key)
