"""Notice a model that repeats itself without end, while it still writes."""

from .guard_errors import RunawayReply
from .reply import Piece, Reply

_TIMES = 8  # a unit must come this often, so that a table or a refrain is none
_EVERY = 64  # characters between two looks


def repeated_tail(text: str) -> int:
    """Return how many characters at the end of a text are one unit again and again, at least eight times; else 0.

    repeated_tail("so: " + "ha" * 10) -> 20
    """
    text = text[::-1]
    longest, borders = 0, [0]  # borders[i]: the longest proper prefix of text[: i + 1] that is also its end
    for i in range(1, len(text)):
        border = borders[-1]
        while border and text[i] != text[border]:
            border = borders[border - 1]
        border += text[i] == text[border]
        borders.append(border)
        if (i + 1) >= _TIMES * (i + 1 - border):
            longest = i + 1
    return longest


class RepetitionWatch:
    """Look at one reply, in pieces or as a whole. Raises RunawayReply once its end repeats for `limit` characters."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._tails = {"thinking": "", "answer": ""}
        self._new = 0

    def see(self, event: Piece | Reply) -> None:
        if self._limit is None:
            return
        if isinstance(event, Reply):
            for text in (event.thinking, event.text):
                self._look(text)
            return
        self._tails[event.kind] = (self._tails[event.kind] + event)[-2 * self._limit :]
        self._new += len(event)
        if self._new >= _EVERY:
            self._new = 0
            self._look(self._tails[event.kind])

    def _look(self, text: str) -> None:
        if len(text) >= self._limit and repeated_tail(text[-2 * self._limit :]) >= self._limit:
            raise RunawayReply(
                "The model repeated itself without end and was stopped. Ask again, with other words or with the "
                "sampling that its card recommends."
            )
