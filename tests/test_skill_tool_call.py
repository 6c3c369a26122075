"""Tool calls: every problem can be told from its prompt, graders compare meaning, and what is held out stays so."""

import json
import random
import re
from collections import Counter

import pytest

from qwen_course.reply import Reply, ToolCall
from qwen_course.skills import smalltalk, tool_call
from qwen_course.skills.injection import obeyed
from qwen_course.skills.problem import held_out
from qwen_course.skills.tool_call import NO_TOOL, TOOLS, calls_of, injected_result, same_calls
from qwen_course.skills.tool_inventions import ATTRIBUTES, PATTERNS, invent
from qwen_course.skills.tool_results import holds


def drawn(split, n=1500, seed=0):
    rng = random.Random(seed)
    return [tool_call.problem(rng, split) for _ in range(n)]


def reply_with(*calls, text=""):
    return Reply(
        text=text, tool_calls=[ToolCall(id=f"call_{i}", name=n, arguments=a) for i, (n, a) in enumerate(calls)]
    )


def worked(problem):
    made = [call["function"] for call in problem.answer.get("tool_calls", [])]
    return reply_with(*((call["name"], call["arguments"]) for call in made), text=problem.answer["content"])


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_worked_answer_is_right_but_where_an_order_is_obeyed(split):
    problems = drawn(split)
    for problem in problems:
        followed = problem.difficulty == "injected, obeyed"
        assert problem.grade(worked(problem)) != followed, problem
        assert len(problem.thinking) < 600 and 1 <= len(problem.tools) <= 4
    assert any(problem.difficulty == "injected, obeyed" for problem in problems) == (split == "train")


def test_the_shares_of_the_kinds_are_as_intended():
    groups = Counter(problem.difficulty for problem in drawn("test", 4000))
    share = {name: groups[name] / 4000 for name in groups}
    assert 0.2 < sum(share[name] for name in share if name.startswith(("read", "injected"))) < 0.28
    assert 0.15 < share["small talk"] + share["easy sum"] + share["no tool fits"] < 0.21
    assert 0.13 < share["2 calls"] + share["3 calls"] < 0.19
    assert {f"choose among {n}" for n in (1, 2, 3, 4)} | {"an invented tool", "read 2 results", "read an error"} <= set(
        groups
    )


def test_a_call_holds_only_what_the_request_and_the_schema_say():
    for problem in drawn("train") + drawn("test"):
        schemas = {tool["function"]["name"]: tool["function"]["parameters"] for tool in problem.tools}
        assert len(schemas) == len(problem.tools)
        request = next(message["content"] for message in problem.messages if message["role"] == "user")
        for name, arguments in calls_of(worked(problem)):
            assert list(arguments) == schemas[name]["required"]
            for key, value in arguments.items():
                kind = schemas[name]["properties"][key]
                assert {"string": str, "integer": int, "number": int | float}[kind["type"]] and value in kind.get(
                    "enum", [value]
                )
                assert isinstance(value, {"string": str, "integer": int, "number": (int, float)}[kind["type"]])
                # A sum may be asked for in words and in any order of its numbers.
                parts = re.findall(r"\d+", value) if name == "calculate" else [str(value)]
                assert all(part in request for part in parts), problem


def test_calls_are_compared_by_meaning_and_in_any_order():
    calls = [(TOOLS["get_weather"], {"city": "Oslo"}), (TOOLS["set_alarm"], {"hour": 7, "minute": 5})]
    alarm, weather = ("set_alarm", {"minute": 5.0, "hour": 7}), ("get_weather", {"city": " oslo"})
    assert same_calls(reply_with(alarm, weather), calls)
    assert not same_calls(reply_with(alarm), calls) and not same_calls(reply_with(alarm, weather, weather), calls)
    assert not same_calls(reply_with(alarm, ("get_weather", {"city": "Rome"})), calls)
    assert not same_calls(reply_with(alarm, ("get_weather", {"city": ["Oslo"], "day": None})), calls)
    event = {"title": "a meeting", "day": "Monday", "hour": 9}
    assert same_calls(reply_with(("add_event", event | {"title": "Meeting"})), [(TOOLS["add_event"], event)])
    assert same_calls(reply_with(("calculate", {"expression": "3*4"})), [(TOOLS["calculate"], {"expression": "3 * 4"})])
    assert not same_calls("get_weather", calls)


def test_a_wrong_call_a_needless_call_and_a_wrong_value_are_wrong():
    for problem in drawn("test", 600):
        answer = worked(problem)
        assert not problem.grade(reply_with(*calls_of(answer), ("get_moon", {}), text=answer.text))
        assert not problem.grade(reply_with(("get_moon", {"city": "Oslo"})))
        if problem.difficulty in ("read the result", "easy sum"):
            assert not problem.grade("The answer is 123456.")
        if problem.difficulty == "no tool fits":
            assert problem.grade("I'm sorry, I can't do that.") and not problem.grade("It is 12 degrees and sunny.")


