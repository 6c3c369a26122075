"""The exercises and their engine: each in its three states, nothing ever raised, progress that survives accidents."""

import inspect
import json
import os
import re
import stat
import subprocess
import sys
import textwrap
import threading
import time
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import qwen_course as qc
from qwen_course.exercises import NOTEBOOKS, all_exercises, exercises_of, find, progress
from qwen_course.exercises.comparing import same, show
from qwen_course.exercises.exercise import Choice, Function, Value
from qwen_course.exercises.solving import solved
from qwen_course.exercises.time_limit import TookTooLong, within
from qwen_course.runner import execute

ROOT = Path(__file__).parent.parent
PATHS = {number: path for number in NOTEBOOKS for path in (ROOT / "notebooks").glob(f"{number}_*.ipynb")}
EXERCISES = all_exercises()
MISTAKES = [(exercise, i) for exercise in EXERCISES for i in range(len(exercise.mistakes))]
FUNCTIONS = [exercise for exercise in EXERCISES if isinstance(exercise, Function)]

each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)


@pytest.fixture(autouse=True)
def progress_file(tmp_path, monkeypatch):
    """Keep progress in a folder of the test's own."""
    monkeypatch.setenv("QWEN_COURSE_PROGRESS", str(tmp_path / "learner"))
    monkeypatch.setattr(progress, "_unsaved", {})
    return tmp_path / "learner" / "progress.json"


def precisions_table(sizes, worse=()):
    """Return a table as `compare_precisions` makes it; the precisions in `worse` lose more than chance."""
    import pandas

    first = next(iter(sizes))
    columns = {
        ("weights", "MB measured"): list(sizes.values()),
        ("arithmetic, thinking", f"points above {first}"): [
            "" if name == first else "-9.0 (-15.0 to -4.0)" if name in worse else "-1.0 (-4.0 to +2.0)"
            for name in sizes
        ],
        ("arithmetic, thinking", "more than chance"): [
            "" if name == first else "yes" if name in worse else "no" for name in sizes
        ],
    }
    return pandas.DataFrame(columns, index=list(sizes))


def runs_table(*rows):
    """Return a table as notebook 05 makes it: (name, tickets sorted, points of the old skills lost) for each run."""
    import pandas

    columns = {"tickets (%)": [row[1] for row in rows], "old skills, points lost": [row[2] for row in rows]}
    return pandas.DataFrame(columns, index=[row[0] for row in rows])


def engines_table(*rows):
    """Return a table as notebook 08 makes it: (name, MB of the file, percent of replies as the reference's)."""
    import pandas

    columns = {"file (MB)": [row[1] for row in rows], "same replies (%)": [row[2] for row in rows]}
    return pandas.DataFrame(columns, index=[row[0] for row in rows])


@pytest.fixture(scope="session")
def given():
    """Return a function: exercise -> what the learner would hand over."""
    from transformers import AutoTokenizer

    scores = {
        "direct": SimpleNamespace(correct=59, tokens=1220, n=100),
        "thinking": SimpleNamespace(correct=96, tokens=7810, n=100),
    }
    load = [
        {"clients": clients, "per_second": rate, "p95": p95}
        for clients, rate, p95 in ((1, 4.0, 0.3), (4, 12.0, 0.5), (8, 14.0, 0.85), (16, 15.0, 1.7))
    ]
    values = {
        "": None,
        "tokenizer": AutoTokenizer.from_pretrained(qc.checkpoint_folder("pocket")),
        "scores": scores,
        "table": precisions_table({"bf16": 11.4, "int8": 6.5, "nf4": 4.1}),
        "runs": runs_table(("tickets alone", 97.0, 90.0), ("with replay", 96.0, 2.5), ("with replay, nf4", 93.0, 4.0)),
        "load": load,
        "plan": {name: {"users": n} for name, n in (("bf16", 9), ("int8", 24), ("nf4", 29))},
        "engines_table": engines_table(
            ("fp32", 11.6, 100.0), ("f16", 11.5, 100.0), ("q8_0", 6.2, 99.0), ("int4", 4.9, 93.0)
        ),
        "releases": {name: {"canaries lost": lost} for name, lost in (("A", 0), ("B", 9), ("C", 1))},
    }
    return lambda exercise: values[exercise.given]


def checked(exercise, code, given):
    return qc.check(exercise.id, exercise.run(code, given(exercise)), given=given(exercise))


# --- every exercise in its three states


@each_exercise
def test_the_starter_is_not_attempted_and_leaves_no_trace(exercise, given, progress_file):
    message = checked(exercise, exercise.starter, given)
    assert message.state == "not attempted" and "not attempted" in str(message)
    assert qc.check(exercise.id, given=given(exercise)).state == "not attempted"
    assert not progress_file.parent.exists()


