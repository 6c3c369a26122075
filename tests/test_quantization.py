"""Quantization: the notebook's own NF4 against bitsandbytes, the instruments, and the table of precisions."""

import re
import subprocess
import sys
import textwrap
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import nbformat
import pytest
import torch
from checkpoints import make_model, make_tokenizer

import qwen_course as qc
from qwen_course import bitsandbytes_support
from qwen_course.bitsandbytes_support import OLDEST, quantization_config, require_bitsandbytes
from qwen_course.conversation import LocalQwen
from qwen_course.evaluation import Result, Score
from qwen_course.machine import GIB, Machine
from qwen_course.models import load
from qwen_course.quantization import _quality, file_bytes, perplexity, stored_bytes

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "notebooks" / "04_quantization.ipynb"


# --- the hand-written formats of the notebook


def functions_of_the_notebook() -> dict:
    """Return the names that the cells with the hand-written formats define, those cells alone being run."""
    names: dict = {"torch": torch, "weights": torch.randn(64, 128, generator=torch.Generator().manual_seed(0))}
    wanted = ("def absmax(", "def blockwise(", "def nf4_levels(", "def to_codes(", "def bits_per_weight(")
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code" and any(start in cell.source for start in wanted):
            exec("import pandas as pd\n" + cell.source, names)
    return names


@pytest.fixture(scope="module")
def by_hand():
    return functions_of_the_notebook()


@pytest.fixture(scope="module")
def matrices():
    """Return the matrices of Pocket that are quantized, in float32."""
    with load("pocket", precision="fp32", device="cpu") as qwen:
        head = qwen.model.get_output_embeddings()
        linear = [one for one in qwen.model.modules() if isinstance(one, torch.nn.Linear) and one is not head]
        return [one.weight.detach().clone() for one in linear]


def test_the_levels_from_normal_quantiles_are_those_of_the_library(by_hand):
    from bitsandbytes.functional import get_4bit_type

    assert torch.allclose(by_hand["nf4_levels"](), get_4bit_type("nf4", device="cpu"), atol=1e-6)


def test_nf4_by_hand_gives_the_codes_and_values_of_the_library_on_every_matrix_of_pocket(by_hand, matrices):
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    levels = by_hand["nf4_levels"]()
    borders = (levels[1:] + levels[:-1]) / 2
    assert len(matrices) == 35
    for matrix in matrices:
        packed, state = quantize_4bit(matrix, quant_type="nf4", blocksize=64)
        theirs = torch.stack([packed.flatten() >> 4, packed.flatten() & 15], dim=1).flatten()
        codes, scales = by_hand["to_codes"](matrix, levels)
        differ = codes.flatten() != theirs
        relative = (matrix.reshape(-1, 64) / scales).flatten()[differ]
        assert ((relative[:, None] - borders).abs().min(dim=1).values < 1e-6).all()  # ties only
        assert differ.sum() <= 10
        ours = by_hand["from_codes"](codes, scales, levels, matrix.shape)
        same = ~differ.reshape(matrix.shape)
        assert (ours - dequantize_4bit(packed, state))[same].abs().max() < 1e-6


def test_int8_by_hand_with_a_scale_for_each_row_is_that_of_the_library(by_hand, matrices):
    from bitsandbytes.functional import int8_vectorwise_quant

    matrix = matrices[0].half()
    codes, scales, _ = int8_vectorwise_quant(matrix)
    for row in range(8):
        ours, scale = by_hand["absmax"](matrix[row].float())
        assert scale.item() == pytest.approx(scales[row].item() / 127, rel=1e-6)
        assert (ours.int() - codes[row].int()).abs().max() <= 1  # half-precision rounding at a border


