"""Stop a learner's function that does not end, inside the kernel that it lives in.

On the main thread of Linux and macOS an alarm interrupts it. Elsewhere (Windows, a subshell) it runs in a thread that
is given up after the time. Neither can interrupt a call into C, such as one long matrix product, before it returns.
"""

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

_AGAIN = 0.2  # seconds between further interruptions: a bare `except:` may swallow one


class TookTooLong(Exception):
    """The function was stopped."""


class _Interruption(BaseException):
    """Raised inside the function; not an Exception, so that `except Exception` lets it pass."""


def within(seconds: float, function: Callable[[], Any]) -> Any:
    """Return what the function returns, raise what it raises, or raise TookTooLong after `seconds`."""
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        return _with_alarm(seconds, function)
    return _in_thread(seconds, function)


def _with_alarm(seconds: float, function: Callable[[], Any]) -> Any:
    armed, alarms = True, 0

    def interrupt(number, frame):
        nonlocal alarms
        if not armed:
            return
        alarms += 1
        if alarms % 2 == 0 and frame is not None:  # a bare `except:` swallowed the last one: come at the next line too
            frame.f_trace = at_next_line
            sys.settrace(at_next_line)
            return
        raise _Interruption

    def at_next_line(frame, event, argument):
        if armed:
            raise _Interruption

    began, before_trace = time.monotonic(), sys.gettrace()
    before_handler = signal.signal(signal.SIGALRM, interrupt)
    before_timer, before_interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        return function()
    except _Interruption:
        raise TookTooLong from None
    finally:
        armed = False  # an alarm that comes from here on changes nothing
        if alarms > 1:
            sys.settrace(before_trace)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before_handler or signal.SIG_DFL)
        if before_timer:  # somebody else's alarm goes on with what is left of its time
            left = max(before_timer - (time.monotonic() - began), 0.001)
            signal.setitimer(signal.ITIMER_REAL, left, before_interval)


def _in_thread(seconds: float, function: Callable[[], Any]) -> Any:
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["value"] = function()
        except _Interruption:
            pass
        except BaseException as error:  # handed over to the thread that waits
            outcome["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _stop(thread)
        raise TookTooLong
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


def _stop(thread: threading.Thread) -> None:
    """Interrupt the thread a few times; one that swallows that runs on in the background until the kernel ends."""
    for _ in range(5):
        if not thread.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Interruption))
        thread.join(_AGAIN)