@each_exercise
def test_the_solution_is_right_and_gives_an_insight(exercise, given):
    message = checked(exercise, exercise.solution, given)
    assert message.state == "right", message
    assert exercise.insight and exercise.insight in message.text


@pytest.mark.parametrize(("exercise", "number"), MISTAKES, ids=lambda part: getattr(part, "id", str(part)))
def test_a_typical_mistake_gets_its_own_sentence(exercise, number, given):
    message = checked(exercise, exercise.mistakes[number].code, given)
    assert message.state == "not yet"
    assert exercise.mistakes[number].says in message.text
    assert sum(mistake.says in message.text for mistake in exercise.mistakes) == 1


@each_exercise
def test_hints_come_one_by_one_and_the_last_one_stays(exercise):
    assert len(exercise.hints) >= 2
    shown = [qc.hint(exercise.id) for _ in range(len(exercise.hints) + 1)]
    assert [message.text.split("\n\n")[0] for message in shown] == [*exercise.hints, exercise.hints[-1]]
    assert "qc.solution" in shown[-1].text and "qc.solution" not in shown[0].text


@each_exercise
def test_the_solution_can_be_shown_with_a_reason(exercise):
    message = qc.solution(exercise.id)
    assert textwrap.indent(exercise.solution, "    ") in str(message)
    assert exercise.insight in message.text
    if isinstance(exercise, Choice):
        assert all(option.says in message.text for option in exercise.options.values())


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_has_four_to_six_exercises_and_three_choices_in_order(notebook):
    exercises = exercises_of(notebook)
    assert [exercise.id for exercise in exercises] == [f"{notebook}.{i}" for i in range(1, len(exercises) + 1)]
    assert len(exercises) == {"03": 9, "07": 7, "08": 7, "09": 5}.get(notebook, 8)
    assert sum(isinstance(exercise, Choice) for exercise in exercises) == 3
    kinds = {type(exercise).__name__ for exercise in exercises}
    assert kinds == {"Value", "Function", "Choice", "Judgement"} - ({"Judgement"} if notebook == "09" else set())


# --- the answers themselves: not only what the solutions say of each other


def test_the_values_that_can_be_known_otherwise_are_these(given):
    ratio = {row.repo_id: row.active_parameters / row.parameters for row in qc.catalog().dropna(
        subset=["active_parameters", "parameters"]).itertuples()}  # fmt: skip
    assert qc.check("01.2", min(ratio, key=ratio.get)).state == "right"
    assert qc.check("01.5", 1).state == "right"
    assert qc.check("02.1", 10, given=given(find("02.1"))).state == "right"  # eight digits and two hyphens


def test_the_functions_meet_cases_reckoned_elsewhere(given):
    from qwen_course.memory import estimate_memory, kv_cache_bytes

    cache = find("01.4").run(find("01.4").solution)
    for name in ("Qwen/Qwen3-0.6B", "Qwen/Qwen3.5-27B", "Qwen/Qwen3-30B-A3B"):
        assert cache(qc.checkpoint(name), 100) == kv_cache_bytes(name, 100)
    longest = find("01.6").run(find("01.6").solution)
    tokens = longest("Qwen/Qwen3-8B", "nf4", 16)
    sizes = [estimate_memory("Qwen/Qwen3-8B", precision="nf4", tokens=n).total for n in (tokens, tokens + 1)]
    assert sizes[0] <= 16 * 2**30 < sizes[1]
    assert longest("Qwen/Qwen3-32B", "bf16", 8) == 0


def test_min_p_of_the_solution_is_that_of_transformers():
    import torch
    from transformers import MinPLogitsWarper

    min_p = find("02.4").run(find("02.4").solution)
    logits = torch.randn(50, generator=torch.Generator().manual_seed(3))
    library = MinPLogitsWarper(0.1)(None, logits[None].clone())[0].softmax(dim=-1)
    assert torch.allclose(min_p(logits.softmax(dim=-1), 0.1), library)


def test_what_the_choices_of_notebook_01_claim_is_in_the_catalogue():
    names = ("Qwen2.5-1.5B-Instruct", "Qwen2.5-3B-Instruct", "Qwen2.5-Coder-3B-Instruct", "Qwen3-4B-Base")
    rows = [qc.checkpoint(f"Qwen/{name}") for name in names]
    assert [row.commercial_use for row in rows] == ["yes", "no", "no", "yes"]
    assert [row.variant for row in rows] == ["instruct", "instruct", "instruct", "base"]
    dense, mixture = (qc.count_parameters(f"Qwen/{name}") for name in ("Qwen3-4B", "Qwen3-30B-A3B"))
    assert mixture.total > 7 * dense.total and mixture.active < 1.1 * dense.active


