"""Each promise of the plots: a picture, alt text that holds the numbers, and no need for colour."""

import base64
import io
import warnings

import nbformat
import pytest
from nbconvert import HTMLExporter

from qwen_course import plots
from qwen_course.evaluation import Result, Score
from qwen_course.reply import Reply


@pytest.fixture
def shown(monkeypatch):
    """Collect (data, metadata) of everything displayed."""
    outputs = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, *, metadata, raw: outputs.append((data, metadata)) if raw else None
    )
    return outputs


def score(correct: int, n: int) -> Score:
    results = [Result(None, Reply("", completion_tokens=10), number < correct) for number in range(n)]
    return Score(tuple(results), asked=n, seconds=1.0)


def test_a_figure_is_shown_once_as_png_with_alt_text_that_reaches_a_web_page(shown):
    drawing, axes = plots.figure()
    axes.plot([1, 2], [3, 4])
    plots.show(drawing, alt='A line that rises from 3 to 4, "quoted"')
    [(data, metadata)] = shown
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("plot()", outputs=[output])])
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    assert "A line that rises from 3 to 4" in page and "No description" not in page
    assert nbformat.validate(notebook) is None


def test_a_figure_without_alt_text_is_refused(shown):
    with pytest.raises(ValueError, match="alt"):
        plots.show(plots.figure()[0], alt=" ")
    assert shown == []


def test_the_picture_is_opaque_white_at_its_corner(shown):
    from matplotlib.image import imread

    plots.show(plots.figure()[0], alt="An empty plot")
    picture = imread(io.BytesIO(base64.b64decode(shown[0][0]["image/png"])))
    assert picture[0, 0].tolist() == [1, 1, 1, 1]


def test_lines_and_bars_differ_without_colour():
    _, axes = plots.figure()
    lines = [axes.plot([0, 1])[0] for _ in plots.COLORS]
    assert (
        len({(str(line.get_linestyle()), line._dash_pattern[1] and tuple(line._dash_pattern[1])) for line in lines})
        == 6
    )
    assert len({line.get_marker() for line in lines}) == len({line.get_color() for line in lines}) == 6
    assert len(set(plots.HATCHES)) == len(plots.COLORS)


def test_next_tokens_of_any_script_are_drawn_without_a_warning(shown):
    odd = {" a": 0.5, "中国": 0.2, "\n": 0.1, "$x$": 0.1, "$": 0.05, "\ufffd": 0.05}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.plot_next_tokens({"plain": odd, "cost in $": {" a": 1.0}})
    alt = shown[0][1]["image/png"]["alt"]
    assert "plain: ' a' 0.50, '中国' 0.20, '\\n' 0.10" in alt and "cost in $: ' a' 1.00." in alt


def test_accuracies_tell_their_intervals(shown, monkeypatch):
    drawn = []
    monkeypatch.setattr(plots, "show", lambda drawing, *, alt: drawn.append((drawing, alt)))
    plots.plot_accuracies({"direct": score(10, 20), "thinking": score(20, 20)})
    [(drawing, alt)] = drawn
    assert "direct 50 % (95 % interval 30 to 70 %)" in alt and "thinking 100 % (95 % interval 84 to 100 %)" in alt
    [axes] = drawing.axes
    bars = [patch for patch in axes.patches]
    assert [bar.get_height() for bar in bars] == [50, 100] and bars[0].get_hatch() != bars[1].get_hatch()
    assert axes.get_ylabel() == "right answers (%)"
