"""Charts and the questions about them: facts, pictures, splits and graders."""

import random

import numpy as np
import pytest

from qwen_course.charts.data import COLOURS, GAP, Chart, draw_chart
from qwen_course.charts.drawing import axis_ticks, draw_style, draw_with_numpy, nice_step, paint
from qwen_course.charts.font import rendered
from qwen_course.charts.matplotlib_drawing import draw_with_matplotlib
from qwen_course.skills_vl import SKILLS, ask, chart_problems
from qwen_course.skills_vl.paragraph import facts_right
from qwen_course.skills_vl.question import named_labels, named_trends, numbers

WEEK = Chart("bar", "Sales", ("Mo", "Tu", "We", "Th"), {"blue": (20, 40, 60, 90)}, "growing", False, "days")
TWELVE = Chart(
    "line", "Costs", tuple(map(str, range(1, 13))), {"red": (30, 50, 90, 50, 28, 52, 99, 50, 20, 52, 91, 51)}, "flat", True, "numbers",
)  # fmt: skip


@pytest.mark.parametrize("hand", ["numpy", "matplotlib"])
@pytest.mark.parametrize("skill", SKILLS)
def test_the_worked_answers_are_right_and_a_wrong_one_is_not(skill, hand):
    for split in ("train", "test"):
        problems = chart_problems(skill, 20, split=split, hand=hand)
        assert all(problem.grade(problem.answer["content"]) for problem in problems)
        assert not any(problem.grade("") or problem.grade("Hello!") for problem in problems)
        others = [other.answer["content"] for other in problems]
        graded = [problem.grade(answer) for problem in problems for answer in others]
        if skill != "unanswerable":
            assert sum(graded) < 0.8 * len(graded)


def test_the_same_seed_gives_the_same_pictures():
    first, again = (chart_problems("value", 3, seed=5) for _ in range(2))
    assert [p.messages for p in first] == [p.messages for p in again]
    assert [p.messages for p in first] != [p.messages for p in chart_problems("value", 3, seed=6)]


def test_training_and_test_share_no_combination_of_title_colour_labels_and_length():
    rng = random.Random(0)
    kinds = {
        split: {(c.title, c.colour, c.label_kind, len(c.labels)) for c in (draw_chart(rng, split) for _ in range(1500))}
        for split in ("train", "test")
    }
    assert not kinds["train"] & kinds["test"]
    assert len(kinds["test"]) > 30


def test_a_held_out_wording_is_asked_in_tests_only():
    texts = {
        split: {p.messages[0]["content"][-1]["text"] for p in chart_problems("trend", 300, split=split)}
        for split in ("train", "test")
    }
    assert texts["test"] - texts["train"] == {"What trends do you see in this sales chart?"}


def test_extremes_stand_out_and_the_facts_fit_the_values():
    rng = random.Random(1)
    for _ in range(500):
        chart = draw_chart(rng, "train")
        ordered = sorted(chart.values)
        assert min(ordered[-1] - ordered[-2], ordered[1] - ordered[0]) >= GAP * ordered[-1]
        assert chart.values[chart.labels.index(chart.highest)] == ordered[-1]
        assert chart.values[chart.labels.index(chart.lowest)] == ordered[0]
        half = len(chart.values) // 2
        change = np.mean(chart.values[-half:]) / np.mean(chart.values[:half])
        if not chart.seasonal:
            assert {"growing": change > 1.15, "falling": change < 0.87, "flat": 0.8 < change < 1.25}[chart.trend]


def test_a_bar_is_as_high_as_its_value():
    rng = random.Random(2)
    chart = Chart("bar", "", ("1", "2", "3", "4"), {"red": (25, 50, 75, 100)}, "growing", False, "numbers")
    checked = 0
    while checked < 20:
        style = draw_style(rng, chart)
        if style.noise or style.blur or style.bar_edge or style.bar_width < 0.6:
            continue
        picture = paint(chart, style, rng)[0].astype(int)
        red = (picture[:, :, 0] - picture[:, :, 2] > 90) & (picture[:, :, 0] - picture[:, :, 1] > 90)
        heights = red.sum(0)
        runs = [
            run.max()
            for run in np.split(heights, np.flatnonzero(np.diff((heights > 2).astype(int))) + 1)
            if run.max() > 2
        ]
        assert len(runs) == 4
        assert np.allclose(np.array(runs) / runs[-1], [0.25, 0.5, 0.75, 1], atol=0.05)
        checked += 1


