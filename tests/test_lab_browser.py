"""A learner's hour in JupyterLab, in a real browser: `qwen-course lab`, run all, an exercise, another model, restart.

Screenshots of the stations lie in build/lab/ afterwards, to be looked at.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from browser import ROOT, chromium

pytestmark = pytest.mark.slow
SHOTS = ROOT / "build/lab"
MINUTES = 60_000  # milliseconds; a slow machine that runs other tests beside this one gets several of them
PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(one => one.textContent)"
COPIES = sorted((ROOT / "notebooks").glob("*.ipynb"))[:2]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start `qwen-course lab` in a folder of its own, with the first two notebooks, and return its address."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    for path in COPIES:
        shutil.copy(path, folder / "notebooks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = {"allow_root": True, "open_browser": False, "port": port, "port_retries": 0, "ip": "127.0.0.1"}
    write(folder / "config/jupyter_server_config.json", {"ServerApp": server, "IdentityProvider": {"token": "spam"}})
    news = {"@jupyterlab/apputils-extension:announcements": True}  # would ask whether to look for news on the web
    write(folder / "config/labconfig/page_config.json", {"disabledExtensions": news})
    # all cells stay in the page, so that the test can look at each
    write(folder / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings", {"windowingMode": "none"})
    env = {name: value for name, value in os.environ.items() if not name.startswith(("QWEN_COURSE_", "JUPYTER"))}
    env |= {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        "QWEN_COURSE_PROGRESS": str(folder / "progress"),
        "QWEN_COURSE_FAST": "1",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "TQDM_DISABLE": "1",
        "PYTHONPATH": str(ROOT),
    }
    log = folder / "log"
    with log.open("w") as file:
        command = [sys.executable, "-m", "qwen_course.cli", "lab"]
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=file, stderr=file)
        try:
            wait_for(f"http://127.0.0.1:{port}/api", process, log)
            yield f"http://127.0.0.1:{port}", folder
        finally:
            stop(process)


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def wait_for(address, process, log):
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(log.read_text())


def stop(process):
    import psutil

    family = psutil.Process(process.pid)
    for one in [*family.children(recursive=True), family]:
        one.kill()
    process.wait()


@pytest.fixture(scope="module")
def page(lab):
    address, _ = lab
    SHOTS.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 860})
        page = context.new_page()
        page.set_default_timeout(3 * MINUTES)
        outside = []
        page.on(
            "request",
            lambda one: outside.append(one.url) if not one.url.startswith((address, "data:", "blob:")) else None,
        )
        yield page
        assert outside == []


def open_notebook(page, address, path):
    """Open a notebook and wait until all its cells stand there and its kernel is ready."""
    page.goto(f"{address}/lab/tree/{path.name}?token=spam&reset")
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    page.wait_for_function(f"{PROMPTS}.length === {len(cells)}")
    ready = page.locator(".jp-StatusBar-TextItem", has_text="| Idle")
    choose = page.locator(".jp-Dialog .jp-mod-accept")  # on a slow machine JupyterLab asks which kernel to start
    ready.or_(choose).first.wait_for()
    if choose.is_visible():
        choose.click()
    ready.first.wait_for()


def menu(page, name, entry):
    page.click(f'.lm-MenuBar-item:has-text("{name}")')
    page.click(f'.lm-Menu-item:has-text("{entry}")')


def clear(page):
    """Remove the stored outputs and numbers, so that what is there afterwards comes from this run."""
    menu(page, "Edit", "Clear Outputs of All Cells")
    page.wait_for_function(f"{PROMPTS}.every(text => text.includes('[ ]'))")


def wait_until_run(page, *, seconds=600):
    """Wait until each cell has a number and none is at work; errors that a cell shows fail the test."""
    done = f"{PROMPTS}.every(text => /\\d/.test(text) && !text.includes('*'))"
    try:
        page.wait_for_function(done, timeout=seconds * 1000, polling=500)
    finally:
        shot(page, "last-run")
    errors = page.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts()
    assert errors == []


def cell_with(page, text):
    return page.locator(".jp-CodeCell", has=page.locator(".jp-InputArea", has_text=text)).first


def rewrite(page, cell, source):
    """Put other code into a cell, as a learner would, and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")


def shot(page, name, cell=None):
    """Keep a picture of the page, with this cell in the middle."""
    if cell is not None:
        cell.evaluate("one => one.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(500)
    page.screenshot(path=SHOTS / f"{name}.png")


def test_the_first_notebook_runs_and_an_exercise_is_answered_wrongly_and_then_rightly(lab, page):
    address, folder = lab
    open_notebook(page, address, COPIES[0])
    clear(page)
    menu(page, "Run", "Run All Cells")
    wait_until_run(page)
    cell = cell_with(page, 'qc.check("01.1"')
    assert "not attempted" in cell.locator(".jp-OutputArea").inner_text().lower()
    rewrite(page, cell, 'answer = "a"\nqc.check("01.1", answer)')
    cell.locator(".jp-OutputArea", has_text="not yet").wait_for()
    shot(page, "exercise-not-yet", cell)
    rewrite(page, cell, 'answer = "c"\nqc.check("01.1", answer)')
    cell.locator(".jp-OutputArea", has_text="right").wait_for()
    shot(page, "exercise-right", cell)
    saved = json.loads((folder / "progress" / "progress.json").read_text(encoding="utf-8"))
    assert saved["exercises"]["01.1"] == {"state": "right", "tries": 2}


def test_the_second_notebook_runs_and_again_after_a_restart_with_another_model(lab, page, checkpoint):
    address, _ = lab
    open_notebook(page, address, COPIES[1])
    clear(page)
    menu(page, "Run", "Run All Cells")
    wait_until_run(page)
    assert "Pocket" in cell_with(page, "print(qwen.reason)").locator(".jp-OutputArea").inner_text()
    shot(page, "inference", cell_with(page, "plots.plot_next_tokens"))
    setup = cell_with(page, "MODEL = None")
    source = "\n".join(setup.locator(".cm-line").all_inner_texts())
    other = checkpoint("qwen2.5")
    rewrite(page, setup, source.replace("MODEL = None", f"MODEL = {str(other)!r}", 1))
    clear(page)
    menu(page, "Kernel", "Restart Kernel and Run All")
    page.click(".jp-Dialog .jp-mod-accept")
    wait_until_run(page)
    assert str(other.name) in cell_with(page, "print(qwen.reason)").locator(".jp-OutputArea").inner_text()
    shot(page, "another-model", cell_with(page, "print(qwen.reason)"))
    assert page.locator(".jp-Dialog").count() == 0
