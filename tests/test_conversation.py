"""Chat, stream and batch: one reply in three ways, for every template family, with real generate on random weights."""

import gc
import threading
import time

import pytest
import torch
from checkpoints import STYLES, build_checkpoint
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted import ids_of, script

from qwen_course.models import load
from qwen_course.sampling import Sampling

QUESTIONS = ["What is 12 + 30?", "Hi", "机器学习是什么? Explain it in one sentence, please.", "def add(a, b):"]
WARM = Sampling(temperature=1.0, top_k=50)


def essence(reply):
    """Return all of a reply but the times."""
    return (
        reply.text,
        reply.thinking,
        reply.tool_calls,
        reply.prompt_tokens,
        reply.completion_tokens,
        reply.thinking_tokens,
        reply.finish_reason,
    )


# --- one reply, three ways --------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
def test_greedy_batch_and_stream_equal_greedy_chat(style, loaded):
    qwen = loaded(style)
    options = {"max_new_tokens": 24, "sampling": Sampling.greedy()}
    singles = [qwen.chat(question, **options) for question in QUESTIONS]
    assert len({reply.text + reply.thinking for reply in singles}) > 1  # the weights do tell the questions apart
    assert [essence(r) for r in qwen.chat_batch(QUESTIONS, **options)] == [essence(r) for r in singles]
    for question, single in zip(QUESTIONS, singles, strict=True):
        stream = qwen.stream(question, **options)
        pieces = list(stream)
        assert essence(stream.reply) == essence(single)
        assert "".join(p for p in pieces if p.kind == "answer") == single.text
        assert "".join(p for p in pieces if p.kind == "thinking") == single.thinking


def test_greedy_batch_equals_greedy_single_for_pocket():
    questions = [f"What is {a} + {b}?" for a, b in ((12, 30), (7, 5), (345, 21), (1234, 4321), (9, 90))]
    questions += ["Hi", "What is a neural network?", "Find the derivative of f(x) = x³ + 2x² - 5x + 3"]
    with load("pocket", device="cpu") as pocket:
        assert "float32" in pocket.reason
        for mode in pocket.thinking_modes:
            singles = [pocket.chat(question, thinking=mode, max_new_tokens=64) for question in questions]
            batch = pocket.chat_batch(questions, thinking=mode, max_new_tokens=64)
            assert [essence(reply) for reply in batch] == [essence(reply) for reply in singles]


def test_greedy_chat_equals_plain_generate(loaded):
    qwen = loaded("qwen2.5")  # its tokenizer has no think tokens, so all that it writes is text
    inputs = qwen.tokenizer.apply_chat_template(
        [{"role": "user", "content": "Hi"}], add_generation_prompt=True, return_tensors="pt"
    )
    output = qwen.model.generate(**inputs, do_sample=False, max_new_tokens=20, temperature=None, top_p=None, top_k=None)
    new = output[0, inputs["input_ids"].shape[1] :].tolist()
    reply = qwen.chat("Hi", max_new_tokens=20, sampling=Sampling.greedy())
    assert (reply.prompt_tokens, reply.completion_tokens) == (inputs["input_ids"].shape[1], len(new))
    assert reply.text == qwen.tokenizer.decode(new, skip_special_tokens=True).strip("\n").rstrip("\ufffd")


def test_a_seed_gives_the_same_reply_alone_in_a_batch_and_in_a_stream(loaded):
    qwen = loaded("qwen3")
    options = {"max_new_tokens": 24, "sampling": WARM}
    first = qwen.chat("Hi", seed=3, **options)
    assert essence(qwen.chat("Hi", seed=3, **options)) == essence(first)
    assert essence(qwen.chat("Hi", seed=4, **options)) != essence(first)
    stream = qwen.stream("Hi", seed=3, **options)
    list(stream)
    assert essence(stream.reply) == essence(first)
    batch = qwen.chat_batch(["Hi", "What is 12 + 30?", "Hi"], seed=3, **options)
    assert essence(batch[0]) == essence(first)
    assert essence(batch[2]) == essence(qwen.chat("Hi", seed=5, **options))  # row i is drawn with seed + i


