"""The reply of a service while it is written."""

from collections.abc import AsyncIterator

from .reply import Piece, Reply


class ServiceStream:
    """Iterate over a reply's pieces with `async for`; afterwards `.reply` holds the whole Reply.

    Made by `service.stream`. Leaving the loop early, `await stream.aclose()` or dropping it frees the place.
    Introduced in notebook 07.
    """

    def __init__(self, events: AsyncIterator[Piece | Reply]) -> None:
        self._events = events
        self._reply: Reply | None = None

    async def __aiter__(self) -> AsyncIterator[Piece]:
        try:
            async for event in self._events:
                if isinstance(event, Reply):
                    self._reply = event
                else:
                    yield event
        finally:  # Python gets here when the loop ends, and also when it is left by break or an error
            await self.aclose()

    @property
    def reply(self) -> Reply:
        """Return the whole reply. Raises RuntimeError before the end of the stream, and if it was left early."""
        if self._reply is None:
            raise RuntimeError("The reply is complete only when the stream was read to its end (async for ...).")
        return self._reply

    async def aclose(self) -> None:
        """Stop generating, if it still goes on."""
        await self._events.aclose()
