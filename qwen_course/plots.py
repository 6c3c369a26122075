"""The few plots that several notebooks share: one small size, labelled axes, alt text.

Bars and lines differ by hatch, dash and marker, not by colour alone, and the colours (those of Okabe and Ito) stay
apart for colour-blind readers. The panel is white, so that black text keeps its contrast in a dark theme too. For a
plot of your own take `figure`, draw with matplotlib as usual, and end with `show`:

drawing, axes = plots.figure()
axes.plot(tokens, seconds, label="with cache")
axes.set(xlabel="tokens generated", ylabel="seconds")
plots.show(drawing, alt=f"With the cache, {tokens[-1]} tokens take {seconds[-1]:.1f} s.")
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from qwen_course.evaluation import Score

COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "+++")
DASHES = ("-", "--", ":", "-.", (0, (6, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P")
_WIDTH, _HEIGHT = 6.0, 2.8  # inches
_SHOWN_DPI, _STORED_DPI = 100, 160  # stored finer than shown: sharp on dense screens


def figure(*, width: float = _WIDTH, height: float = _HEIGHT, columns: int = 1) -> tuple[Figure, Axes]:
    """Return a matplotlib figure and its axes: one, or an array of `columns` side by side with a common y axis.

    Each new line takes another colour, dash and marker. `width` and `height` are in inches. Introduced in notebook 02.
    """
    import matplotlib
    from matplotlib.figure import Figure

    # Not pyplot: it would show the figure a second time, without alt text.
    drawing = Figure(figsize=(width, height), layout="constrained")
    grid = drawing.subplots(1, columns, sharey=True, squeeze=False)[0]
    cycle = matplotlib.cycler(color=COLORS, linestyle=DASHES, marker=MARKERS)
    for axes in grid:
        axes.set_prop_cycle(cycle)
        axes.spines[["top", "right"]].set_visible(False)
    return drawing, grid[0] if columns == 1 else grid


def show(drawing: Figure, *, alt: str) -> None:
    """Display the figure as a picture with alt text: say what it shows, with the numbers that matter.

    The text goes into the output's metadata, from where MyST-NB and nbconvert's "basic" and "classic" templates take
    it. JupyterLab, GitHub and nbconvert's "lab" template have no place for it. A terminal prints it instead.
    """
    from IPython.display import display

    if not alt.strip():
        raise ValueError("alt is empty: say in a sentence or two what the picture shows.")
    png = BytesIO()
    drawing.savefig(png, format="png", dpi=_STORED_DPI, facecolor="white")
    data = {"image/png": b64encode(png.getvalue()).decode(), "text/plain": alt}
    width = round(_SHOWN_DPI * drawing.get_figwidth())  # pixels
    display(data, metadata={"image/png": {"alt": alt, "width": width}}, raw=True)


def plot_next_tokens(distributions: Mapping[str, Mapping[str, float]]) -> None:
    """Show next-token probabilities as bars, one panel per distribution.

    The first one sets the tokens and their order; what a later one lacks has probability 0 there. Introduced in
    notebook 02.

    plot_next_tokens({"temperature 1": {" Paris": 0.61, " the": 0.08}, "top-k 1": {" Paris": 1.0}})
    """
    tokens = list(next(iter(distributions.values())))
    columns = len(distributions)
    drawing, grid = figure(width=_WIDTH + 1.2 * (columns - 1), height=0.9 + 0.22 * len(tokens), columns=columns)
    descriptions = []
    for axes, (title, probabilities) in zip([grid] if columns == 1 else grid, distributions.items(), strict=True):
        shares = [float(probabilities.get(token, 0.0)) for token in tokens]
        bars = axes.barh(range(len(tokens)), shares, color=COLORS[0])
        axes.bar_label(bars, [f"{share:.2f}" for share in shares], padding=2, fontsize=8)
        axes.set(xlim=(0, 1.18), xticks=(0, 0.5, 1), xlabel="probability")
        axes.set_title(title, parse_math=False)  # a $ is a dollar, here and in tokens
        listed = ", ".join(f"{token!r} {share:.2f}" for token, share in zip(tokens, shares, strict=True) if share)
        descriptions.append(f"{title}: {listed}.")
    first = drawing.axes[0]
    first.invert_yaxis()  # the axis is common: this turns all panels
    first.set(ylabel="next token")
    first.set_yticks(range(len(tokens)), [_printable(token) for token in tokens], parse_math=False)
    show(drawing, alt="Bars of next-token probabilities. " + " ".join(descriptions))


def plot_accuracies(scores: Mapping[str, Score]) -> None:
    """Show the accuracy of each score as a bar with its 95 % interval. Introduced in notebook 02."""
    drawing, axes = figure()
    descriptions = []
    for position, (name, score) in enumerate(scores.items()):
        accuracy, low, high = (100 * value for value in (score.accuracy, score.low, score.high))
        style = {"color": COLORS[position % 6], "hatch": HATCHES[position % 6], "edgecolor": "black"}
        axes.bar(position, accuracy, width=0.6, yerr=[[accuracy - low], [high - accuracy]], capsize=5, **style)
        axes.text(position, high + 2, f"{accuracy:.0f}", ha="center", va="bottom")
        descriptions.append(f"{name} {accuracy:.0f} % (95 % interval {low:.0f} to {high:.0f} %)")
    axes.set_xticks(range(len(scores)), list(scores), parse_math=False)
    axes.set(ylim=(0, 115), yticks=range(0, 101, 25), ylabel="right answers (%)")
    axes.set_xlim(-1, len(scores))
    show(drawing, alt="Bars of accuracy: " + ", ".join(descriptions) + ".")


def _printable(token: str) -> str:
    """Return the token in quotes, with a \\u escape for every character that matplotlib's own font cannot draw."""
    from matplotlib import font_manager

    font = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    return "".join(char if font.get_char_index(ord(char)) else ascii(char)[1:-1] for char in repr(token))
