"""Pinned downloads from a hub on this machine: cut off and resumed, corrupted and caught, offline afterwards."""

import os
import shutil
import subprocess
import sys

import pytest
from local_hub import COMMIT, REPO, local_hub

import qwen_course as qc
from qwen_course.downloads import download, verify


@pytest.fixture
def hub(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(qc.checkpoint_folder("pocket"), source)
    with local_hub(source) as running:
        yield running


def fetch(hub, folder, *, offline="0", source="hub"):
    """Run a download in a process of its own, since the hub's address is read once, at import."""
    options = {"revision": COMMIT, "folder": str(folder), "source": source}
    code = f"from qwen_course.downloads import download; download({REPO!r}, **{options!r})"
    env = {
        **os.environ,
        "HF_ENDPOINT": hub.url,
        "MODELSCOPE_ENDPOINT": hub.url,
        "HF_HUB_OFFLINE": offline,
        "HF_HOME": str(folder.parent / "home"),
    }
    env |= {"NO_PROXY": "127.0.0.1", "TQDM_DISABLE": "1", "HF_HUB_DOWNLOAD_TIMEOUT": "5"}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)


def weights(folder):
    return sorted(path.name for path in folder.glob("*.safetensors"))


def test_size_and_free_disk_come_first_and_afterwards_no_network_is_needed(hub, tmp_path):
    folder = tmp_path / "model"
    first = fetch(hub, folder)
    assert first.returncode == 0, first.stderr
    assert "MB to download" in first.stdout and "MB free" in first.stdout
    assert weights(folder) == weights(hub.folder) and verify(folder) >= 4
    with qc.load(folder) as qwen:
        assert qwen.chat("Hi", max_new_tokens=4).completion_tokens > 0
    asked = hub.requests
    again = fetch(hub, folder, offline="1")
    assert again.returncode == 0 and hub.requests == asked


@pytest.mark.parametrize("source", ["hub", "modelscope"])
def test_what_an_interrupted_download_left_is_used(hub, tmp_path, source):
    folder, hub.cut = tmp_path / "model", 5_000_000
    broken = fetch(hub, folder, source=source)
    assert broken.returncode != 0 and "what is there is kept" in broken.stderr
    assert not weights(folder) and not (folder / "checksums.json").exists()
    (part,) = folder.glob("*.part")
    there, hub.cut = part.stat().st_size, None
    assert 0 < there <= 5_000_000
    whole = fetch(hub, folder, source=source)
    assert whole.returncode == 0, whole.stderr
    assert hub.ranges == [0, there] and not list(folder.glob("*.part"))
    assert verify(folder) >= 4 and weights(folder) == weights(hub.folder)


def test_a_corrupted_file_is_caught_removed_and_fetched_anew(hub, tmp_path):
    folder, hub.spoil = tmp_path / "model", True
    bad = fetch(hub, folder)
    assert bad.returncode != 0 and "Not what the source has" in bad.stderr
    assert not weights(folder) and not (folder / "checksums.json").exists()
    hub.spoil = False
    assert fetch(hub, folder).returncode == 0 and verify(folder) >= 4


def test_a_file_that_changes_later_is_found_without_network(hub, tmp_path):
    folder = tmp_path / "model"
    assert fetch(hub, folder).returncode == 0
    config = folder / "config.json"
    config.write_text(config.read_text().replace("1", "2", 1))
    with pytest.raises(OSError, match="config.json"):
        verify(folder)
    config.unlink()
    with pytest.raises(OSError, match="config.json"):
        download(REPO, revision=COMMIT, folder=folder)


@pytest.mark.parametrize("revision", ["main", "", None, "c0ffee", COMMIT.upper()])
def test_a_branch_is_no_revision(revision, tmp_path):
    with pytest.raises(ValueError, match="40 hex digits"):
        download(REPO, revision=revision, folder=tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_folder_without_a_record_says_what_to_do(tmp_path):
    with pytest.raises(ValueError, match="checksums.json"):
        verify(tmp_path)