@pytest.mark.parametrize("draw", [draw_with_numpy, draw_with_matplotlib])
@pytest.mark.parametrize("size", [(128, 96), (112, 112), (144, 80)])
def test_a_picture_has_the_size_asked_for_and_ticks_below_the_top(draw, size):
    rng = random.Random(3)
    for _ in range(5):
        chart = draw_chart(rng, "train", two_series=True)
        drawn = draw(chart, rng, size)
        assert drawn.picture.shape == (size[1], size[0], 3)
        assert drawn.picture.dtype == np.uint8
        assert drawn.ticks[0] == 0 and 1 <= drawn.ticks[1] <= 1.35 * chart.top


def test_ticks_are_round_numbers():
    assert [nice_step(top, 4) for top in (20, 43, 100, 210, 900)] == [5, 10, 25, 50, 250]
    chart = draw_chart(random.Random(4), "train")
    ticks = axis_ticks(chart, draw_style(random.Random(4), chart))
    assert len(set(np.diff(ticks))) == 1


def test_the_font_draws_darker_where_a_stroke_is_and_refuses_what_it_lacks():
    one, eight = rendered("1", 8.0, 1.0), rendered("8", 8.0, 1.0)
    assert one.min() >= 0 and one.max() <= 1
    assert eight.sum() > 1.3 * one.sum()
    assert rendered("Jan", 6.0, 1.0).shape[1] > rendered("J", 6.0, 1.0).shape[1]
    with pytest.raises(ValueError, match="no 'é'"):
        rendered("é", 6.0, 1.0)


@pytest.mark.parametrize(
    ("skill", "chart", "right", "wrong"),
    [
        ("trend", WEEK, ["Sales rise.", "An upward trend.", "It is increasing, with no seasonal pattern."], ["It falls.", "Growing, then flat."]),
        ("trend", TWELVE, ["A seasonal pattern.", "Flat, with a cycle."], ["Flat.", "Growing and seasonal."]),
        ("count", WEEK, ["4", "There are 4 bars."], ["5", "4 or 5", "four"]),
        ("value", WEEK, [], ["about 300"]),
        ("paragraph", WEEK, ["Sales grow. The highest is Thursday, the lowest Monday."], ["Sales grow. The highest is Thursday."]),
    ],
)  # fmt: skip
def test_graders_read_answers_as_people_write_them(skill, chart, right, wrong):
    problem = ask(skill, chart)
    assert all(problem.grade(text) for text in right)
    assert not any(problem.grade(text) for text in wrong)


def test_a_label_is_read_in_full_and_inside_no_other_number():
    assert named_labels("Thursday, then Mo.", WEEK) == ["Th", "Mo"]
    assert named_labels("It is 7, not 112 or 3.5, in period 12", TWELVE) == ["7", "12"]


def test_a_value_may_be_off_by_a_twentieth_of_the_highest():
    from qwen_course.skills_vl import value

    drawn = draw_with_numpy(WEEK, random.Random(0))
    question = value.question(random.Random(1), "train", drawn)
    truth = int(question.expected)
    assert question.grader(f"It is about {truth + 4}.")
    assert not question.grader(f"It is about {truth + 5}.")


def test_facts_of_a_paragraph_are_graded_one_by_one():
    text = "The values are flat, with a seasonal pattern. The highest is period 7 and the lowest is period 2."
    assert facts_right(text, TWELVE) == {"trend": True, "season": True, "highest": True, "lowest": False}


def test_small_readers():
    assert named_trends("It grows without any seasonal pattern") == {"growing"}
    assert numbers("1,200 and 3.5") == [1200.0, 3.5]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"skill": "trends"}, "did you mean trend"),
        ({"n": 0}, "at least one"),
        ({"split": "dev"}, "'train' or 'test'"),
        ({"hand": "pen"}, "'numpy' or 'matplotlib'"),
    ],
)
def test_wrong_arguments_are_named(arguments, said):
    with pytest.raises(ValueError, match=said):
        chart_problems(**{"skill": "trend", "n": 1, **arguments})


def test_the_colours_of_a_comparison_are_those_of_the_chart():
    for problem in chart_problems("compare", 30):
        text = problem.messages[0]["content"][-1]["text"]
        assert problem.expected in COLOURS
        assert problem.expected in text or "ends higher" in text
