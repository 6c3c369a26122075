"""Keep transformers' notes and progress bars out of a learner's notebook while the helper calls it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_depth = 0
_before: tuple[int, bool] = (0, False)


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Let only errors through, then restore the settings found. Calls may overlap in several threads.

    What is silenced are notes about a fallback kernel or a flag without effect: nothing that a learner could act on.
    """
    from transformers.utils import logging

    global _depth, _before
    with _lock:
        if _depth == 0:
            _before = (logging.get_verbosity(), logging.is_progress_bar_enabled())
            logging.set_verbosity_error()
            logging.disable_progress_bar()
        _depth += 1
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0:
                verbosity, bars = _before
                logging.set_verbosity(verbosity)
                if bars:
                    logging.enable_progress_bar()
