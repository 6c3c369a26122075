"""Read an endpoint's address and what its server lists: which model, how long a context, how long to wait."""

import os
from urllib.parse import urldefrag, urlsplit


def split_address(address: str) -> tuple[str, str | None]:
    """Return (base address, model's name or None). A key within the address would be shown wherever it is printed."""
    url, model = urldefrag(address.strip())
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.password or parts.query:
        raise ValueError(
            "An endpoint's address is http://host:port/v1#model, without user, password or query; "
            "a key belongs in the environment variable QWEN_COURSE_API_KEY."
        )
    return url.rstrip("/"), model or None


def time_limit() -> float:
    """Return the seconds of silence after which a server counts as too slow."""
    given = os.environ.get("QWEN_COURSE_TIMEOUT", "").strip() or "120"
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ValueError(f"QWEN_COURSE_TIMEOUT is {given!r}; expected a number of seconds above 0.")
    return seconds


def only_model(served: dict[str, dict], url: str) -> str:
    """Return the one model of a server's list; raise a ValueError that names them where there are several."""
    if len(served) == 1:
        return next(iter(served))
    if not served:
        raise ValueError(f"{url} lists no model. Name the one it serves: load('{url}#MODEL').")
    raise ValueError(f"{url} serves several models; name one after a '#': " + ", ".join(f"{url}#{m}" for m in served))


def context_tokens(entry: dict) -> int | None:
    """Return prompt and reply together, where the server's list says it (vLLM, llama.cpp), else None."""
    meta = entry.get("meta") if isinstance(entry.get("meta"), dict) else {}
    found = entry.get("max_model_len") or meta.get("n_ctx")
    return found if isinstance(found, int) else None
