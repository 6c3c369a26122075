"""The slides: made from the cells as committed, one file each, and read in a browser without a network."""

import json
import re

import nbformat
import pytest
import slides
from browser import ROOT, chromium
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_a_paragraph_is_shortened_to_its_first_sentence_and_nothing_else_is():
    kept = "- a. b. c.\n- d\n\n| x. y. | z |\n|---|---|\n\n```python\na = 1.\n\nb. c\n```"
    text = f"## 1. Why?\n\nOne *idea*. And more of it.\n\n{kept}\n\n**Time:** an hour. Or two."
    assert slides.shortened(text) == text.replace(" And more of it.", "").replace(" Or two.", "")
    exercise = "**Exercise 02.1: dates**\n\nFirst. Second."
    assert slides.shortened(exercise) == exercise


def test_sections_become_columns_and_what_does_not_fit_goes_on_the_next_slide():
    long = new_output("stream", text="line\n" * 18)
    cells = [
        new_markdown_cell("[Contents](x)", id="navigation-start"),
        new_markdown_cell("# Title\n\nFirst. Second."),
        new_code_cell("import sys", id="set-up"),
        new_markdown_cell("## 1. One"),
        new_code_cell("1 + 1"),
        new_markdown_cell("That was two.\n\n## 2. Two"),
        new_code_cell("\n".join("abcdef"), outputs=[long]),
    ]
    found = slides.columns(new_notebook(cells=cells))
    assert [len(column) for column in found] == [1, 2, 2]
    assert found[0][0].notes == ["# Title\n\nFirst. Second."]
    assert [cell.source for cell in found[1][0].cells] == ["## 1. One", "1 + 1"]
    assert found[2][1].cells[0].outputs == [long] and found[2][1].cells[0].source == ""


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_deck_shows_every_cell_and_asks_nothing_of_the_network(browser, tmp_path, path):
    (tmp_path / "deck.html").write_text(slides.deck(path), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    requests, errors = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "deck.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")

    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.get("id") not in slides.SKIPPED]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"(?m)^##? ", re.sub(r"(?ms)^```.*?^```", "", text))
    assert page.evaluate("Reveal.getHorizontalSlides().length") == len(headings)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 1

    shown = json.loads(
        page.evaluate("""() => {
        const all = [];
        Reveal.getSlides().forEach(slide => {
            const {h, v} = Reveal.getIndices(slide);
            Reveal.slide(h, v);
            const one = slide.querySelector('.page');
            all.push({text: one.textContent, width: one.scrollWidth - one.clientWidth,
                      fits: one.scrollHeight <= one.clientHeight + 1, notes: Reveal.getSlideNotes(slide) || '',
                      pictures: [...one.querySelectorAll('img')].map(img => [img.naturalWidth, img.alt.trim()])});
        });
        return JSON.stringify(all);
    }""")
    )
    everything = "".join(" ".join(slide["text"] for slide in shown).split())
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert all("".join(cell.source.split()) in everything for cell in code)
    plots = sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)
    pictures = [picture for slide in shown for picture in slide["pictures"]]
    assert len(pictures) >= plots and all(width > 0 and alt for width, alt in pictures)
    wide = [slide["text"][:200] for slide in shown if slide["width"] > 0]
    high = [slide["text"][:200] for slide in shown if not slide["fits"]]
    assert wide == [] and len(high) <= len(shown) * 0.1, (wide, high)  # a higher one can be scrolled
    assert sum(bool(slide["notes"]) for slide in shown) > len(headings) / 2
    assert errors == [] and all(url.startswith(("file:", "data:")) for url in requests)
    page.close()