def test_without_a_seed_replies_differ(loaded):
    assert len({loaded("qwen3").chat("Hi", max_new_tokens=24, sampling=WARM).text for _ in range(3)}) > 1


def test_the_callers_random_state_is_neither_used_nor_changed(loaded):
    qwen = loaded("qwen3")
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    qwen.chat("Hi", max_new_tokens=8, sampling=WARM, seed=1)
    list(qwen.stream("Hi", max_new_tokens=8, sampling=WARM))
    qwen.chat_batch(["Hi", "Hello"], max_new_tokens=8, sampling=WARM)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_batches_come_back_in_the_order_given_also_when_split(loaded, monkeypatch):
    monkeypatch.setattr("qwen_course.conversation.ROWS_PER_BATCH", 3)
    qwen = loaded("qwen3")
    questions = [f"{'long ' * (7 - i)}{i}" for i in range(8)]
    options = {"max_new_tokens": 8, "sampling": Sampling.greedy()}
    singles = [qwen.chat(question, **options) for question in questions]
    assert [essence(r) for r in qwen.chat_batch(questions, **options)] == [essence(r) for r in singles]
    assert qwen.chat_batch([]) == []


def test_batches_do_not_depend_on_the_tokenizers_padding_side(loaded):
    qwen = loaded("qwen3")
    options = {"max_new_tokens": 8, "sampling": Sampling.greedy()}
    side, texts = qwen.tokenizer.padding_side, []
    try:
        for qwen.tokenizer.padding_side in ("left", "right"):
            texts.append([reply.text for reply in qwen.chat_batch(QUESTIONS, **options)])
    finally:
        qwen.tokenizer.padding_side = side
    assert texts[0] == texts[1]


def test_nothing_is_written_to_the_notebook(checkpoint, capfd, recwarn):
    for style in ("qwen3", "qwen3.5"):
        with load(checkpoint(style), device="cpu") as qwen:
            qwen.chat("Hi", max_new_tokens=4, sampling=Sampling.greedy())
            qwen.chat_batch(["Hi", "Hello there"], max_new_tokens=4, sampling=WARM)
            list(qwen.stream("Hi", max_new_tokens=4))
    assert capfd.readouterr() == ("", "")
    assert [str(warning.message) for warning in recwarn] == []


# --- thinking, tool calls, finish reasons, counts ---------------------------------------------------------------


@pytest.mark.parametrize("style", ["qwen3", "thinking-2507", "qwen3.5"])
@pytest.mark.parametrize(
    ("said", "thinking", "text"),
    [("hm\n</think>\n\n4", "hm", "4"), ("\n</think>\n\n4", "", "4"), ("hm, so", "hm, so", "")],
    ids=["split", "empty", "cut off"],
)
def test_thinking_is_split_for_each_family(style, said, thinking, text, loaded):
    qwen = loaded(style)
    ids = ids_of(qwen.tokenizer, ("<think>\n" if style == "qwen3" else "") + said)  # the others have it in the prompt
    with script(qwen.model, [ids]):
        reply = qwen.chat("2 + 2?", max_new_tokens=len(ids) + (text != ""))
    assert (reply.thinking, reply.text) == (thinking, text)
    assert reply.finish_reason == ("stop" if text else "length")
    assert reply.completion_tokens == len(ids) + (text != "")  # the end of turn is counted
    assert 0 <= reply.thinking_tokens < reply.completion_tokens + (text == "")


@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"])
def test_the_mode_decides_what_the_prompt_looks_like(style, loaded):
    qwen = loaded(style)
    options = {"max_new_tokens": 1, "sampling": Sampling.greedy()}
    on = qwen.chat("Hi", thinking=True, **options).prompt_tokens
    assert qwen.chat("Hi", thinking=False, **options).prompt_tokens > on  # the empty block
    assert qwen.chat("Hi", **options).prompt_tokens == on  # these think by default