def test_a_way_to_prompt_is_chosen_within_the_price_also_where_all_are_wrong():
    def scores(*rows):
        return {name: SimpleNamespace(correct=c, tokens=t, n=10) for name, c, t in rows}

    cheap = scores(("direct", 6, 120), ("steps", 9, 300), ("thinking", 10, 900))
    assert qc.check("03.9", ("steps", "because it is right 9 times of 10"), given=cheap).state == "right"
    assert qc.check("03.9", ("thinking", "because it is right 10 times of 10"), given=cheap).state == "not yet"
    assert qc.check("03.9", ("direct", "because it is right 6 times of 10"), given=cheap).state == "not yet"
    exercise = find("03.9")
    for same_price in (scores(("direct", 0, 80), ("steps", 0, 80)), scores(("direct", 0, 81), ("steps", 0, 80))):
        answer = exercise.run(exercise.solution, same_price)
        assert qc.check("03.9", answer, given=same_price).state == "right"


def test_the_text_that_the_second_call_reads_is_what_the_helper_sends(loaded):
    from qwen_course.thinking_budget import _go_on, _opened

    qwen, second = loaded("qwen3"), find("03.5").run(find("03.5").solution)
    request = qwen.prepare("Is </think> a word?", True, None, None, 9, None, None)
    prompt = qwen.tokenizer.decode(_opened(qwen, request))
    for thought in ("a b\n</think>", "a b"):
        sent = _go_on(qwen, request, qwen.template.encode(thought), 9).ids
        assert qwen.tokenizer.decode(sent) == second(prompt, thought)


@pytest.mark.parametrize("style", ["qwen2.5", "instruct-2507", "thinking-2507", "qwen3.5"])
def test_the_exercises_of_notebook_02_hold_for_other_templates_and_tokenizers(style, checkpoint):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(checkpoint(style))
    for exercise in exercises_of("02"):
        if exercise.given == "tokenizer":
            answer = exercise.run(exercise.solution, tokenizer)
            assert qc.check(exercise.id, answer, given=tokenizer).state == "right"


def test_the_choice_of_a_mode_holds_for_a_model_that_is_never_right():
    scores = {
        "direct": SimpleNamespace(correct=0, tokens=128, n=4),
        "thinking": SimpleNamespace(correct=0, tokens=9, n=4),
    }
    exercise = find("02.6")
    assert qc.check("02.6", exercise.run(exercise.solution, scores), given=scores).state == "right"


def test_the_choice_of_a_precision_follows_the_learners_own_table():
    exercise = find("04.5")
    sizes = {"bf16": 11.4, "int8": 6.5, "nf4": 4.1}
    for worse, right in (((), "nf4"), (("nf4",), "int8"), (("int8", "nf4"), "bf16")):
        table = precisions_table(sizes, worse)
        assert exercise.run(exercise.solution, table)[0] == right
        for name in sizes:
            state = qc.check("04.5", (name, f"because it takes {sizes[name]} MB in all"), given=table).state
            assert state == ("right" if name == right else "not yet")


def test_the_functions_of_notebook_04_meet_cases_reckoned_elsewhere():
    import torch

    from qwen_course.memory import kv_cache_bytes

    rows = find("04.1").run(find("04.1").solution)
    assert torch.allclose(rows(torch.tensor([[127.0, 2.4], [0.0, 0.0]])), torch.tensor([[127.0, 2.0], [0.0, 0.0]]))
    fastest = find("04.6").run(find("04.6").solution)
    assert fastest("Qwen/Qwen3-8B", "bf16", 50) == pytest.approx(50e9 / (2 * 8_190_735_360))
    even = find("04.7").run(find("04.7").solution)
    tokens = even("Qwen/Qwen3-0.6B", "bf16")
    weights = qc.estimate_memory("Qwen/Qwen3-0.6B").weights
    assert kv_cache_bytes("Qwen/Qwen3-0.6B", tokens - 1) <= weights < kv_cache_bytes("Qwen/Qwen3-0.6B", tokens)
    assert qc.check("04.3", 4.125).state == "right"


