"""Every error of service and guard has its status, its code and OpenAI's four fields; none tells about the inside."""

import pytest

import qwen_course as qc
from qwen_course.gateway_errors import GatewayError, answer


@pytest.mark.parametrize(
    ("error", "status", "code", "wait"),
    [
        (qc.RateLimited("more than 1", retry_after=12.2), 429, "rate_limit_exceeded", "12"),
        (qc.ServiceOverloaded("full", retry_after=0.2), 503, "overloaded", "1"),
        (qc.ServiceClosed("ending"), 503, "shutting_down", "5"),
        (qc.ServiceTimeout("late"), 504, "timeout", None),
        (qc.InputTooLong("long"), 400, "context_length_exceeded", None),
        (qc.InputNotAllowed("hidden"), 400, "invalid_input", None),
        (qc.RunawayReply("again"), 500, "runaway_reply", None),
        (qc.GenerationFailed("ab12"), 500, "generation_failed", None),
        (ValueError("seed"), 400, "invalid_request", None),
        (GatewayError(413, "request_too_large", "big"), 413, "request_too_large", None),
        (ZeroDivisionError("secret"), 500, "internal_error", None),
    ],
)
def test_each_error_has_its_status_and_code(error, status, code, wait):
    found, body, headers = answer(error)
    assert (found, body["error"]["code"], headers.get("retry-after")) == (status, code, wait)
    assert set(body["error"]) == {"message", "type", "param", "code"} and "secret" not in str(body)
    assert (body["error"]["type"] == "server_error") == (status >= 500)
