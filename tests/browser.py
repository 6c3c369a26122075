"""A headless Chromium from the distribution, for the tests that look at pages as a reader does."""

import contextlib
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
AXE = ROOT / "build/axe/node_modules/axe-core/axe.min.js"
NAMES = "chromium", "chromium-browser", "google-chrome", "chrome"
OPTIONS = "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"


@contextlib.contextmanager
def chromium():
    """Start the browser, or skip the test and say what to install."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium: install the package chromium of your distribution")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        try:
            yield browser
        finally:
            browser.close()


def axe_script() -> str:
    """Return the text of axe-core, or skip the test and say what to run."""
    if not AXE.exists():
        pytest.skip("no axe-core: run `make browser`, which fetches it from npm")
    return AXE.read_text(encoding="utf-8")
