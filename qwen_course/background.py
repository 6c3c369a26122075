"""When a thread that computes in the background has nobody left to compute for.

Such a thread must not be a daemon: Python breaks daemons off wherever they are when it ends, and in the middle of
torch's C++ code that aborts the whole process ("terminate called without an active exception", exit status -6). Python
waits for every other thread. So a thread of this package is an ordinary one, and asks at each token whether to go on.
"""

from threading import current_thread, main_thread


class Caller:
    """The thread for which others work: the one that makes this object."""

    def __init__(self) -> None:
        self._thread = current_thread()

    @property
    def gone(self) -> bool:
        """Whether Python is ending and the caller's thread is none of those that it waits for.

        A script may be over while a thread that it started still reads a reply: that one is not gone.
        """
        return not main_thread().is_alive() and (self._thread.daemon or not self._thread.is_alive())
