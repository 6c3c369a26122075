"""Fixtures shared by the tests: small checkpoints and the models loaded from them, each built once per session."""

import os

# Set before torch is imported. One thread: the models are so small that more only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """Return a function: style -> folder of a small random checkpoint (see checkpoints.STYLES)."""
    from checkpoints import build_checkpoint

    folders = {}

    def folder(style: str):
        if style not in folders:
            folders[style] = build_checkpoint(tmp_path_factory.mktemp("checkpoints") / style, style)
        return folders[style]

    return folder


@pytest.fixture(scope="session")
def loaded(checkpoint):
    """Return a function: style -> the model loaded from it. Shared by all tests: do not close or change it."""
    from qwen_course.models import load

    models = {}

    def model(style: str):
        if style not in models:
            models[style] = load(checkpoint(style), device="cpu")
        return models[style]

    return model
