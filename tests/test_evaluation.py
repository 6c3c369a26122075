"""Each promise of the measuring, with a scripted model in place of a real one."""

import itertools
import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from qwen_course.evaluation import (
    BATCH_SIZE,
    Result,
    Score,
    compare,
    evaluate,
    paired_difference,
    wilson_interval,
)
from qwen_course.reply import Reply

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Question:
    """A stand-in for a skill's problem: right is the reply that repeats the question."""

    messages: str
    difficulty: str = "easy"
    tools: list[dict] | None = None
    skill: str = "echo"
    expected: str = ""

    def grade(self, reply: Reply) -> bool:
        return reply.text == self.messages


def text_of(messages) -> str:
    return messages if isinstance(messages, str) else messages[-1]["content"]


class ScriptedQwen:
    """Repeat each question, except those given, and note how it was called."""

    def __init__(self, *, wrong: set[str] = frozenset(), delay: float = 0.0, finish_reason: str = "stop"):
        self.calls, self.wrong, self.delay, self.finish_reason = [], wrong, delay, finish_reason

    def chat_batch(self, batch, **options):
        self.calls.append((batch, options))
        time.sleep(self.delay)
        answers = ["no idea" if question in self.wrong else question for question in map(text_of, batch)]
        return [Reply(answer, completion_tokens=7, finish_reason=self.finish_reason) for answer in answers]


def questions(n: int, **fields) -> list[Question]:
    return [Question(f"question {number}", **fields) for number in range(n)]


def score(pattern: str, **fields) -> Score:
    """Score("1101"): right, right, wrong, right."""
    results = zip(questions(len(pattern), **fields), pattern, strict=True)
    return Score(
        tuple(Result(question, Reply("", completion_tokens=10), mark == "1") for question, mark in results),
        asked=len(pattern),
        seconds=2.0,
    )


def test_a_score_counts_right_answers_tokens_and_time():
    qwen = ScriptedQwen(wrong={"question 3", "question 19"}, delay=0.01)
    outcome = evaluate(qwen, questions(20))
    assert (outcome.n, outcome.correct, outcome.accuracy) == (20, 18, 0.9)
    assert (outcome.tokens, outcome.stopped, outcome.cut_off) == (140, False, 0)
    assert 0.01 <= outcome.seconds
    assert (outcome.low, outcome.high) == pytest.approx((0.6990, 0.9721), abs=5e-5)  # by hand, Wilson's formula


def test_results_keep_problem_reply_and_mark_together_in_the_order_asked():
    asked = [Question(str(number), tools=[{"name": "ab"[number % 2]}]) for number in range(2 * BATCH_SIZE + 3)]
    outcome = evaluate(ScriptedQwen(wrong={"4"}), asked)
    assert [result.problem for result in outcome.results] == asked
    assert [result.problem.messages for result in outcome.results if not result.correct] == ["4"]
    assert outcome.results[4].reply.text == "no idea" and outcome.results[5].reply.text == "5"


def test_a_batch_holds_at_most_so_many_problems_each_with_its_own_tools():
    asked = [Question(str(number), tools=[{"name": "ab"[number % 2]}]) for number in range(2 * BATCH_SIZE + 3)]
    qwen = ScriptedQwen()
    evaluate(qwen, asked)
    assert [len(batch) for batch, _ in qwen.calls] == [BATCH_SIZE, BATCH_SIZE, 3]
    for batch, options in qwen.calls:
        assert [tools[0]["name"] for tools in options["tools"]] == ["ab"[int(text) % 2] for text in batch]


@pytest.mark.parametrize("tools", [None, [{"name": "a"}]])
def test_tools_that_all_problems_share_are_given_once(tools):
    qwen = ScriptedQwen()
    evaluate(qwen, questions(3, tools=tools))
    assert qwen.calls[0][1]["tools"] == tools


def test_options_reach_the_model():
    qwen, sampling = ScriptedQwen(), object()
    evaluate(qwen, questions(BATCH_SIZE + 1), thinking=False, sampling=sampling, seed=3)
    assert [options["thinking"] for _, options in qwen.calls] == [False, False]
    assert all(options["sampling"] is sampling for _, options in qwen.calls)
    assert [options["seed"] for _, options in qwen.calls] == [3, 3 + BATCH_SIZE]  # not the same dice for each batch


def test_a_skill_by_name_asks_n_problems_of_its_test_split():
    from qwen_course.skills import problems

    qwen = ScriptedQwen()
    outcome = evaluate(qwen, "arithmetic", n=5, seed=1)
    assert [result.problem.messages for result in outcome.results] == [
        problem.messages for problem in problems("arithmetic", 5, split="test", seed=1)
    ]
    with pytest.raises(ValueError, match="arithmetic"):
        evaluate(qwen, "arithmetics", n=5)