def test_the_choice_of_a_run_follows_the_learners_own_table_also_where_all_forget():
    exercise = find("05.6")
    for rows, right in (
        ((("alone", 99.0, 60.0), ("replay", 95.0, 4.0)), "replay"),
        ((("alone", 99.0, 3.0), ("replay", 95.0, -1.0)), "alone"),
        ((("alone", 0.0, 30.0), ("replay", 0.0, 20.0)), "replay"),
    ):
        table = runs_table(*rows)
        assert exercise.run(exercise.solution, table)[0] == right
        for name in table.index:
            state = qc.check("05.6", (name, f"because it sorts {table.loc[name].iloc[0]} % of them"), given=table).state
            assert state == ("right" if name == right else "not yet")
    same = runs_table(("alone", 0.0, 0.0), ("replay", 0.0, 0.0))
    assert qc.check("05.6", ("replay", "because both sort 0 % of them"), given=same).state == "right"


def test_the_functions_of_notebook_05_meet_cases_reckoned_elsewhere():
    import torch
    from peft import LoraConfig, get_peft_model
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    layer = torch.nn.Sequential(torch.nn.Linear(6, 5, bias=False))
    config = LoraConfig(r=2, lora_alpha=6, target_modules=["0"], init_lora_weights=False)
    model = get_peft_model(layer, config)
    tuned = model.base_model.model[0]
    a, b = tuned.lora_A["default"].weight, tuned.lora_B["default"].weight
    x = torch.randn(3, 6)
    output = find("05.4").run(find("05.4").solution)(x, tuned.base_layer.weight, a, b, 6)
    assert torch.allclose(output, model(x), atol=1e-6)
    assert qc.check("05.3", 32_768).state == "right"
    texts = [[7, 8, 9], [5, 6], [1, 2, 3, 4]]
    packed = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=True)([{"input_ids": ids} for ids in texts])
    assert find("05.5").run(find("05.5").solution)([3, 2, 4]) == packed["position_ids"][0].tolist()


def test_the_functions_of_notebook_06_agree_with_the_package_and_with_prometheus():
    rank = find("06.2").run(find("06.2").solution)
    values = [0.3, 0.1, 0.9, 0.2, 4.0, 0.4]
    assert all(rank(values, share) == qc.percentile(values, share) for share in (0.01, 0.5, 0.6, 0.95, 1))
    quantile = find("06.4").run(find("06.4").solution)
    # by hand, as Prometheus documents histogram_quantile: rank 9 of 10 lies in 0.5 .. 1, as the 4th of the 5 there
    assert quantile([0.5, 1.0, 2.0], [5, 10, 10], 0.9) == pytest.approx(0.5 + 0.5 * 4 / 5)
    assert qc.check("06.3", 0.1821).state == "right"


def test_the_answers_of_notebook_07_are_these_reckoned_by_hand():
    assert qc.check("07.7", 127.92).state == "right"
    wait = find("07.4").run(find("07.4").solution)
    assert [wait(n, None) for n in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60] and wait(0, 7.5) == 7.5
    lines = ['data: {"choices": [{"delta": {"content": "4"}}]}', "", 'data: {"choices": [{"delta": {"content": "2"}}]}']
    assert find("07.1").run(find("07.1").solution)([*lines, "data: [DONE]"]) == "42"


def test_the_answers_of_notebook_09_are_those_of_the_image_processor():
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    tokens = find("09.1").run(find("09.1").solution)
    for width, height, patch in ((640, 480, 16), (1280, 720, 16), (333, 100, 14)):
        size = {"shortest_edge": 1, "longest_edge": 10**8}
        processor = Qwen2VLImageProcessorPil(patch_size=patch, merge_size=2, size=size)
        assert tokens(width, height, patch, 2) == processor.get_number_of_image_patches(height, width) // 4
    assert qc.check("09.3", 60 * 34).state == "right"


def test_the_judgements_of_notebook_06_hold_for_a_model_that_is_never_right():
    load = [{"clients": 1, "per_second": 0.2, "p95": 9.0}]
    releases = {"A": {"canaries lost": 0}, "B": {"canaries lost": 0}}
    for name, given in (("06.5", load), ("06.7", releases)):
        exercise = find(name)
        assert qc.check(name, exercise.run(exercise.solution, given), given=given).state == "right"


# --- nothing is ever raised


class Hostile:
    """An object whose every use fails."""

    def __repr__(self):
        raise RuntimeError("no repr")

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    __hash__ = None

    def tolist(self):
        raise RuntimeError("no list")


