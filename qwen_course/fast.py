"""QWEN_COURSE_FAST=1: every measurement small, so that the notebooks can be tested on slow or foreign models.

It makes numbers meaningless and is not meant for learners.
"""

import os

PROBLEMS = 4
NEW_TOKENS = 32


def fast_mode() -> bool:
    """Return whether QWEN_COURSE_FAST is set to 1. Introduced in notebook 02."""
    return os.environ.get("QWEN_COURSE_FAST") == "1"