def test_a_budget_of_seconds_stops_and_says_so():
    outcome = evaluate(ScriptedQwen(delay=0.05), questions(10 * BATCH_SIZE), seconds=0.12)
    assert outcome.stopped and outcome.asked == 10 * BATCH_SIZE
    assert BATCH_SIZE <= outcome.n < outcome.asked and outcome.correct == outcome.n
    assert f"after {outcome.n} of {10 * BATCH_SIZE} problems" in repr(outcome)


def test_the_first_batch_runs_whatever_the_budget():
    assert evaluate(ScriptedQwen(delay=0.01), questions(2 * BATCH_SIZE), seconds=0.001).n == BATCH_SIZE


def test_fast_mode_asks_four_problems_and_32_new_tokens(monkeypatch):
    monkeypatch.setenv("QWEN_COURSE_FAST", "1")
    qwen = ScriptedQwen()
    assert evaluate(qwen, questions(20)).n == 4 and evaluate(qwen, "arithmetic").n == 4
    assert evaluate(qwen, "arithmetic", n=2).n == 2
    assert {options["max_new_tokens"] for _, options in qwen.calls} == {32}
    monkeypatch.setenv("QWEN_COURSE_FAST", "0")
    evaluate(qwen, questions(5))
    assert len(qwen.calls[-1][0]) == 5 and qwen.calls[-1][1]["max_new_tokens"] == 512


def test_an_error_in_a_grader_is_raised_and_names_the_skill():
    class Broken(Question):
        def grade(self, reply):
            raise KeyError("defect")

    with pytest.raises(KeyError) as error:
        evaluate(ScriptedQwen(), [Broken("q", expected="42")])
    assert "'echo'" in error.value.__notes__[0] and "'42'" in error.value.__notes__[0]


@pytest.mark.parametrize(("arguments", "options"), [(([],), {}), (("arithmetic",), {"n": 0})])
def test_nothing_to_ask_is_refused(arguments, options):
    with pytest.raises(ValueError):
        evaluate(ScriptedQwen(), *arguments, **options)


def test_a_budget_of_nothing_is_refused():
    with pytest.raises(ValueError, match="seconds=0"):
        evaluate(ScriptedQwen(), questions(1), seconds=0)


def test_the_progress_bar_is_plain_text_and_can_be_switched_off():
    code = "from tests.test_evaluation import *\nevaluate(ScriptedQwen(), questions(3))"
    for disable, shown in ((None, True), ("1", False)):  # tqdm reads the variable when it is imported
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TQDM_DISABLE": disable or ""}
        run = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)
        assert (run.returncode, run.stdout) == (0, ""), run.stderr
        assert ("0/3" in run.stderr) == shown and (shown or run.stderr == "")


def test_answers_cut_off_are_counted_and_shown():
    outcome = evaluate(ScriptedQwen(finish_reason="length"), questions(3))
    assert outcome.cut_off == 3 and "3 cut off" in repr(outcome)


# R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I
@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_agrees_with_published_examples(correct, n, low, high):
    interval = wilson_interval(correct, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)
    other = wilson_interval(n - correct, n)  # counting wrong answers instead mirrors the interval
    assert (1 - other.high, 1 - other.low) == pytest.approx((interval.low, interval.high))