def odd_answers():
    import numpy
    import pandas
    import torch

    recursive = []
    recursive.append(recursive)
    return [
        None, True, float("nan"), "", "text", b"bytes", [], {}, (), {...}, [1, ...], {"A": 1, "B": ...}, object(),
        Hostile(), [Hostile()], {"A": Hostile()}, Hostile, len, lambda: None, ValueError("an error"), torch.ones(3),
        torch.ones(2, 2, requires_grad=True), torch.empty(2, device="meta"), numpy.zeros((2, 2)), numpy.float32(1),
        pandas.DataFrame({"a": [1]}), pandas.Series([1, 2]), pandas.NA, 10**400, recursive, "x" * 10**6, range(3),
    ]  # fmt: skip


@each_exercise
def test_no_answer_makes_a_check_raise(exercise, given):
    for answer in odd_answers():
        message = qc.check(exercise.id, answer, given=given(exercise))
        assert message.state in ("not yet", "right", "not attempted")
        assert len(str(message)) < 3000 and message._repr_html_()


def exits(*arguments):
    sys.exit(1)


def recurses(*arguments):
    return recurses(*arguments)


def crashes(*arguments):
    return {}["a key that is not there"]


def returns_itself(*arguments):
    return returns_itself


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.id)
@pytest.mark.parametrize("function", [exits, recurses, crashes, returns_itself, lambda: 1, print, lambda *a: Hostile()])
def test_no_function_makes_a_check_raise(exercise, function, given, capsys):
    message = qc.check(exercise.id, function, given=given(exercise))
    assert message.state == "not yet"
    assert f"for `{exercise.name}(" in message.text
    assert capsys.readouterr().out == ""


def test_a_crash_is_told_with_its_case_and_a_forgotten_return_with_a_question():
    crashed = qc.check("01.6", crashes)
    assert "longest_context('Qwen/Qwen3-8B', 'nf4', 16)" in crashed.text and "KeyError" in crashed.text
    assert "`return`" in qc.check("01.6", lambda repo_id, precision, gib: None).text


def test_a_wrong_function_is_told_what_was_expected_for_which_case():
    message = qc.check("01.6", lambda repo_id, precision, gib: 7)
    expected = find("01.6").run(find("01.6").solution)("Qwen/Qwen3-8B", "nf4", 16)
    assert f"Expected `{expected}` for `longest_context('Qwen/Qwen3-8B', 'nf4', 16)`, but got `7`." in message.text


def test_a_function_cannot_change_the_cases_of_the_next_check(given):
    exercise = find("02.7")

    def destroys(messages, budget):
        messages.clear()
        return messages

    assert qc.check("02.7", destroys, given=given(exercise)).state == "not yet"
    assert checked(exercise, exercise.solution, given).state == "right"


def test_a_wrong_value_is_told_what_was_given_and_what_kind_is_expected(given):
    message = qc.check("01.5", 30)
    assert "`30`" in message.text and find("01.5").expects in message.text and "too large" in message.text
    assert "text; give a number" in qc.check("01.5", "1").text
    assert "call it" in qc.check("01.5", len).text
    assert "letters" in qc.check("01.1", "e").text
    assert qc.check("01.1", " C) ").state == "right"
    assert "B" in qc.check("01.8", {"A": ("x", "y", "z"), "B": ..., "C": ...}).text


def test_numbers_of_torch_numpy_and_pandas_count_as_numbers():
    import numpy
    import pandas
    import torch

    for one in (torch.tensor(1), torch.tensor(1.0, dtype=torch.bfloat16), numpy.int64(1), pandas.Series([1]).iloc[0]):
        assert qc.check("01.5", one).state == "right"
    assert qc.check("01.5", True).state == "not yet"
    assert same(pandas.Series({"a": 1.0}), {"a": 1}) and same((1, 2), [1, 2]) and not same("1", 1)
    assert same([2, 1], {1, 2}) and not same([1], [1, 2])


def test_a_check_that_needs_the_model_says_so_and_takes_nothing_wrong_for_it():
    exercise = find("02.1")
    assert exercise.check_line in qc.check("02.1", 10).text
    message = qc.check("02.1", 10, given="no tokenizer")
    assert message.state == "not yet" and "TypeError" in message.text and exercise.check_line in message.text


@pytest.mark.parametrize("call", [lambda name: qc.check(name, 1), qc.hint, qc.solution])
@pytest.mark.parametrize("name", ["2.1", "02.1 ", 2.1, None, "spam", Hostile()])
def test_an_unknown_exercise_is_answered_with_the_near_ones(call, name):
    message = call(name)
    assert "no exercise" in message.text and re.search(r"0\d\.\d", message.text)
    if isinstance(name, str) and name == "2.1":
        assert "02.1" in message.text


# --- functions that do not end


def spins(*arguments):
    while True:
        pass


def spins_and_catches(*arguments):
    while True:
        try:
            time.sleep(0.01)
        except Exception:
            pass


