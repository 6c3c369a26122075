"""What a gateway answers instead of a completion: a status, and a body in OpenAI's format.

Its four fields, message, type, param and code, are what the openai client and others read; see the API reference of
OpenAI, "Error codes".
"""

from .guard_errors import GuardError, InputTooLong, RateLimited, RunawayReply
from .service_errors import GenerationFailed, ServiceClosed, ServiceOverloaded, ServiceTimeout


class GatewayError(Exception):
    """A request that the gateway itself refuses. `param` names the field that is wrong, if it is one."""

    def __init__(
        self, status: int, code: str, message: str, *, param: str | None = None, retry_after: float = 0
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.param, self.retry_after = status, code, param, retry_after


def answer(error: Exception) -> tuple[int, dict, dict[str, str]]:
    """Return (status, body, headers) for any error; one that is not meant for clients becomes a plain 500."""
    refusal = error if isinstance(error, GatewayError) else _refusal(error)
    body = {"message": str(refusal), "type": _type(refusal.status), "param": refusal.param, "code": refusal.code}
    headers = {"retry-after": f"{max(1, round(refusal.retry_after))}"} if refusal.retry_after else {}
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    return refusal.status, {"error": body}, headers


def _refusal(error: Exception) -> GatewayError:
    said = str(error)
    if isinstance(error, RateLimited):
        return GatewayError(429, "rate_limit_exceeded", said, retry_after=error.retry_after)
    if isinstance(error, ServiceOverloaded):
        return GatewayError(503, "overloaded", said, retry_after=error.retry_after)
    if isinstance(error, InputTooLong):
        return GatewayError(400, "context_length_exceeded", said, param="messages")
    if isinstance(error, RunawayReply):
        return GatewayError(500, "runaway_reply", said)
    if isinstance(error, ServiceTimeout):
        return GatewayError(504, "timeout", said)
    if isinstance(error, ServiceClosed):
        return GatewayError(503, "shutting_down", said, retry_after=5)
    if isinstance(error, GuardError):
        return GatewayError(400, "invalid_input", said, param="messages")
    if isinstance(error, ValueError):
        return GatewayError(400, "invalid_request", said)
    if isinstance(error, GenerationFailed):  # its text names an incident and nothing of the inside
        return GatewayError(500, "generation_failed", said)
    return GatewayError(500, "internal_error", "The gateway failed; the fault is on our side.")


def _type(status: int) -> str:
    names = {401: "authentication_error", 404: "invalid_request_error", 429: "rate_limit_error"}
    return names.get(status, "invalid_request_error" if status < 500 else "server_error")