def test_wilson_interval_stays_between_0_and_1_and_holds_the_estimate():
    for n in (1, 2, 7, 100, 10_000):
        for correct in {0, 1, n // 2, n - 1, n}:
            interval = wilson_interval(correct, n)
            assert 0 <= interval.low <= correct / n <= interval.high <= 1


@pytest.mark.parametrize(("correct", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_interval_refuses_impossible_counts(correct, n):
    with pytest.raises(ValueError, match=f"n={n}"):
        wilson_interval(correct, n)


def pair(*, both: int, gained: int, lost: int, neither: int) -> tuple[Score, Score]:
    before = "1" * both + "0" * gained + "1" * lost + "0" * neither
    after = "1" * both + "1" * gained + "0" * lost + "0" * neither
    return score(before), score(after)


def test_paired_difference_agrees_with_published_examples():
    # Bonett's own examples, from the documentation of his R packages: limits, then middle and standard error
    interval = paired_difference(*pair(both=4, gained=26, lost=4, neither=6))
    assert (interval.low, interval.high) == pytest.approx((0.3126438, 0.7349752), abs=1e-7)
    interval = paired_difference(*pair(both=15, gained=64, lost=5, neither=16))
    middle, half = (interval.high + interval.low) / 2, (interval.high - interval.low) / 2
    assert (middle, half / 1.959964) == pytest.approx((0.5784314, 0.05953213), abs=1e-7)
    assert interval.estimate == pytest.approx(0.59)


def test_paired_difference_covers_the_true_difference_about_95_times_in_100():
    """Add up, over every possible outcome of 30 problems, the chance of those whose interval holds the truth."""
    n = 30
    for gain, loss in ((0.1, 0.1), (0.3, 0.05), (0.5, 0.1), (0.2, 0.0)):
        covered = 0.0
        for gained, lost in itertools.product(range(n + 1), repeat=2):
            same = n - gained - lost
            if same < 0:
                continue
            ways = math.comb(n, gained) * math.comb(n - gained, lost)
            chance = ways * gain**gained * loss**lost * (1 - gain - loss) ** same
            interval = paired_difference(*pair(both=same, gained=gained, lost=lost, neither=0))
            covered += chance * (interval.low <= gain - loss <= interval.high)
        assert 0.93 <= covered <= 0.99, (gain, loss, covered)


def test_paired_difference_changes_sign_with_the_order():
    before, after = pair(both=10, gained=7, lost=2, neither=3)
    there, back = paired_difference(before, after), paired_difference(after, before)
    assert (there.estimate, there.low, there.high) == pytest.approx((-back.estimate, -back.high, -back.low))


def test_paired_difference_refuses_different_problems():
    with pytest.raises(ValueError, match="same problems"):
        paired_difference(score("11"), score("111"))


def test_compare_shows_accuracy_with_interval_and_the_price_of_an_answer():
    table = compare({"direct": score("1000" * 5), "thinking": score("1110" * 5)})
    assert list(table.index) == ["direct", "thinking"]
    assert list(table["accuracy (%)"]) == [25.0, 75.0]
    assert list(table["95 % interval"]) == ["11 to 47", "53 to 89"]
    assert list(table["tokens per answer"]) == [10.0, 10.0]
    assert list(table["seconds per answer"]) == [0.1, 0.1]
    assert list(table["n"]) == [20, 20]
    # by hand: 10 gained, none lost: 10/22 -+ 1.96 sqrt((12/22 - (10/22)^2) / 22)
    assert list(table["points above direct"]) == ["", "+50 (21 to 70)"]


def test_compare_shows_no_difference_where_the_problems_differ():
    table = compare({"one": score("1111"), "other": score("1110", expected="else"), "more": score("11111")})
    assert list(table["points above one"]) == ["", "", ""]


def test_compare_pairs_problems_drawn_twice():
    qwen = ScriptedQwen()
    table = compare({name: evaluate(qwen, "arithmetic", n=4, seed=5) for name in ("a", "b")})
    assert table["points above a"].iloc[1].startswith("+0 (")


def test_compare_takes_a_single_score_and_refuses_none():
    assert compare({"only": score("10")}).shape[0] == 1
    with pytest.raises(ValueError, match="empty"):
        compare({})


def test_a_score_reads_as_a_sentence():
    outcome = score("1" * 199 + "0")
    assert repr(outcome) == (
        "199 of 200 right: 99.5 % (95 % interval 97.2 % to 99.9 %), 10 tokens and 0.01 s per answer"
    )
    assert outcome._repr_markdown_() == repr(outcome).replace("99.5 %", "**99.5 %**", 1)


def test_by_difficulty_groups_the_results():
    asked = [Question(f"q{number}", difficulty=f"{1 + number % 3} digits") for number in range(10)]
    table = evaluate(ScriptedQwen(wrong={"q9"}), asked).by_difficulty()
    assert list(table.index) == ["1 digits", "2 digits", "3 digits"]
    assert list(table["n"]) == [4, 3, 3] and list(table["accuracy (%)"]) == [75.0, 100.0, 100.0]


@pytest.mark.parametrize("skill", ["arithmetic", "tool_call"])
def test_a_transformers_model_is_measured_in_each_of_its_modes(tmp_path, monkeypatch, skill):
    from checkpoints import build_checkpoint

    from qwen_course.models import load

    monkeypatch.setenv("QWEN_COURSE_FAST", "1")
    with load(build_checkpoint(tmp_path, "qwen3", context=2048)) as qwen:
        table = compare({str(mode): evaluate(qwen, skill, thinking=mode) for mode in qwen.thinking_modes})
    assert list(table["n"]) == [4, 4] and (table["tokens per answer"] <= 32).all()