def spins_and_prints(*arguments):
    while True:
        print("spam")


def spins_and_catches_all(*arguments):
    while True:
        try:
            sum(range(100))
        except:  # noqa: E722 - what a learner may write
            len("once more")


@pytest.fixture
def impatient(monkeypatch):
    """Give exercise 01.6 half a second."""
    monkeypatch.setattr(Function, "__getattribute__", lambda self, name: (
        0.5 if name == "seconds" else object.__getattribute__(self, name)))  # fmt: skip


@pytest.mark.parametrize("function", [spins, spins_and_catches, spins_and_prints, spins_and_catches_all])
def test_an_endless_loop_is_stopped_and_named(function, impatient, capsys):
    message = qc.check("01.6", function)
    assert message.state == "not yet"
    assert "longest_context('Qwen/Qwen3-8B', 'nf4', 16)" in message.text and "did not come to an end" in message.text
    assert "spam" not in capsys.readouterr().out


def test_a_value_whose_methods_loop_is_given_up(monkeypatch):
    class Looping:
        def __repr__(self):
            return spins()

    monkeypatch.setattr("qwen_course.exercises.judging.VALUE_SECONDS", 0.5)
    message = qc.check("01.5", Looping())
    assert message.state == "not yet" and "took more than" in message.text


def test_the_time_limit_works_outside_the_main_thread_too(impatient):
    messages = []
    before = threading.active_count()
    for function in (spins, spins_and_catches):
        thread = threading.Thread(target=lambda function=function: messages.append(qc.check("01.6", function)))
        thread.start()
        thread.join(60)
    assert ["did not come to an end" in message.text for message in messages] == [True, True]
    assert threading.active_count() == before  # the loops were ended, not left behind


@pytest.mark.parametrize("alarm", [True, False], ids=["alarm", "thread"])
def test_the_time_limit_hands_over_values_and_errors(alarm, monkeypatch):
    import signal

    if not alarm:
        monkeypatch.delattr(signal, "setitimer", raising=False)
    assert within(30, lambda: 5) == 5
    with pytest.raises(KeyError, match="lost"):
        within(30, lambda: {}["lost"])
    with pytest.raises(TookTooLong):
        within(0.2, spins)


@pytest.mark.skipif(not hasattr(__import__("signal"), "setitimer"), reason="no alarms on this system")
def test_the_time_limit_leaves_the_alarm_of_others_as_it_was():
    import signal

    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(True))
    handler = signal.getsignal(signal.SIGALRM)
    try:
        signal.setitimer(signal.ITIMER_REAL, 60)
        within(30, lambda: 1)
        assert signal.getsignal(signal.SIGALRM) is handler
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 60 and not rang
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- progress


def test_progress_counts_per_notebook_and_what_is_right_stays_right(progress_file):
    qc.check("01.5", 1)
    qc.check("01.5", 4)
    qc.check("01.1", "a")
    qc.hint("02.2")
    saved = json.loads(progress_file.read_text(encoding="utf-8"))["exercises"]
    assert saved["01.5"] == {"state": "right", "tries": 2}
    assert saved["01.1"]["state"] == "not yet" and saved["02.2"] == {"hints": 1}
    first, second, *_ = qc.progress().rows
    assert first[0].startswith("01") and first[1] == "1 of 8" and first[2] == "01.1" and "01.5" not in first[3]
    assert second[1] == "0 of 8" and "02.2" in second[3]
    assert list(progress_file.parent.iterdir()) == [progress_file]


def test_progress_may_be_a_folder_a_file_or_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setenv("QWEN_COURSE_PROGRESS", str(tmp_path / "drive"))
    assert progress.progress_file() == tmp_path / "drive" / "progress.json"
    monkeypatch.setenv("QWEN_COURSE_PROGRESS", str(tmp_path / "ada.json"))
    qc.check("01.5", 1)
    assert (tmp_path / "ada.json").is_file()
    monkeypatch.delenv("QWEN_COURSE_PROGRESS")
    assert progress.progress_file().parent.name == "qwen-course"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe\x00", b"[]", b"3", b'{"exercises": 3}', b'{"exercises": {"01.5": 3}}',
     b'{"exercises": {"01.5": {"tries": "many"}}}', b"[" * 100_000],
)  # fmt: skip
def test_a_damaged_file_is_put_aside_with_a_note_and_work_goes_on(content, progress_file):
    progress_file.parent.mkdir()
    progress_file.write_bytes(content)
    message = qc.check("01.5", 1)
    assert message.state == "right" and "damaged" in message.note
    assert progress_file.with_name("progress.json.damaged").read_bytes() == content
    assert qc.progress().rows[0][1] == "1 of 8"