def test_bits_per_weight_are_those_of_the_tensors_that_the_library_keeps(by_hand, matrices):
    from bitsandbytes.functional import quantize_4bit

    for nested in (None, 256):
        packed, state = quantize_4bit(
            matrices[0].repeat(8, 8), quant_type="nf4", compress_statistics=nested is not None
        )
        kept = [packed, state.absmax] + ([state.state2.absmax] if nested else [])
        bits = 8 * sum(one.numel() * one.element_size() for one in kept) / matrices[0].repeat(8, 8).numel()
        assert bits == pytest.approx(by_hand["bits_per_weight"](4, 64, nested=nested), rel=1e-3)


def test_blocks_keep_an_outlier_from_spoiling_the_rest(by_hand):
    matrix = torch.randn(64, 128, generator=torch.Generator().manual_seed(1))
    matrix[0, 0] = 100.0
    whole, scale = by_hand["absmax"](matrix, bits=4)
    assert by_hand["error"](matrix[1:], (whole * scale)[1:]) > 0.9
    assert by_hand["error"](matrix[1:], by_hand["blockwise"](matrix)[1:]) < 0.15


def test_without_bitsandbytes_the_hand_written_part_runs_and_then_one_sentence_comes():
    code = f"""
        import sys
        sys.modules["bitsandbytes"] = None  # no import finds it
        import nbformat
        from importlib.metadata import PackageNotFoundError
        from qwen_course import bitsandbytes_support

        def version(name):
            raise PackageNotFoundError(name)

        bitsandbytes_support.version = version
        names = {{}}
        for cell in nbformat.read({str(NOTEBOOK)!r}, as_version=4).cells:
            if cell.cell_type == "code":
                try:
                    exec(cell.source, names)
                except ImportError as error:
                    print(f"STOPPED {{error}}")
                    print("require_bitsandbytes()" in cell.source, "nf4_back" in names, "bits_per_weight" in names)
                    break
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    stopped, reached = done.stdout.split("STOPPED ")[1].splitlines()
    assert re.search(r"bitsandbytes, which is not installed; install it with: pip install", stopped)
    assert reached == "True True True"


# --- is the library there?


def test_a_missing_or_old_bitsandbytes_is_named_in_one_sentence_with_the_remedy(monkeypatch, checkpoint):
    def missing(name):
        raise PackageNotFoundError(name)

    for version, says in ((missing, "is not installed"), (lambda name: "0.44.1", "0.44.1 is installed")):
        monkeypatch.setattr(bitsandbytes_support, "version", version)
        for call in (require_bitsandbytes, lambda: load(checkpoint("qwen3"), precision="nf4", device="cpu")):
            with pytest.raises(ImportError, match=says) as caught:
                call()
            assert "\n" not in str(caught.value) and f'pip install "bitsandbytes>={OLDEST}"' in str(caught.value)


def test_a_bitsandbytes_that_cannot_be_imported_is_named_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(ImportError, match="cannot be imported"):
        require_bitsandbytes()


def test_the_oldest_bitsandbytes_is_that_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"bitsandbytes>={OLDEST}" in project["dependencies"]


@pytest.mark.parametrize(
    ("machine", "stored", "arithmetic"),
    [
        (Machine("cpu", "a CPU", 8 * GIB, bf16=False), torch.bfloat16, torch.float32),
        (Machine("cpu", "a CPU", 8 * GIB, bf16=True), torch.bfloat16, torch.bfloat16),
        (Machine("cuda:0", "L4", 22 * GIB, bf16=True), torch.bfloat16, torch.bfloat16),
        (Machine("cuda:0", "Tesla T4", 15 * GIB, bf16=False), torch.float32, torch.float32),
    ],
)
def test_four_bits_are_multiplied_in_what_the_machine_does_fast(machine, stored, arithmetic):
    dtype, config = quantization_config("nf4", machine)
    assert (dtype, config.bnb_4bit_compute_dtype) == (stored, arithmetic)
    assert config.bnb_4bit_quant_type == "nf4" and config.bnb_4bit_use_double_quant


# --- the instruments


@pytest.fixture
def small():
    tokenizer = make_tokenizer("qwen3")
    return LocalQwen(name="small", reason="", model=make_model("qwen3", tokenizer), tokenizer=tokenizer)


def test_perplexity_of_a_model_that_knows_nothing_is_the_size_of_its_vocabulary(small):
    small.model.get_output_embeddings().weight.data.zero_()
    rows = small.model.config.vocab_size
    assert perplexity(small, ["What is 12 + 30?"]) == pytest.approx(rows, rel=1e-4)
    talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello there"}]
    assert perplexity(small, [talk, "a text"]) == pytest.approx(rows, rel=1e-4)


def test_perplexity_of_a_text_is_the_exponential_of_transformers_own_loss(small):
    text = "The answer is 42. You are a helpful assistant."
    ids = small.tokenizer(text, return_tensors="pt")["input_ids"]
    small.model.get_output_embeddings().weight.data.mul_(0.05)
    with torch.no_grad():
        loss = small.model(ids, labels=ids).loss
    assert perplexity(small, [text]) == pytest.approx(loss.exp().item(), rel=1e-4)


def test_perplexity_of_messages_counts_the_last_turn_alone():
    with load("pocket", device="cpu") as qwen:
        problem = qc.problems("extract", 1)[0]
        sure = perplexity(qwen, [[*problem.messages, problem.answer]])
        wrong = perplexity(qwen, [[*problem.messages, {"role": "assistant", "content": "5 + 5 = 10"}]])
        whole = perplexity(qwen, [str(problem.messages[-1]["content"])])
    assert sure < 1.1 < wrong and sure < whole


def test_perplexity_takes_texts_longer_than_the_context_and_stays_a_number(small):
    small.context_tokens = 16
    assert perplexity(small, ["tokens " * 60]) > 1
    small.model.get_output_embeddings().weight.data.mul_(1e6)
    assert perplexity(small, ["tokens " * 60]) == float("inf")


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ("a text", "one string"),
        ([], "no token"),
        (["\n"], "no token"),
        ([[{"role": "user", "content": "Hi"}]], "assistant's turn"),
        ([[]], "assistant's turn"),
    ],
)
def test_perplexity_refuses_what_holds_nothing_to_predict(small, texts, says):
    with pytest.raises(ValueError, match=says):
        perplexity(small, texts)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8", "nf4", "fp4"])
def test_the_bytes_of_pocket_are_predicted_within_three_percent_before_and_after_use(precision):
    with load("pocket", precision=precision, device="cpu") as qwen:
        predicted = qc.estimate_memory(qwen.model.config, precision=precision).weights
        first = stored_bytes(qwen.model)
        qwen.chat("Hi", max_new_tokens=2)
        used = stored_bytes(qwen.model)
        # A CPU with AVX512-BF16 keeps the scales of 4 bits as bfloat16 from the first use on, others leave them.
        assert used == first if precision not in ("nf4", "fp4") else used == pytest.approx(first, rel=0.02)
        assert predicted == pytest.approx(first, rel=0.03) and predicted == pytest.approx(used, rel=0.03)
        assert file_bytes(qwen.model) == pytest.approx(first, rel=0.03)


def test_layers_that_the_kernel_of_some_cpus_cannot_take_are_not_repacked():
    import bitsandbytes

    from qwen_course.bitsandbytes_support import spare_odd_shapes

    shapes = {(64, 64): True, (64, 48): False, (96, 64): False, (128, 32): True}  # inputs, outputs
    layers = [bitsandbytes.nn.Linear4bit(*shape, quant_type="nf4") for shape in shapes]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(3, 3)).to("cpu")
    for layer in layers:
        layer.support_avx512bf16_for_cpu = True  # whatever this CPU has
    assert spare_odd_shapes(model) is model
    assert [layer.support_avx512bf16_for_cpu for layer in layers] == list(shapes.values())


# --- the table


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setenv("QWEN_COURSE_FAST", "1")


def test_the_table_holds_a_row_for_each_precision_and_each_model_is_closed_before_the_next(
    fast, monkeypatch, checkpoint
):
    import qwen_course.models

    open_now, most = [], []

    def watched(*arguments, **options):
        qwen = load(*arguments, **options)
        open_now.append(qwen)
        most.append(sum(one.model is not None for one in open_now))
        return qwen

    monkeypatch.setattr(qwen_course.models, "load", watched)
    folder = checkpoint("qwen3")
    table = qc.compare_precisions(
        folder, ["bf16", "int8", "nf4"], skills=["arithmetic", "tool_call"], n=4, device="cpu"
    )
    assert list(table.index) == ["bf16", "int8", "nf4"] and most == [1, 1, 1]
    groups = list(dict.fromkeys(table.columns.get_level_values(0)))
    modes = [f"{skill}, {mode}" for skill in ("arithmetic", "tool_call") for mode in ("direct", "thinking")]
    assert groups == ["weights", *modes]
    for _, row in table["weights"].iterrows():
        assert row["MB predicted"] == pytest.approx(row["MB measured"], rel=0.03)
        assert row["MB on disk"] > 0 and row["tokens/s"] > 0 and row["perplexity"] >= 1
    for mode in modes:
        assert table.loc["bf16", (mode, "replies changed (%)")] == 0
        assert set(table[mode, "more than chance"]) == {"", "no"}
        assert (table[mode, "at least (%)"] <= table[mode, "right (%)"]).all()


def scored(marks: str, text: str = "5") -> Score:
    """Return a score with a problem for each mark: + right, - wrong; the text of the wrong replies is another one."""
    from types import SimpleNamespace

    results = []
    for number, mark in enumerate(marks):
        problem = SimpleNamespace(messages=[number], tools=None, expected="5")
        reply = SimpleNamespace(thinking="", text=text if mark == "+" else "6", tool_calls=[], completion_tokens=1)
        results.append(Result(problem, reply, mark == "+"))
    return Score(tuple(results), asked=len(marks), seconds=1.0)


def test_a_loss_within_the_interval_for_pairs_is_no_more_than_chance_and_a_larger_one_is():
    base = scored("+" * 100)
    small = _quality(scored("-" * 2 + "+" * 98), base, "bf16")
    assert small["points above bf16"] == "-2.0 (-5.8 to +1.9)" and small["more than chance"] == "no"
    assert small["replies changed (%)"] == 2 and small["right (%)"] == 98
    large = _quality(scored("-" * 20 + "+" * 80), base, "bf16")
    assert large["more than chance"] == "yes" and large["points above bf16"].startswith("-20.0 (")
    assert _quality(scored("+" * 100, text="five"), base, "bf16")["replies changed (%)"] == 100
    assert _quality(base, base, "bf16")["more than chance"] == ""


@pytest.mark.parametrize(
    ("precisions", "skills", "says"),
    [
        ("nf4", ["arithmetic"], "list of two or more"),
        (["nf4"], ["arithmetic"], "list of two or more"),
        (["nf4", "nf4"], ["arithmetic"], "each once"),
        (["bf16", "auto"], ["arithmetic"], "'auto'"),
        (["bf16", "int4"], ["arithmetic"], "'nf4'"),
        (["bf16", "nf4"], "arithmetic", "list of skills"),
        (["bf16", "nf4"], [], "list of skills"),
        (["bf16", "nf4"], ["sums"], "unknown skill"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_is_loaded(monkeypatch, precisions, skills, says):
    import qwen_course.models

    monkeypatch.setattr(qwen_course.models, "load", lambda *arguments, **options: pytest.fail("something was loaded"))
    with pytest.raises(ValueError, match=says):
        qc.compare_precisions("pocket", precisions, skills=skills)


@pytest.mark.slow
def test_pocket_in_nf4_loses_at_most_three_points_on_thinking_arithmetic():
    scores = {}
    for precision in ("bf16", "nf4"):
        with load("pocket", precision=precision, device="cpu") as qwen:
            scores[precision] = qc.evaluate(qwen, "arithmetic", n=200, thinking=True)
    assert scores["nf4"].accuracy >= scores["bf16"].accuracy - 0.03
