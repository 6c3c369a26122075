"""Why a guard turned something away: each reason is an exception of its own, and its text is meant for the client."""


class GuardError(Exception):
    """A guard refused a request, or a reply. Introduced in notebook 07."""


class RateLimited(GuardError):
    """This user has asked too often. `retry_after`: seconds until the next request is let in.

    Introduced in notebook 07.
    """

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class InputTooLong(GuardError, ValueError):
    """The messages have too many characters, tokens, turns or levels. Introduced in notebook 07."""


class InputNotAllowed(GuardError, ValueError):
    """The messages are malformed, have a role that users may not take, or hide text from a human reader.

    Introduced in notebook 07.
    """


class RunawayReply(GuardError):
    """The model repeated itself without end. Introduced in notebook 07."""
