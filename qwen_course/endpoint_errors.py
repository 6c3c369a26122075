"""What can go wrong between here and a server, each with a sentence that says what to do next.

Every class is also the built-in error of its kind, so `except TimeoutError` works without knowing this module. The key
never gets into a message: servers like to repeat it in theirs, so it is cut out of every text that comes from outside.
"""

from email.utils import parsedate_to_datetime
from time import time


class EndpointError(RuntimeError):
    """A server could not be talked to. `partial` holds what it had already answered, if anything."""

    partial: str = ""


class EndpointDown(EndpointError, ConnectionError):
    """Nobody answers at that address, or the connection broke before the first word."""


class EndpointTimeout(EndpointError, TimeoutError):
    """The server said nothing for as long as we wait."""


class EndpointDenied(EndpointError, PermissionError):
    """The server wants a key, or another one."""


class EndpointRateLimited(EndpointError):
    """The server takes no more requests now. `retry_after`: seconds that it asks us to wait, if it says so."""

    retry_after: float | None = None


class EndpointBadReply(EndpointError):
    """The server answered with something else than a whole chat completion."""


class EndpointRefused(EndpointError, ValueError):
    """The server understood the request and refuses it (unknown model, prompt too long, unknown option)."""


def clear_error(error: Exception, *, url: str, key: str | None, seconds: float) -> EndpointError:
    """Return the error of this module for one of the openai client's (or of a JSON decoder)."""
    import openai

    if isinstance(error, EndpointError):
        return error
    if isinstance(error, openai.APITimeoutError):
        return too_slow(url, seconds)
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        return EndpointDown(
            f"No answer from {url} ({hide(str(cause) or type(cause).__name__, key)}). Is the server running, at this "
            "address and port? Without a server the course goes on with Pocket: load('pocket')."
        )
    if isinstance(error, openai.APIStatusError):
        return _clear_status(error, url=url, key=key)
    if isinstance(error, openai.APIError) and not isinstance(error, openai.APIResponseValidationError):
        said = error.body if isinstance(error.body, str) else error.message  # an error in the middle of a stream
        return EndpointBadReply(f"{url} broke off with an error of its own: {hide(said, key)}. See the server's log.")
    return not_a_completion(url, hide(f"{type(error).__name__}: {error}", key))


def too_slow(url: str, seconds: float) -> EndpointTimeout:
    return EndpointTimeout(
        f"{url} said nothing for {seconds:g} seconds. It may still be loading the model or be busy: try again, ask for "
        "fewer tokens, or wait longer by QWEN_COURSE_TIMEOUT (seconds)."
    )


def not_a_completion(url: str, what: str) -> EndpointBadReply:
    return EndpointBadReply(
        f"{url} did not answer with a chat completion ({what}). Is it an OpenAI-compatible server, and does the "
        "address end as its manual says, mostly in /v1?"
    )


def half_an_answer(url: str, partial: str, why: str = "the connection ended") -> EndpointBadReply:
    error = EndpointBadReply(
        f"{url} sent half an answer: {why} before the reply was complete. What came is in the error's `partial` "
        f"({len(partial)} characters). Try again; see the server's log if it happens twice."
    )
    error.partial = partial
    return error


def retry_after(error: Exception) -> float | None:
    """Return the seconds that a 429 (or 503) asks us to wait: the Retry-After header, a number or a date."""
    value = error.response.headers.get("retry-after") if getattr(error, "response", None) is not None else None
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except (TypeError, ValueError):
        return None


def server_text(error: Exception) -> str:
    """Return what the server wrote beside an error status; the client's own message often leaves it out."""
    try:
        return error.response.text or error.message
    except Exception:  # the body was never read, or is no text
        return error.message


def hide(text: str, key: str | None, limit: int = 300) -> str:
    """Return a server's text on one line, shortened, without the key."""
    text = " ".join(str(text).split())
    if key:
        text = text.replace(key, "(the key)")
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def _clear_status(error, *, url: str, key: str | None) -> EndpointError:
    status, said = error.status_code, hide(server_text(error), key)
    if status in (401, 403):
        have = "The key in QWEN_COURSE_API_KEY is not accepted" if key else "It wants a key and none was given"
        return EndpointDenied(f"{url} refuses us ({status}). {have}: set the environment variable QWEN_COURSE_API_KEY.")
    if status == 429:
        wait = retry_after(error)
        limited = EndpointRateLimited(
            f"{url} takes no more requests now (429)"
            + (f"; it asks to wait {wait:g} seconds" if wait is not None else "")
            + ". Try again later, or ask for less at a time."
        )
        limited.retry_after = wait
        return limited
    if status == 404:
        return EndpointRefused(
            f"{url} does not know this model, or has no such page (404: {said}). Name the model after a '#', as in "
            "load('http://host:8000/v1#Qwen/Qwen3-0.6B'), and check that the address ends as the server's manual says."
        )
    if status < 500:
        return EndpointRefused(f"{url} refuses the request ({status}: {said}).")
    return EndpointBadReply(f"{url} failed inside ({status}: {said}). See the server's log, or try again.")
