"""The catalogue: what its cells may hold, and what `recommend` promises."""

import re
import subprocess
import sys

import pandas as pd
import pytest

import qwen_course as qc
from qwen_course.checkpoints import _shapes, all_checkpoints, published_memory, published_results, shape

COLUMNS = (
    "repo_id generation released variant thinking task parameters active_parameters layers full_attention_layers "
    "hidden_size intermediate_size attention_heads kv_heads head_dim vocab_size tied_embeddings native_context "
    "extended_context license commercial_use languages training_tokens source"
).split()
TASKS = ("general", "coder", "math", "vision", "audio", "omni", "embedding", "reranker", "guard")


@pytest.fixture(scope="module")
def table():
    return qc.catalog()


def test_catalog_has_the_promised_columns_and_covers_the_family(table):
    assert list(table.columns) == COLUMNS
    assert set(table.task) == set(TASKS)
    assert set(table.generation) == {f"Qwen{number}" for number in ("1.5", "2", "2.5", "3", "3.5", "3.6", "3.8")}
    for known in (
        "Qwen/Qwen3-0.6B",
        "Qwen/Qwen2.5-Coder-32B-Instruct",
        "Qwen/Qwen3.8-27B",
        "Qwen/Qwen3-4B-Thinking-2507",
    ):
        assert known in set(table.repo_id)


def test_every_id_is_unique_well_formed_and_has_a_source(table):
    assert table.repo_id.is_unique
    assert table.repo_id.str.fullmatch(r"Qwen/[A-Za-z0-9.\-]+").all()
    assert table.source.str.contains(r"[\w.-]+/[\w.-]+", regex=True).all()


def test_words_come_from_closed_lists(table):
    assert set(table.variant) == {"base", "instruct"}
    assert set(table.thinking) <= {"none", "hybrid", "always", ""}
    assert set(table.commercial_use) <= {"yes", "no", "conditional", ""}
    assert ((table.license == "") == (table.commercial_use == "")).all()
    assert table.loc[table.license == "Apache-2.0", "commercial_use"].eq("yes").all()
    assert (table.loc[table.variant == "base", "thinking"] == "none").all()


def test_numbers_have_types_and_ranges(table):
    ranges = {
        "parameters": (4e8, 3e12), "active_parameters": (4e8, 1.2e11), "layers": (20, 100), "hidden_size": (512, 8192),
        "intermediate_size": (512, 49152), "attention_heads": (8, 96), "kv_heads": (2, 64),
        "vocab_size": (92_000, 250_000), "native_context": (4096, 1_010_000), "extended_context": (65_536, 1_010_000),
        "training_tokens": (1e12, 5e13),
    }  # fmt: skip
    for name, (low, high) in ranges.items():
        assert table[name].dtype == "Int64", name
        assert table[name].dropna().between(low, high).all(), name
    assert table.tied_embeddings.dtype == "boolean"
    assert set(table.head_dim.dropna()) == {64, 128, 256}


def test_numbers_agree_with_each_other(table):
    assert (table.active_parameters <= table.parameters).fillna(True).all()
    assert (table.full_attention_layers <= table.layers).fillna(True).all()
    assert (table.attention_heads % table.kv_heads == 0).fillna(True).all()
    assert (table.extended_context > table.native_context).fillna(True).all()


def test_release_dates_are_dates_and_follow_the_generations(table):
    dated = table[table.released != ""]
    assert dated.released.str.fullmatch(r"202[4-6]-\d\d(-\d\d)?").all()
    first = pd.to_datetime(dated.released, format="ISO8601").groupby(dated.generation).min()
    assert first[sorted(first.index, key=lambda name: float(name.removeprefix("Qwen")))].is_monotonic_increasing


def test_licence_traps_are_recorded():
    for repo_id in ("Qwen/Qwen2.5-3B-Instruct", "Qwen/Qwen2.5-Coder-3B"):
        assert (qc.checkpoint(repo_id).license, qc.checkpoint(repo_id).commercial_use) == ("Qwen-Research", "no")
    assert qc.checkpoint("Qwen/Qwen2.5-72B-Instruct").commercial_use == "conditional"
    assert qc.checkpoint("Qwen/Qwen3.8-2.4T-A95B").commercial_use == "conditional"


def test_parameters_in_the_table_are_those_of_the_formulas():
    """A cell may only be empty where the exact shape of the whole checkpoint is not known."""
    for row in all_checkpoints():
        keywords = _shapes().get(row.repo_id, {})
        exact = bool(keywords) and "same_size_as" not in keywords and not keywords.get("text_only")
        assert (row.parameters is not None) == exact, row.repo_id
        if exact:
            count = qc.count_parameters(row)
            assert (row.parameters, row.active_parameters) == (count.total, count.active), row.repo_id


def test_shapes_belong_to_rows():
    ids = {row.repo_id for row in all_checkpoints()}
    assert set(_shapes()) <= ids
    assert {keywords["same_size_as"] for keywords in _shapes().values() if "same_size_as" in keywords} <= ids


def test_checkpoint_is_frozen_and_typed():
    row = qc.checkpoint("Qwen/Qwen3-8B")
    assert (row.head_dim, row.tied_embeddings, row.thinking) == (128, False, "hybrid")
    with pytest.raises(AttributeError):
        row.layers = 1


