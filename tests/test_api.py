"""The fixed names of the public API: lessons, learners' code and outside checks rely on each of them."""

import inspect

import pytest

import qwen_course as qc
from qwen_course.conversation import LocalQwen
from qwen_course.evaluation import Score

CHAT = ["messages", "thinking", "system", "tools", "max_new_tokens", "sampling", "seed"]
SIGNATURES = {
    "load": ["model", "precision", "device", "local"],
    "catalog": [],
    "checkpoint": None,  # one argument, of any name
    "recommend": ["task", "memory_gib", "tokens", "precision", "thinking", "commercial"],
    "count_parameters": None,
    "estimate_memory": [None, "precision", "tokens", "batch_size", "purpose"],
    "problems": ["skill", "n", "split", "seed"],
    "evaluate": ["qwen", "skill_or_problems", "n", "thinking", "sampling", "seed", "seconds"],
    "compare": ["scores"],
    "perplexity": ["qwen", "texts"],
    "compare_precisions": ["name", "precisions", "skills"],
    "measure": ["qwen", "prompts"],
    "health_check": ["qwen"],
    "finetune": ["model", "data", "folder", "held_out", "precision", "rank", "learning_rate", "packing", "seed"],
    "load_adapter": ["folder", "base", "precision"],
    "merge_adapter": ["folder", "target", "base", "precision"],
    "prepare_rows": ["tokenizer", "rows", "test"],
    "export_onnx": ["model", "target", "precision"],
    "export_gguf": ["model", "target", "precision"],
    "modelfile": ["gguf", "model", "context", "sampling"],
}
POSITIONAL = {"finetune": 3} | dict.fromkeys(
    (
        *("problems", "evaluate", "perplexity", "compare_precisions", "measure"),
        *("merge_adapter", "prepare_rows", "export_onnx", "export_gguf", "modelfile"),
    ),
    2,
)
SERVICE = ["qwen", "max_concurrent", "max_queue", "timeout_seconds", "guard", "monitor"]


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_function_takes_the_arguments_that_the_design_names(name):
    parameters = inspect.signature(getattr(qc, name)).parameters
    wanted = SIGNATURES[name]
    if wanted is None:
        assert len(parameters) == 1
    else:
        assert [p for p in wanted if p] == [p for p in wanted if p in parameters]
    options = list(parameters.values())[POSITIONAL.get(name, 1) :]
    assert all(option.kind is inspect.Parameter.KEYWORD_ONLY for option in options)


@pytest.mark.parametrize(("method", "first"), [("chat", "messages"), ("stream", "messages"), ("chat_batch", None)])
def test_chat_stream_and_batch_take_the_same_keyword_options(method, first):
    _, conversation, *options = inspect.signature(getattr(LocalQwen, method)).parameters.values()
    assert first in (None, conversation.name)
    assert [option.name for option in options] == CHAT[1:]
    assert all(option.kind is inspect.Parameter.KEYWORD_ONLY for option in options)


def test_a_service_takes_the_sizes_and_the_options_that_the_design_names():
    first, *sizes = inspect.signature(qc.QwenService).parameters.values()
    assert [first.name, *(size.name for size in sizes)] == SERVICE
    assert all(size.kind is inspect.Parameter.KEYWORD_ONLY for size in sizes)
    for method in ("chat", "stream"):
        _, messages, *options = inspect.signature(getattr(qc.QwenService, method)).parameters.values()
        assert messages.name == "messages"
        assert {option.name for option in options} == {"user", *CHAT[1:]}
        assert all(option.kind is inspect.Parameter.KEYWORD_ONLY for option in options)
    assert list(inspect.signature(qc.Guard.check).parameters) == ["self", "user", "messages"]


def test_a_service_takes_the_monitor_of_the_package():
    from qwen_course.service import ServiceCounts

    qc.QwenMonitor().record("refused", None, ServiceCounts(), error="RateLimited", seconds=0.1)
    assert {"status", "checks"} <= {*qc.HealthReport.__dataclass_fields__, *dir(qc.HealthReport)}


def test_a_loaded_model_and_its_reply_have_the_attributes_that_the_design_names():
    with qc.load("pocket") as qwen:
        assert qwen.name == "pocket" and qwen.reason and qwen.context_tokens == 2048
        assert set(qwen.thinking_modes) == {False, True} and qwen.model and qwen.tokenizer
        with qwen.stream("What is 2 + 3?") as stream:
            assert {piece.kind for piece in stream} == {"thinking", "answer"}
        reply = stream.reply
    assert reply.text and reply.thinking and reply.tool_calls == [] and reply.finish_reason == "stop"
    assert reply.prompt_tokens and reply.completion_tokens > reply.thinking_tokens > 0
    assert 0 < reply.time_to_first_token <= reply.seconds and reply.tokens_per_second > 0
    assert reply.message["role"] == "assistant"


def test_results_have_the_fields_that_the_design_names():
    for name in ("correct", "n", "accuracy", "low", "high", "tokens", "seconds", "results"):
        assert name in dir(Score) or name in Score.__dataclass_fields__
    for name in ("temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty"):
        assert name in qc.Sampling.__dataclass_fields__
    assert qc.Sampling.greedy() == qc.Sampling.recommended("pocket", thinking=True)
    for name in ("total", "text", "active", "embedding"):
        assert getattr(qc.count_parameters("Qwen/Qwen3-0.6B"), name) > 0
    for name in ("weights", "kv_cache", "training", "total"):
        assert getattr(qc.estimate_memory("Qwen/Qwen3-0.6B", purpose="full"), name) is not None
