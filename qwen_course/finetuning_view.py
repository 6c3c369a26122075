"""Make training visible: which tokens are trained on, in colour, and how the loss fell. Introduced in notebook 05."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from qwen_course.finetuning_data import IGNORED, Example
from qwen_course.plots import figure, show

if TYPE_CHECKING:
    import pandas

# Told apart by frame and weight too, not by colour alone; the colours keep their contrast in light and dark.
_BOX = (
    "display:inline-block;margin:1px;padding:0 3px;border-radius:3px;font-family:monospace;white-space:pre;color:#111;"
)
_TRAINED = _BOX + "background:#9ad9b8;border:2px solid #00694b;font-weight:bold"
_PASSED = _BOX + "background:#e4e4e4;border:2px dotted #777"


class TokenView:
    """The tokens of an example: those trained on in green, bold and framed, the others grey with a dotted frame.

    In a terminal the trained ones stand between brackets. Introduced in notebook 05.
    """

    def __init__(self, tokenizer: Any, example: Example) -> None:
        texts = [tokenizer.decode([token]) for token in example.ids]
        self.tokens = list(zip(texts, [label != IGNORED for label in example.labels], strict=True))

    def __repr__(self) -> str:
        return "".join(f"[{text}]" if trained else text for text, trained in self.tokens)

    def _repr_html_(self) -> str:
        parts = []
        for text, trained in self.tokens:
            shown = escape(text).replace("\n", "↵").replace(" ", "·") or "?"
            title = "trained on" if trained else "not trained on"
            parts.append(f'<span style="{_TRAINED if trained else _PASSED}" title="{title}">{shown}</span>')
            if "\n" in text:
                parts.append("<br>")
        count = sum(trained for _, trained in self.tokens)
        legend = f"{count} of {len(self.tokens)} tokens are trained on (green, bold, solid frame)."
        return f'<div style="line-height:1.9">{"".join(parts)}</div><div>{legend}</div>'


def plot_training(histories: Mapping[str, pandas.DataFrame]) -> None:
    """Show the loss on the training rows and on held-out rows over the steps, for one or more runs.

    Each history has a column "step", "loss", and "held-out loss" where that was measured. Introduced in notebook 05.
    """
    drawing, axes = figure(height=3.0)
    told = []
    for name, history in histories.items():
        for column in ("loss", "held-out loss"):
            if column not in history:
                continue
            points = history[["step", column]].dropna()
            if len(points):
                label = f"{name}: {column}" if len(histories) > 1 else column
                axes.plot(points["step"], points[column].clip(lower=1e-4), label=label, markersize=3)
                told.append(f"{label} from {points[column].iloc[0]:.2f} to {points[column].iloc[-1]:.3f}")
    axes.set(xlabel="step", ylabel="loss (log scale)", yscale="log")
    axes.legend(fontsize=8)
    show(drawing, alt="Loss over the steps of training: " + "; ".join(told) + ".")
