"""A small stroke font of this course: every glyph is a few lines, so that it can be drawn at any size and weight.

Coordinates: x to the right, y upwards from the baseline; capitals and digits are 6 high, small letters 4.
"""

from __future__ import annotations

import functools

import numpy as np

_O = "1,0 3,0 4,1.5 4,4.5 3,6 1,6 0,4.5 0,1.5 1,0"
_SMALL_O = "1,0 2.2,0 3.2,1 3.2,3 2.2,4 1,4 0,3 0,1 1,0"
_STROKES = {
    "0": _O, "1": "0.5,4.6 2,6 2,0|0.5,0 3.5,0", "2": "0,5 1,6 3,6 4,5 4,4 0,0 4,0",
    "3": "0,5.3 1,6 3,6 4,5 4,4 3,3.2 1.5,3.2|3,3.2 4,2.2 4,1 3,0 1,0 0,0.7", "4": "3,0 3,6 0,2 4,2",
    "5": "4,6 0.5,6 0.3,3.4 1.5,3.8 3,3.7 4,2.6 4,1.1 3,0 1,0 0,0.7",
    "6": "3.8,5.6 2.5,6 1,5.5 0,3.8 0,1.5 1,0 3,0 4,1.2 4,2.4 3,3.6 1,3.6 0,2.4", "7": "0,6 4,6 1.5,0",
    "8": "2,3.2 0.6,3.6 0.3,4.8 1.2,6 2.8,6 3.7,4.8 3.4,3.6 2,3.2 0.3,2.4 0,1.2 1,0 3,0 4,1.2 3.7,2.4 2,3.2",
    "9": "0.2,0.4 1.5,0 3,0.5 4,2.2 4,4.5 3,6 1,6 0,4.8 0,3.6 1,2.4 3,2.4 4,3.6",
    "A": "0,0 2,6 4,0|0.7,2 3.3,2", "B": "0,0 0,6 3,6 3.8,5 3,3.2 0,3.2|3,3.2 4,1.8 3.2,0 0,0", "C": "4,5 3,6 1,6 0,4.5 0,1.5 1,0 3,0 4,1",
    "D": "0,0 0,6 2.4,6 4,4.5 4,1.5 2.4,0 0,0", "E": "4,6 0,6 0,0 4,0|0,3.2 3.2,3.2", "F": "4,6 0,6 0,0|0,3.2 3.2,3.2",
    "G": "4,5 3,6 1,6 0,4.5 0,1.5 1,0 3,0 4,1 4,2.8 2.4,2.8", "H": "0,0 0,6|4,0 4,6|0,3.2 4,3.2", "I": "0.5,0 0.5,6", "J": "2,6 2,0.8 1,0 0,0.4",
    "K": "0,0 0,6|4,6 0,2.6|1.2,3.6 4,0", "L": "0,6 0,0 3.6,0", "M": "0,0 0,6 2.2,2 4.4,6 4.4,0", "N": "0,0 0,6 4,0 4,6", "O": _O,
    "P": "0,0 0,6 3,6 4,5 4,3.8 3,2.8 0,2.8", "Q": _O + "|2.4,1.6 4.2,-0.6", "R": "0,0 0,6 3,6 4,5 4,4 3,3 0,3|2.2,3 4,0",
    "S": "4,5.2 3,6 1,6 0,5 0,4 1,3.2 3,2.8 4,2 4,1 3,0 1,0 0,0.8", "T": "0,6 4,6|2,6 2,0", "U": "0,6 0,1.2 1,0 3,0 4,1.2 4,6", "V": "0,6 2,0 4,6",
    "W": "0,6 1.2,0 2.5,5 3.8,0 5,6", "X": "0,0 4,6|0,6 4,0", "Y": "0,6 2,3 4,6|2,3 2,0", "Z": "0,6 4,6 0,0 4,0",
    "a": "0.3,3.6 1.2,4 2.2,4 3,3.2 3,0|3,2.4 1,2.3 0,1.6 0,0.8 0.8,0 2,0 3,1", "b": "0,0 0,6|0,2.8 1.2,4 2.4,4 3.2,3 3.2,1 2.4,0 1.2,0 0,1.2",
    "c": "3,3.4 2.2,4 1,4 0,3 0,1 1,0 2.2,0 3,0.6", "d": "3.2,0 3.2,6|3.2,2.8 2,4 0.8,4 0,3 0,1 0.8,0 2,0 3.2,1.2",
    "e": "0,2.1 3.2,2.1 3.2,3 2.3,4 1,4 0,3 0,1 1,0 2.2,0 3.1,0.7", "f": "2.2,6 1.4,6 0.8,5.2 0.8,0|0,4 2,4",
    "g": "3.2,4 3.2,-1 2.2,-2 0.6,-1.8|3.2,2.8 2,4 0.8,4 0,3 0,1 0.8,0 2,0 3.2,1.2", "h": "0,0 0,6|0,2.8 1.2,4 2.2,4 3,3.2 3,0", "i": "0.4,0 0.4,4|0.4,5.5 0.4,6",
    "j": "1,4 1,-1.2 0,-2|1,5.5 1,6", "k": "0,0 0,6|2.8,4 0,1.6|1,2.4 3,0", "l": "0.4,0 0.4,6", "m": "0,0 0,4|0,3 1,4 2,3.4 2,0|2,3 3,4 4,3.4 4,0",
    "n": "0,0 0,4|0,2.8 1.2,4 2.2,4 3,3.2 3,0", "o": _SMALL_O, "p": "0,-2 0,4|0,2.8 1.2,4 2.4,4 3.2,3 3.2,1 2.4,0 1.2,0 0,1.2",
    "q": "3.2,-2 3.2,4|3.2,2.8 2,4 0.8,4 0,3 0,1 0.8,0 2,0 3.2,1.2", "r": "0,0 0,4|0,2.6 1,3.8 2.2,4", "s": "2.8,3.5 2,4 0.8,4 0.1,3.2 0.8,2.3 2.2,1.8 2.9,1 2.2,0 0.8,0 0,0.5",
    "t": "0.9,5.4 0.9,0.8 1.5,0 2.2,0|0,4 2.2,4", "u": "0,4 0,0.9 0.8,0 1.8,0 3,1.2|3,4 3,0", "v": "0,4 1.6,0 3.2,4", "w": "0,4 1,0 2,3.4 3,0 4,4", "x": "0,0 3,4|0,4 3,0",
    "y": "0,4 1.6,0|3.2,4 1.2,-1.4 0.2,-2", "z": "0,4 3,4 0,0 3,0", "-": "0,2.4 2.2,2.4", ".": "0.3,0 0.3,0.3", ",": "0.5,0.4 0.1,-0.9",
    "%": "0,0 4.4,6|0.6,4.6 0.6,5.6|3.8,0.4 3.8,1.4", "?": "0,5 1,6 2.4,6 3.2,5 3.2,4 1.6,2.6 1.6,1.7|1.6,0 1.6,0.3", "!": "0.4,2 0.4,6|0.4,0 0.4,0.3", ":": "0.3,0 0.3,0.3|0.3,3 0.3,3.3",
}  # fmt: skip
_SPACE, _GAP = 2.2, 1.7  # in the units of the glyphs
CHARACTERS = frozenset(_STROKES) | {" "}


