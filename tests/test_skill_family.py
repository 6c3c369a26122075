"""The skill `family`: its answers are what the catalogue says, and other true or false answers are told apart."""

import json
import random
import subprocess
import sys

import pytest

from qwen_course.checkpoints import all_checkpoints, checkpoint
from qwen_course.skills import family
from qwen_course.skills.family_wordings import GENERAL, OF_A_CHECKPOINT, OF_A_GENERATION
from qwen_course.skills.problem import Problem


def drawn(split: str, n: int = 300, seed: int = 0) -> list[Problem]:
    rng = random.Random(seed)
    return [family.problem(rng, split) for _ in range(n)]


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_worked_answer_is_right_and_stupid_ones_are_wrong(split):
    for problem in drawn(split, 1500):
        assert problem.grade(problem.answer["content"]), (problem, problem.answer)
        for text in ("", "I do not know.", "{", "[1, 2", "²³", "x = = -77777", "\x00", "Qwen", "9-999999999999 B"):
            assert not problem.grade(text), (problem, text)


def test_the_splits_share_no_question_and_a_seed_fixes_the_draw():
    def texts(problems):
        return {json.dumps(problem.messages).lower() for problem in problems}

    assert not texts(drawn("train", 8000)) & texts(drawn("test", 3000))
    assert [problem.messages for problem in drawn("test", 40)] == [problem.messages for problem in drawn("test", 40)]


def test_every_fact_that_is_tested_is_also_trained_in_other_words():
    trained = {(p.difficulty, p.answer["content"]) for p in drawn("train", 30_000)}
    assert {(p.difficulty, p.answer["content"]) for p in drawn("test", 5000)} <= trained


def test_each_question_has_eight_wordings_and_two_unseen():
    for table in (OF_A_CHECKPOINT, GENERAL, OF_A_GENERATION):
        for seen, unseen, *_ in table.values():
            assert len(set(seen)) == 8 and len(set(unseen)) == 2 and not set(seen) & set(unseen)


def test_answers_say_what_the_catalogue_says():
    for name in family.NAMES:
        row = checkpoint(f"Qwen/{name}")
        told = {what: family.fact(what, name)[1].replace(name, "It") for what in OF_A_CHECKPOINT if what != "name"}
        assert told["layers"] == f"It has {row.layers} layers."
        assert told["licence"] == f"It has the {row.license} licence."
        assert told["context"] == f"The native context of It is {row.native_context:,} tokens."
        assert told["generation"] == f"It belongs to the generation {row.generation}."
        assert {"none": "never", "hybrid": "hybrid", "always": "always"}[row.thinking] in told["thinking"]
        for what, exact in (("parameters", row.parameters), ("active", row.active_parameters)):
            number, unit = told[what].split("about ")[1].split()[:2]
            assert float(number) * {"million": 1e6, "billion": 1e9}[unit] == pytest.approx(exact, rel=0.03)
        # a dense text model uses all parameters; those of Qwen3.5 also hold an encoder for pictures
        assert ("is a mixture" in told["experts"]) == (row.active_parameters < 0.8 * row.parameters)
        if family.active_part(name):
            said = float(family.fact("name", name)[0])
            assert said == pytest.approx(row.active_parameters / 1e9, rel=0.2)


def test_base_and_instruct_of_qwen25_agree_in_all_that_is_asked():
    for name in family.NAMES:
        if name.startswith("Qwen2.5") and not name.endswith("Instruct"):
            for what in OF_A_CHECKPOINT:
                if what != "name":
                    assert family.fact(what, name)[0] == family.fact(what, f"{name}-Instruct")[0]


def test_what_is_said_of_generations_and_of_the_family_is_in_the_catalogue():
    rows = all_checkpoints()
    for generation in family.GENERATIONS:
        number = family.generation_fact("languages", generation).removeprefix("more than ").split()[0]
        assert any(row.generation == generation and row.languages.startswith(number) for row in rows)
    assert [family.generation_fact("release", generation) for generation in family.GENERATIONS] == [
        "September 2024", "April 2025", "February 2026",
    ]  # fmt: skip
    known = [row.license for row in rows if row.license]
    assert known.count("Apache-2.0") > 0.8 * len(known)


@pytest.mark.parametrize(
    ("what", "name", "right", "wrong"),
    [
        (
            "layers",
            "Qwen3-8B",
            "The Qwen3-8B model has **36** transformer layers.",
            "It has 32 layers; 36 heads.",
        ),
        ("layers", "Qwen3-8B", "36", "Qwen3-8B"),
        ("parameters", "Qwen3-8B", "Qwen3-8B has 8.2B parameters.", "Qwen3-8B is named so."),
        ("parameters", "Qwen3-8B", "8,190,735,360", "Qwen3-8B has 7 billion parameters."),
        ("parameters", "Qwen3-0.6B", "About 0.6 billion.", "60 million"),
        ("parameters", "Qwen2.5-7B", "7.61 billion parameters", "about 7 billion"),
        ("licence", "Qwen2.5-3B", "The Qwen Research License.", "Apache 2.0"),
        ("licence", "Qwen2.5-72B", "Qwen LICENSE AGREEMENT", "Apache-2.0, not the Qwen licence"),
        ("licence", "Qwen3-4B", "apache 2.0 license", "MIT"),
        ("thinking", "Qwen3-4B", "It supports both modes.", "Yes, it always thinks."),
        ("thinking", "Qwen3-4B-Instruct-2507", "No, it is a non-thinking model.", "Yes."),
        ("thinking", "Qwen3-4B-Thinking-2507", "Yes, it only has thinking mode.", "It is hybrid."),
        ("context", "Qwen3-8B", "32K tokens", "131,072 tokens"),
        ("context", "Qwen3.5-9B", "262144 tokens (256K)", "32,768"),
        ("generation", "Qwen3.5-9B", "It is a Qwen3.5 model.", "Qwen3.5-9B is from Qwen3."),
        ("generation", "Qwen3-8B", "Qwen3.", "Qwen3.5"),
        ("experts", "Qwen3-30B-A3B", "Yes, it is an MoE model.", "No, it is dense."),
        ("experts", "Qwen3-8B", "No, Qwen3-8B is dense.", "It is a mixture of experts."),
        (
            "name",
            "Qwen3-30B-A3B",
            "A3B: 3 billion activated parameters.",
            "30 billion parameters, all active.",
        ),
        ("active", "Qwen3-30B-A3B", "Qwen3-30B-A3B activates 3.3 billion.", "30.5 billion"),
    ],
)
def test_free_wording_is_graded(what, name, right, wrong):
    row = checkpoint(f"Qwen/{name}")
    assert family.right(what, row, right) and not family.right(what, row, wrong)


def test_the_skill_needs_neither_torch_nor_pandas():
    code = "import sys, random; from qwen_course.skills import family; family.problem(random.Random(0), 'train'); "
    code += "assert not {'torch', 'pandas'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