@pytest.mark.parametrize(
    ("wrong", "near"), [("Qwen/Qwen3-8b", "Qwen/Qwen3-8B"), ("qwen3-4b-instruct", "Qwen/Qwen3-4B")]
)
def test_an_unknown_id_names_the_nearest(wrong, near):
    with pytest.raises(ValueError, match=re.escape(near)):
        qc.checkpoint(wrong)


def test_an_unverified_shape_is_refused_with_the_way_on():
    with pytest.raises(ValueError, match="AutoConfig.from_pretrained"):
        shape("Qwen/Qwen2-Audio-7B-Instruct")


def test_published_results_never_mix_base_and_post_trained():
    results = published_results()
    assert set(results["mode"]) == {"base", "thinking", "non-thinking"}
    assert results.groupby("table").variant.nunique().eq(1).all()
    assert ((results["mode"] == "base") == (results.variant == "base")).all()
    assert results.score.between(0, 100).all() and (results.source != "").all()
    assert not results.duplicated(["table", "model", "mode", "precision", "benchmark"]).any()


def test_published_results_are_about_models_of_the_catalogue():
    models = set(published_results().model) | set(published_memory().repo_id)
    never_released = {"Qwen3-32B-Base", "Qwen3-235B-A22B-Base"}  # results, but no weights
    assert models - {row.repo_id for row in all_checkpoints()} == never_released


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("memory_gib", [0.1, 16, 2000])
def test_recommend_always_returns_rows_that_say_why(task, memory_gib):
    rows = qc.recommend(task, memory_gib=memory_gib)
    assert len(rows) and {"repo_id", "fits", "missing_gib", "reason"} <= set(rows.columns)
    assert (rows.reason != "").all() and rows.repo_id.is_unique
    assert (rows.fits == (rows.missing_gib == 0)).all()
    assert not rows.repo_id.str.endswith("-Base").any()


def test_recommend_agrees_with_the_estimate():
    for row in (
        qc.recommend("general", memory_gib=16, tokens=4096, precision="nf4").dropna(subset="needs_gib").itertuples()
    ):
        needs = qc.estimate_memory(row.repo_id, tokens=4096, precision="nf4").total / 2**30
        assert row.fits == (needs <= 16)
        assert row.missing_gib == pytest.approx(max(0, needs - 16), abs=0.011)


def test_recommend_puts_the_newest_and_largest_that_fits_first():
    assert qc.recommend("general", memory_gib=16).repo_id[0] == "Qwen/Qwen3.5-4B"
    assert qc.recommend("general", memory_gib=80).repo_id[0] == "Qwen/Qwen3.8-27B"
    assert qc.recommend("coder", memory_gib=24).repo_id[0] == "Qwen/Qwen2.5-Coder-7B-Instruct"
    assert qc.recommend("embedding", memory_gib=12).repo_id[0] == "Qwen/Qwen3-Embedding-4B"
    assert qc.checkpoint(qc.recommend("math", memory_gib=24).repo_id[0]).thinking in ("hybrid", "always")


def test_recommend_sorts_the_nearest_miss_first():
    rows = qc.recommend("embedding", memory_gib=1)
    assert not rows.fits.any() and rows.missing_gib.is_monotonic_increasing


def test_recommend_respects_licences():
    traps = {"Qwen/Qwen2.5-3B-Instruct", "Qwen/Qwen2.5-Coder-3B-Instruct"}
    for task in ("general", "coder"):
        assert not traps & set(qc.recommend(task, memory_gib=24).repo_id)
        assert traps & set(qc.recommend(task, memory_gib=24, commercial=False).repo_id)
    rows = qc.recommend("general", memory_gib=2000).set_index("repo_id")
    assert "licence" in rows.reason["Qwen/Qwen2.5-72B-Instruct"]
    assert "licence" not in rows.reason["Qwen/Qwen3-32B"]


def test_recommend_filters_by_thinking_and_says_so_where_it_cannot():
    assert set(qc.recommend("general", memory_gib=24, thinking=True).thinking) == {"hybrid", "always"}
    assert set(qc.recommend("general", memory_gib=24, thinking=False).thinking) == {"hybrid", "none"}
    assert qc.recommend("embedding", memory_gib=24, thinking=True).reason.str.contains("never thinks").all()


def test_recommend_watches_the_context():
    rows = qc.recommend("coder", memory_gib=2000, tokens=100_000).set_index("repo_id")
    assert "YaRN" in rows.reason["Qwen/Qwen2.5-Coder-32B-Instruct"]
    assert "at most 32,768" in rows.reason["Qwen/Qwen2.5-Coder-1.5B-Instruct"]
    assert rows.index.get_loc("Qwen/Qwen2.5-Coder-32B-Instruct") < rows.index.get_loc(
        "Qwen/Qwen2.5-Coder-1.5B-Instruct"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"task": "coding", "memory_gib": 8}, "'coder'"),
        ({"task": "general", "memory_gib": 0}, "above 0"),
        ({"task": "general", "memory_gib": 8, "tokens": 0}, "above 0"),
        ({"task": "general", "memory_gib": 8, "precision": "int4"}, "nf4"),
    ],
)
def test_recommend_refuses_what_it_cannot_mean(arguments, message):
    with pytest.raises(ValueError, match=message):
        qc.recommend(arguments.pop("task"), **arguments)


def test_family_and_memory_do_not_import_torch():
    code = "import qwen_course.family, qwen_course.memory, sys; sys.exit(bool({'torch', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