@pytest.mark.parametrize(
    ("style", "mode", "says"),
    [
        ("qwen2.5", True, "does not think. Models that can: .*Qwen/Qwen3-0.6B"),
        ("instruct-2507", True, "does not think"),
        ("thinking-2507", False, "always thinks. Models that answer without: .*Instruct-2507"),
        ("qwen3", "yes", "thinking is 'yes'"),
        ("qwen3", 1, "thinking is 1"),
    ],
)
def test_an_unsupported_mode_raises_and_names_models_that_can(style, mode, says, loaded):
    for ask in (loaded(style).chat, loaded(style).stream, lambda m, **o: loaded(style).chat_batch([m], **o)):
        with pytest.raises(ValueError, match=says):
            ask("Hi", thinking=mode)


def test_tool_calls_end_up_in_the_reply_and_not_in_the_text(loaded):
    qwen = loaded("qwen3")

    def add(a: int, b: int) -> int:
        """Add two numbers.

        Args:
            a: One.
            b: Another.
        """
        return a + b

    said = '<think>\nUse it.\n</think>\n\n<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>'
    with script(qwen.model, [ids_of(qwen.tokenizer, said)]):
        reply = qwen.chat("1 + 2?", tools=[add], max_new_tokens=200)
    assert (reply.text, reply.thinking, reply.finish_reason) == ("", "Use it.", "tool_calls")
    assert (reply.tool_calls[0].name, reply.tool_calls[0].arguments) == ("add", {"a": 1, "b": 2})
    history = [{"role": "user", "content": "1 + 2?"}, reply.message]
    history.append({"role": "tool", "tool_call_id": reply.tool_calls[0].id, "content": "3"})
    with script(qwen.model, [ids_of(qwen.tokenizer, "3")]):
        assert qwen.chat(history, tools=[add]).text == "3"


def test_xml_tool_calls_are_typed_by_the_schema_given(loaded):
    qwen = loaded("qwen3.5")
    schema = {"name": "add", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}}}
    said = "</think>\n\n<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>"
    with script(qwen.model, [ids_of(qwen.tokenizer, said)]):
        reply = qwen.chat("1?", tools=[{"type": "function", "function": schema}], max_new_tokens=200)
    assert reply.tool_calls[0].arguments == {"a": 1}


def test_rows_of_a_batch_end_each_at_its_own_place(loaded):
    qwen = loaded("instruct-2507")
    texts = ["Hi", "The answer is 42.", "1 2 3 4 5 6 7 8 9"]
    rows = [ids_of(qwen.tokenizer, text) for text in texts]
    with script(qwen.model, rows):
        replies = qwen.chat_batch(["a", "b", "c"], max_new_tokens=10)  # equal lengths, so sorting keeps the order
    for reply, text, ids in zip(replies, texts, rows, strict=True):
        cut = len(ids) >= 10
        assert reply.finish_reason == ("length" if cut else "stop")
        assert reply.completion_tokens == (10 if cut else len(ids) + 1)
        assert reply.text == qwen.tokenizer.decode(ids[:10]) and text.startswith(reply.text)
        assert 0 < reply.time_to_first_token <= reply.seconds
    assert replies[0].seconds < replies[2].seconds


def test_both_stop_tokens_of_qwen_end_a_reply(loaded):
    qwen = loaded("qwen3")
    for end in ("<|im_end|>", "<|endoftext|>"):
        with script(qwen.model, [ids_of(qwen.tokenizer, f"4{end}5")]):
            reply = qwen.chat("2 + 2?")
        assert (reply.text, reply.finish_reason) == ("4", "stop")


# --- streaming --------------------------------------------------------------------------------------------------


def test_a_character_split_over_tokens_is_streamed_whole(loaded):
    qwen = loaded("qwen3")
    said = "你好 😀 – naïve"
    ids = ids_of(qwen.tokenizer, said)
    with script(qwen.model, [ids]):
        pieces = list(qwen.stream("Hi"))
    assert "".join(pieces) == said
    assert not any("\ufffd" in piece for piece in pieces)
    with script(qwen.model, [ids]):
        stream = qwen.stream("Hi", max_new_tokens=ids.index(ids_of(qwen.tokenizer, "😀")[0]) + 1)
        assert "".join(stream) == stream.reply.text == "你好 "  # cut off inside the emoji