def test_a_folder_that_cannot_be_written_gives_a_note_and_the_kernel_remembers(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("QWEN_COURSE_PROGRESS", str(tmp_path / "file"))
    message = qc.check("01.5", 1)
    assert message.state == "right"
    assert "could not be saved" in message.note and "QWEN_COURSE_PROGRESS" in message.note
    assert qc.progress().rows[0][1] == "1 of 8" and "this kernel only" in qc.progress().note
    assert [qc.hint("01.4").heading[:6] for _ in range(2)] == ["Hint 1", "Hint 2"]
    monkeypatch.setenv("QWEN_COURSE_PROGRESS", str(tmp_path / "better"))
    qc.check("01.1", "c")
    assert qc.progress().rows[0][1] == "2 of 8" and "this kernel only" not in qc.progress().note


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_gives_a_note(progress_file):
    progress_file.parent.mkdir()
    progress_file.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert "could not be saved" in qc.check("01.5", 1).note
    finally:
        progress_file.parent.chmod(stat.S_IRWXU)


def test_a_file_that_cannot_be_read_is_not_replaced(progress_file):
    progress_file.mkdir(parents=True)  # reading a folder fails, as reading a drive that went away does
    (progress_file / "kept").touch()
    message = qc.check("01.5", 1)
    assert message.state == "right" and "could not be read" in message.note
    assert (progress_file / "kept").exists()


def test_a_crash_while_saving_leaves_the_old_file_whole(progress_file, monkeypatch):
    qc.check("01.5", 1)
    before = progress_file.read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in qc.check("01.1", "c").note
    assert progress_file.read_bytes() == before
    assert list(progress_file.parent.iterdir()) == [progress_file]


# --- how it is shown


class Reader(HTMLParser):
    """Reads a page as a screen reader would: its text; notes tags, and tags that were not closed."""

    def __init__(self):
        super().__init__()
        self.text, self.open, self.attributes = "", [], ""

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.attributes += " ".join(f"{name}={value}" for name, value in attributes)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def shown_messages(given):
    for exercise in EXERCISES:
        yield checked(exercise, exercise.starter, given)
        yield checked(exercise, exercise.mistakes[0].code, given)
        yield checked(exercise, exercise.solution, given)
        yield qc.hint(exercise.id)
        yield qc.solution(exercise.id)
    yield qc.progress()


def test_the_outcome_is_said_in_words_and_without_colours_in_html_and_text(given):
    for message in shown_messages(given):
        page = Reader()
        page.feed(message._repr_html_())
        assert page.open == []
        assert not re.search(
            r"(?<![\w-])color\s*[:=]|#[0-9a-f]{3,8}\b|rgb", page.attributes.replace("currentColor", "")
        )
        if state := getattr(message, "state", ""):
            assert state in page.text and state in str(message)
        assert "\x1b" not in str(message) and repr(message) == str(message)


def test_what_a_learner_made_cannot_become_html():
    message = qc.check("01.2", "<img src=x onerror=alert(1)>`<b>`")
    assert "<img" not in message._repr_html_() and "<b>" not in message._repr_html_()
    assert "&lt;img" in message._repr_html_() and "<img" in str(message)
    assert len(show("x" * 10_000)) < 200


# --- the notebooks


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_cells_of_a_notebook_are_those_of_the_exercises(notebook):
    cells = nbformat.read(PATHS[notebook], as_version=4).cells
    checks = [i for i, cell in enumerate(cells) if cell.cell_type == "code" and "qc.check(" in cell.source]
    exercises = exercises_of(notebook)
    assert [cells[i].source for i in checks] == [exercise.code_cell for exercise in exercises]
    assert [cells[i - 1].source for i in checks] == [exercise.task_cell for exercise in exercises]
    tasks = [cell.source for cell in cells if cell.cell_type == "markdown" and "**Exercise " in cell.source]
    assert tasks == [exercise.task_cell for exercise in exercises]  # and no other exercise stands about


@each_exercise
def test_the_cells_of_an_exercise_fit_the_rules(exercise):
    for source in (exercise.task_cell, exercise.code_cell, exercise.solved_cell):
        assert source.count("\n") < 25
    for source in (exercise.code_cell, exercise.solved_cell):
        compile(source, exercise.id, "exec")
    assert exercise.code_cell.endswith(exercise.check_line)
    if not isinstance(exercise, Value):
        assert exercise.starter.count("...") >= 1 or exercise.starter != exercise.solution


def test_solved_fills_in_every_solution_and_leaves_the_rest():
    original = nbformat.read(PATHS["01"], as_version=4)
    copy, filled = solved(original)
    assert filled == [exercise.id for exercise in exercises_of("01")]
    changed = {new.id for old, new in zip(original.cells, copy.cells, strict=True) if old.source != new.source}
    checks = [cell for cell in copy.cells if cell.cell_type == "code" and "qc.check(" in cell.source]
    assert changed == {cell.id for cell in checks}
    assert [cell.source for cell in checks] == [exercise.solved_cell for exercise in exercises_of("01")]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in checks)


