"""Keep notes and progress bars of transformers and bitsandbytes out of a notebook while the helper calls them."""

import logging as python_logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_depth = 0
_before: tuple[int, bool, int] = (0, False, 0)
_bitsandbytes = python_logging.getLogger("bitsandbytes")


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Let only errors through, then restore the settings found. Calls may overlap in several threads.

    What is silenced are notes about a fallback kernel or a flag without effect: nothing that a learner could act on.
    """
    from transformers.utils import logging

    global _depth, _before
    with _lock:
        if _depth == 0:
            _before = (logging.get_verbosity(), logging.is_progress_bar_enabled(), _bitsandbytes.level)
            logging.set_verbosity_error()
            logging.disable_progress_bar()
            _bitsandbytes.setLevel(python_logging.ERROR)
        _depth += 1
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0:
                verbosity, bars, level = _before
                logging.set_verbosity(verbosity)
                _bitsandbytes.setLevel(level)
                if bars:
                    logging.enable_progress_bar()