def _segments(text: str) -> tuple[np.ndarray, float]:
    """Return the strokes of a text as an array (segments, 4) of x0, y0, x1, y1, and the text's width."""
    segments, x = [], 0.0
    for character in text:
        if character == " ":
            x += _SPACE
            continue
        strokes = [
            [tuple(map(float, point.split(","))) for point in stroke.split()]
            for stroke in _STROKES[character].split("|")
        ]
        for stroke in strokes:
            segments += [(x + ax, ay, x + bx, by) for (ax, ay), (bx, by) in zip(stroke, stroke[1:], strict=False)]
        x += max(px for stroke in strokes for px, _ in stroke) + _GAP
    return np.array(segments).reshape(-1, 4), max(x - _GAP, 0.0)


@functools.lru_cache(maxsize=50_000)
def rendered(text: str, height: float, weight: float, stretch: float = 1.0) -> np.ndarray:
    """Return a text as coverage between 0 and 1, an array (rows, columns) whose baseline is two ninths above its lower edge.

    `height` is that of a capital in pixels, `weight` the width of a stroke in pixels, `stretch` widens the letters.
    Raises ValueError for a character that the font does not have.
    """
    unknown = set(text) - CHARACTERS
    if unknown:
        raise ValueError(f"the chart font has no {''.join(sorted(unknown))!r}: use letters, digits and - . , % ? ! :")
    segments, width = _segments(text)
    unit = height / 6
    columns, rows = int(np.ceil(width * unit * stretch + weight + 1)), int(np.ceil(height * 4 / 3 + weight + 1))
    if not len(segments):
        return np.zeros((rows, columns), np.float32)
    pad = (weight + 1) / 2
    x = np.arange(columns) + 0.5 - pad
    y = (6 * unit + pad) - (np.arange(rows) + 0.5)
    start, step = segments[:, :2] * unit, (segments[:, 2:] - segments[:, :2]) * unit
    start[:, 0] *= stretch
    step[:, 0] *= stretch
    dx, dy = x[None, None, :] - start[:, 0, None, None], y[None, :, None] - start[:, 1, None, None]
    length = np.maximum((step**2).sum(1), 1e-9)[:, None, None]
    along = np.clip((dx * step[:, 0, None, None] + dy * step[:, 1, None, None]) / length, 0, 1)
    distance = np.hypot(dx - along * step[:, 0, None, None], dy - along * step[:, 1, None, None]).min(0)
    return np.clip(weight / 2 + 0.5 - distance, 0, 1).astype(np.float32)
