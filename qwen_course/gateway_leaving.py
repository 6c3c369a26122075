"""Clients leave in the middle: work stops as soon as they do, and their place is free again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import ExitStack


class ClientLeft(Exception):
    """The connection was closed before the answer was ready."""


async def while_there(request, work: Awaitable):
    """Return what the work returns; cancel it and raise ClientLeft when the client closes the connection."""
    task = asyncio.ensure_future(_run(work))
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientLeft
        return task.result()
    finally:
        for one in (task, leaving):
            one.cancel()
        await asyncio.gather(task, leaving, return_exceptions=True)


def event_stream(events: AsyncIterator[str], source, release: ExitStack):
    """Return a response that sends the events; at its end, whoever ends it, the source is closed and all released."""
    from fastapi.responses import StreamingResponse

    class Stream(StreamingResponse):
        async def __call__(self, scope, receive, send) -> None:
            with release:
                try:
                    await super().__call__(scope, receive, send)
                finally:
                    await events.aclose()
                    await source.aclose()

    return Stream(events, media_type="text/event-stream", headers={"cache-control": "no-store"})


async def _run(work: Awaitable):
    return await work


async def _left(request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