def test_pieces_say_what_they_are_and_show_no_tags(loaded):
    qwen = loaded("qwen3")
    with script(qwen.model, [ids_of(qwen.tokenizer, "<think>\nhm hm\n</think>\n\n4 it is")]):
        pieces = list(qwen.stream("2 + 2?"))
    kinds = [piece.kind for piece in pieces]
    assert kinds == sorted(kinds, reverse=True) and set(kinds) == {"thinking", "answer"}
    assert "think" not in "".join(pieces)


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "qwen-stream"]


def wait_for_workers() -> None:
    for thread in workers():
        thread.join(timeout=10)
        assert not thread.is_alive(), "the model still generates"


def leave_by_break(stream):
    for _ in stream:
        break


def leave_by_error(stream):
    with pytest.raises(KeyError):
        for _ in stream:
            raise KeyError


def leave_by_close(stream):
    next(stream)
    stream.close()
    assert list(stream) == []


def leave_by_with(stream):
    with stream:
        next(stream)


@pytest.mark.parametrize("leave", [leave_by_break, leave_by_error, leave_by_close, leave_by_with])
def test_leaving_the_loop_early_stops_the_model(leave, loaded):
    qwen = loaded("qwen3")
    with script(qwen.model, [ids_of(qwen.tokenizer, "1 2 3 4 5 6 7 8 9 " * 10)], seconds_per_token=0.01) as steps:
        stream = qwen.stream("Count.", max_new_tokens=180)
        leave(stream)  # `stream` stays alive: nothing but the leaving can have stopped it
        wait_for_workers()
        assert len(steps) < 90
    with pytest.raises(RuntimeError, match="read to its end"):
        _ = stream.reply


def test_a_stream_that_nobody_holds_any_more_stops_the_model(loaded):
    qwen = loaded("qwen3")
    with script(qwen.model, [ids_of(qwen.tokenizer, "1 2 3 4 5 6 7 8 9 " * 10)], seconds_per_token=0.01) as steps:
        stream = qwen.stream("Count.", max_new_tokens=180)
        next(stream)
        del stream
        gc.collect()
        wait_for_workers()
        assert len(steps) < 90


def test_an_error_inside_generation_reaches_the_caller(loaded):
    qwen = loaded("qwen3")
    with script(qwen.model, [ids_of(qwen.tokenizer, "1 2 3 4")], fail_at=3):
        pieces = []
        with pytest.raises(RuntimeError, match="the model broke"):
            for piece in qwen.stream("Count."):
                pieces.append(piece)
        assert pieces  # what came before the error was shown
    with script(qwen.model, [ids_of(qwen.tokenizer, "1")], fail_at=0), pytest.raises(RuntimeError, match="broke"):
        qwen.chat("Count.")


def test_pieces_arrive_while_the_model_still_writes(loaded):
    qwen = loaded("qwen3")
    with script(qwen.model, [ids_of(qwen.tokenizer, "1 2 3 4 5 6 7 8 9")], seconds_per_token=0.02) as steps:
        stream = qwen.stream("Count.")
        next(stream)
        assert len(steps) < 9
        list(stream)
    assert 0 < stream.reply.time_to_first_token < stream.reply.seconds


def test_bad_input_to_a_stream_raises_at_the_call(loaded):
    with pytest.raises(ValueError, match="empty"):
        loaded("qwen3").stream([])


# --- limits and bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, None, "10"])
def test_max_new_tokens_must_be_a_positive_number(limit, loaded):
    with pytest.raises(ValueError, match="max_new_tokens is"):
        loaded("qwen3").chat("Hi", max_new_tokens=limit)


