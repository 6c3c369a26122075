"""The site as a reader meets it: built without a warning, read in a browser, on a phone, by a screen reader."""

import contextlib
import functools
import http.server
import re
import subprocess
import sys
import threading

import nbformat
import pytest
from browser import ROOT, axe_script, chromium

pytestmark = pytest.mark.slow
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SITE = ROOT / "build/site"
SERIOUS = {"serious", "critical"}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def served(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def site():
    """Build the site, serve it, and return its address."""
    build = subprocess.run([sys.executable, "tools/build_site.py"], cwd=ROOT, capture_output=True, text=True)
    assert build.returncode == 0, build.stdout + build.stderr  # a warning is an error
    with served(SITE) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture
def visitor(browser, site):
    """Return a function that opens a page of the site; in the end no request may have gone anywhere else."""
    requests, contexts = [], []

    def visit(**options):
        context = browser.new_context(**options)
        context.on("request", lambda request: requests.append(request.url))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        return page

    yield visit
    for context in contexts:
        context.close()
    outside = [url for url in requests if not url.startswith((site, "data:", "blob:"))]
    assert requests and outside == []


def page_names():
    paths = [path for path in SITE.rglob("*.html") if "_static" not in path.parts]
    return sorted(path.relative_to(SITE).as_posix() for path in paths)


def words_of(path):
    cells = nbformat.read(path, as_version=4).cells
    return set(re.findall(r"\b[a-z]{8,}\b", " ".join(cell.source for cell in cells if cell.cell_type == "markdown")))


def test_search_finds_a_word_of_each_notebook(visitor, site):
    page = visitor()
    for path in NOTEBOOKS:
        others = set().union(*(words_of(other) for other in NOTEBOOKS if other != path))
        word = max(sorted(words_of(path) - others), key=len)
        page.goto(f"{site}/search.html?q={word}")
        page.wait_for_selector(f'#search-results a[href*="{path.stem}"]')


def test_navigation_leads_from_the_front_page_through_the_notebooks(visitor, site):
    page = visitor()
    page.goto(f"{site}/index.html")
    page.click(f'.bd-article a[href="notebooks/{NOTEBOOKS[0].stem}.html"] >> nth=0')
    for path in NOTEBOOKS[1:]:
        page.click(".prev-next-footer a.right-next")
        page.wait_for_url(f"**/{path.stem}.html")
    page.click('.bd-sidebar-primary a[href="../glossary.html"]')
    assert page.inner_text("h1").startswith("Glossary")


def test_every_picture_shows_and_is_described(visitor, site):
    page, drawn = visitor(), 0
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        pictures = sum("image/png" in out.get("data", {}) for cell in cells for out in cell.get("outputs", []))
        page.goto(f"{site}/notebooks/{path.stem}.html", wait_until="load")
        shown = page.eval_on_selector_all(
            ".bd-article img", "all => all.map(one => [one.naturalWidth, one.getBoundingClientRect().width, one.alt])"
        )
        assert len(shown) >= pictures
        drawn += pictures
        assert all(natural > 0 and width > 100 and alt.strip() for natural, width, alt in shown), (path.name, shown)
    assert drawn > len(NOTEBOOKS)


def test_a_table_of_models_and_a_reference_of_every_public_name_are_there(visitor, site):
    import qwen_course

    page = visitor()
    page.goto(f"{site}/models.html")
    assert page.locator(".bd-article tbody tr").count() == len(qwen_course.catalog())
    page.goto(f"{site}/reference.html")
    headings = [text.strip("#\n ") for text in page.locator(".bd-article h3").all_inner_texts()]
    assert sorted(headings) == sorted(f"qc.{name}" for name in qwen_course.__all__)


@pytest.mark.parametrize("name", ["README.fa.html", "glossary.fa.html"])
def test_persian_pages_are_set_from_right_to_left(visitor, site, name):
    page = visitor()
    page.goto(f"{site}/{name}")
    heading, paragraph = page.locator("article [lang=fa] h1"), page.locator("article [lang=fa] p").first
    assert re.search("[\u0600-\u06ff]", heading.inner_text())
    assert paragraph.evaluate("one => getComputedStyle(one).direction") == "rtl"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_violation_or_is_wider_than_a_phone(visitor, site, scheme):
    script = axe_script()
    page = visitor(color_scheme=scheme)
    wrong = []
    assert len(page_names()) > len(NOTEBOOKS) + 6
    for name in page_names():
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{site}/{name}")
        assert page.get_attribute("html", "data-theme") == scheme
        page.evaluate(script)
        result = page.evaluate("axe.run({resultTypes: ['violations']})")
        for violation in result["violations"]:
            if violation["impact"] in SERIOUS:
                first = violation["nodes"][0]
                wrong.append(
                    (name, violation["id"], len(violation["nodes"]), first["html"][:200], first["failureSummary"][:300])
                )
        page.set_viewport_size({"width": 375, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 375:
            wrong.append((name, f"{width} pixels wide on a phone of 375"))
    assert wrong == []