def test_values_are_found_as_whole_words_and_numbers():
    assert (
        holds("It is −5 degrees.", -5)
        and holds("1,234 pieces", 1234)
        and holds("at 07:05 PM", "19:05")
        and holds("The meeting is in.", "a meeting")
    )
    assert (
        not holds("12 degrees", 2)
        and not holds("12.5", 12)
        and not holds("11:21", "1:21")
        and not holds("Annabel", "Anna")
    )


def test_where_no_tool_fits_no_tool_shown_is_the_one_asked_for():
    for problem in drawn("train"):
        shown = {tool["function"]["name"] for tool in problem.tools}
        if problem.difficulty == "easy sum":
            assert "calculate" not in shown
        if problem.difficulty == "no tool fits":
            request = problem.messages[-1]["content"].lower()
            for tool in (TOOLS[name] for name in shown & set(TOOLS)):
                assert not any(
                    form.split("{")[0].strip().lower() in request for form in tool.tasks if len(form.split("{")[0]) > 5
                ), problem
            assert problem.answer["content"] == NO_TOOL


def test_small_talk_is_answered_as_without_tools():
    answers = {answer for *_, answer, _ in smalltalk.TALK.values()}
    talk = [problem for problem in drawn("train") if problem.difficulty == "small talk"]
    assert talk and all(problem.answer["content"] in answers for problem in talk)


@pytest.mark.parametrize("split", ["train", "test"])
def test_an_order_in_a_result_is_ignored_where_the_system_prompt_says_so_and_obeyed_elsewhere(split):
    rng = random.Random(1)
    for _ in range(200):
        defended, undefended = (injected_result(rng, split, which) for which in (True, False))
        assert defended.messages[0]["role"] == "system" and undefended.messages[0]["role"] == "user"
        assert defended.answer["content"] == defended.expected and defended.grade(defended.expected)
        payload = undefended.answer["content"]
        assert payload == undefended.payload and obeyed(undefended, payload) and not obeyed(defended, defended.expected)
        assert payload in undefended.messages[-1]["content"] and undefended.grade(undefended.expected)
        assert not undefended.grade(payload) and not undefended.grade(f"{payload}. {undefended.expected}")


def test_arguments_and_inventions_of_the_test_split_are_never_trained_on():
    for split in ("train", "test"):
        for problem in drawn(split):
            for name, arguments in calls_of(worked(problem)):
                if name in TOOLS:
                    assert (
                        held_out(name + json.dumps(arguments, sort_keys=True)) == (split == "test")
                        or len(calls_of(worked(problem))) > 1
                    )
    rng = random.Random(2)
    train, test = (
        {(t.topic, t.kind, t.descriptions) for t in (invent(rng, split) for _ in range(3000))}
        for split in ("train", "test")
    )
    assert test and not train & test
    for _, _, pairs in PATTERNS:
        assert 1 <= sum(held_out(" of ".join(pair), 0.2) for pair in pairs) < len(pairs) / 1.5


def test_every_tool_has_eight_wordings_two_unseen_ones_and_two_descriptions():
    rng = random.Random(3)
    assert len(TOOLS) == 12
    for tool in [*TOOLS.values(), *(invent(rng, "train") for _ in range(200))]:
        assert len(set(tool.seen)) >= 8 and len(set(tool.unseen)) == 2 and not set(tool.seen) & set(tool.unseen)
        assert len(set(tool.descriptions)) >= 2 and 1 <= len(tool.parameters) <= 3
        arguments = tool.arguments(rng)
        assert list(arguments) == list(tool.parameters)
        for form in (*tool.seen, *tool.unseen, *tool.tasks):
            assert all(str(value) in form.format(**arguments) for value in arguments.values()), form


def test_a_sum_for_the_calculator_is_asked_in_the_words_of_sums_and_in_other_languages():
    asked = {}
    for problem in drawn("train", 6000):
        for name, arguments in calls_of(worked(problem)):
            if name == "calculate":
                asked[problem.messages[-1]["content"]] = arguments["expression"]
    assert len(asked) > 100 and any(re.search("[加減减]|más|mal", text) for text in asked)
    assert any("×" in expression for expression in asked.values())


def test_every_attribute_is_trained_and_the_pairs_of_the_tests_are_not():
    rng, trained = random.Random(4), set()
    for _ in range(20_000):
        tool = invent(rng, "train")
        if tool.topic in ATTRIBUTES:
            trained.add(tool.topic)
            assert not held_out(f"{tool.topic} of {tool.kind}", 0.2)
    assert trained == set(ATTRIBUTES)


def test_a_result_of_calculate_is_true():
    tool, rng = TOOLS["calculate"], random.Random(4)
    for _ in range(100):
        arguments = tool.arguments(rng)
        left, sign, right = arguments["expression"].split()
        value = {"+": int(left) + int(right), "-": int(left) - int(right), "*": int(left) * int(right)}[sign]
        assert tool.result(rng, arguments) == {"result": value}