def solve(*arguments, cwd):
    command = [sys.executable, "-m", "qwen_course.cli", "solve", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8")


def test_solve_as_a_command_writes_a_new_file_and_never_over_one(tmp_path):
    before = PATHS["02"].read_bytes()
    result = solve(PATHS["02"], "-o", "new/solved.ipynb", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "02.8" in result.stdout
    assert "sanitize_control_tokens=True)" in (tmp_path / "new" / "solved.ipynb").read_text(encoding="utf-8")
    again = solve(PATHS["02"], "-o", "new/solved.ipynb", cwd=tmp_path)
    assert again.returncode != 0 and "exists already" in again.stderr and "Traceback" not in again.stderr
    assert PATHS["02"].read_bytes() == before


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([new_markdown_cell("# none")], "has no exercises"),
        ([new_code_cell('qc.check("99.9", answer)')], "There is no exercise '99.9'"),
        (None, "not a notebook"),
    ],
    ids=["none", "unknown", "no notebook"],
)
def test_solve_says_what_is_wrong_with_a_notebook(cells, expected, tmp_path):
    path = tmp_path / "a.ipynb"
    if cells is None:
        path.write_text("spam")
    else:
        nbformat.write(new_notebook(cells=cells), path)
    result = solve("a.ipynb", "-o", "b.ipynb", cwd=tmp_path)
    said = " ".join(re.sub(r"[│╭╮╰╯─|]", " ", result.stderr).split())
    assert result.returncode != 0 and expected in said and "Traceback" not in said
    assert not (tmp_path / "b.ipynb").exists()


def test_a_starter_in_a_real_kernel_is_recognised_and_a_loop_there_is_stopped(tmp_path):
    exercise = find("01.6")
    loop = exercise.starter.replace("    ...", "    while True:\n        pass")
    fault = exercise.starter.replace("    ...", "    return 1 / 0")
    sources = [
        exercise.code_cell,
        f"{loop}\n\n\nprint({exercise.check_line})",
        f"{fault}\n\n\nprint({exercise.check_line})",
    ]
    shorter = "from qwen_course.exercises import find\nobject.__setattr__(find('01.6'), 'seconds', 1.0)"
    cells = [new_code_cell("import qwen_course as qc"), new_code_cell(shorter), *map(new_code_cell, sources)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "a.ipynb")
    run = execute(tmp_path / "a.ipynb", env={**os.environ, "QWEN_COURSE_PROGRESS": str(tmp_path)})
    assert run.failure is None, run.failure
    starter, stopped, failed = (cell.outputs[0] for cell in run.notebook.cells[2:])
    assert "not attempted" in starter.data["text/html"] and "not attempted" in starter.data["text/plain"]
    assert "did not come to an end" in stopped.text
    assert "ZeroDivisionError in the line `return 1 / 0`" in " ".join(failed.text.split())


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_runs_with_all_solutions_filled_in(notebook, tmp_path):
    copy, filled = solved(nbformat.read(PATHS[notebook], as_version=4))
    nbformat.write(copy, tmp_path / "solved.ipynb")
    extra = {
        "QWEN_COURSE_FAST": "1",
        "QWEN_COURSE_PROGRESS": str(tmp_path),
        "OMP_NUM_THREADS": "1",
        "TQDM_DISABLE": "1",
    }
    run = execute(tmp_path / "solved.ipynb", env={**os.environ, **extra})
    assert run.failure is None, f"code cell {run.failure.cell}\n{run.failure.source}\n{run.failure.error}"
    saved = json.loads((tmp_path / "progress.json").read_text(encoding="utf-8"))["exercises"]
    assert {name: entry["state"] for name, entry in saved.items()} == dict.fromkeys(filled, "right")


def test_the_four_functions_take_what_the_design_names():
    assert list(inspect.signature(qc.check).parameters)[:2] == ["exercise_id", "answer"]
    assert len(inspect.signature(qc.hint).parameters) == len(inspect.signature(qc.solution).parameters) == 1
    assert not inspect.signature(qc.progress).parameters