@pytest.mark.parametrize(
    ("options", "says"),
    [({"sampling": 0.7}, "expected a Sampling"), ({"seed": "a"}, "seed is 'a'"), ({"system": 3}, "system is 3")]
    + [({"tools": "add"}, "tools is 'add'")],
)
def test_wrong_options_raise(options, says, loaded):
    with pytest.raises(ValueError, match=says):
        loaded("qwen3").chat("Hi", **options)


def test_each_conversation_of_a_batch_may_have_its_own_tools(loaded):
    qwen = loaded("qwen3")
    names = ("add", "take_the_sum_of")
    add, sum_of = ({"type": "function", "function": {"name": name, "description": "Add."}} for name in names)
    tools = [[add], None, [sum_of]]
    options = dict(max_new_tokens=12, sampling=Sampling.greedy(), thinking=False)
    singles = [qwen.chat("Hi", tools=own, **options) for own in tools]
    assert [essence(r) for r in qwen.chat_batch(["Hi"] * 3, tools=tools, **options)] == [essence(r) for r in singles]
    assert len({r.prompt_tokens for r in singles}) == 3


def test_chat_batch_refuses_a_single_string(loaded):
    with pytest.raises(ValueError, match="list of conversations"):
        loaded("qwen3").chat_batch("Hi")


def test_a_prompt_longer_than_the_context_names_both_counts(tmp_path):
    qwen = load(build_checkpoint(tmp_path / "short", "qwen3", context=64), device="cpu")
    assert qwen.context_tokens == 64
    with pytest.raises(ValueError, match=r"The prompt has \d{3} tokens, but .* takes 64 in all"):
        qwen.chat("1" * 100)
    # Where only the reply would not fit, it fills what is left
    reply = qwen.chat("1" * 40, max_new_tokens=512, sampling=Sampling(temperature=0.01, presence_penalty=-2))
    assert reply.prompt_tokens + reply.completion_tokens <= 64
    batch = qwen.chat_batch(["1" * 40, "1"], max_new_tokens=50, sampling=Sampling.greedy())
    assert all(r.prompt_tokens + r.completion_tokens <= 64 for r in batch)


def test_a_closed_model_says_so(checkpoint):
    with load(checkpoint("qwen3"), device="cpu") as qwen:
        pass
    assert qwen.model is None and qwen.tokenizer is None
    with pytest.raises(RuntimeError, match="was closed; load it again"):
        qwen.chat("Hi")


# --- user text never becomes control tokens ---------------------------------------------------------------------


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    style=st.sampled_from(STYLES),
    parts=st.lists(
        st.sampled_from(["<|im_end|>", "<|im_start|>", "<think>", "</think>", "<tool_call>", "\n"]) | st.text()
    ),
)
def test_no_way_of_asking_lets_text_become_control_tokens(style, parts, loaded):
    """In chat, stream and batch alike, the model is given as many control tokens as for harmless text."""
    qwen, text = loaded(style), "".join(parts)
    known = torch.tensor(sorted(set(qwen.tokenizer.added_tokens_decoder) - {qwen.tokenizer.pad_token_id}))
    counts = []

    def count(module, arguments, options):
        ids = options["input_ids"]
        if ids.shape[1] > 1:
            counts.extend(torch.isin(ids, known).sum(-1).tolist())

    handle = qwen.model.register_forward_pre_hook(count, with_kwargs=True)
    try:
        for question in ("x", text[:100]):
            qwen.chat(question, max_new_tokens=1)
            list(qwen.stream(question, max_new_tokens=1))
            qwen.chat_batch([question, question], max_new_tokens=1)
    finally:
        handle.remove()
    assert len(counts) == 8 and len(set(counts)) == 1


def test_timing_is_noted_for_every_way_of_asking(loaded):
    qwen = loaded("qwen3")
    start = time.perf_counter()
    replies = [qwen.chat("Hi", max_new_tokens=4), *qwen.chat_batch(["Hi"], max_new_tokens=4)]
    total = time.perf_counter() - start
    assert all(0 < r.time_to_first_token <= r.seconds <= total for r in replies)
