"""A folder that cannot be converted rightly is refused, and says why."""

import json
import shutil
from pathlib import Path

import pytest

from qwen_course.export_checks import check_exportable
from qwen_course.models import POCKET


@pytest.fixture
def folder(tmp_path):
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(Path(POCKET) / name, tmp_path / name)
    return tmp_path


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


def test_pocket_can_be_exported():
    assert check_exportable(POCKET) == "Qwen3ForCausalLM"


@pytest.mark.parametrize("names", [["LlamaForCausalLM"], ["Qwen3MoeForCausalLM"], None])
def test_another_architecture_is_refused(folder, names):
    change(folder / "config.json", architectures=names)
    with pytest.raises(ValueError, match="what can be converted is Qwen2ForCausalLM or Qwen3ForCausalLM"):
        check_exportable(folder)


@pytest.mark.parametrize("rule", ["normalizer", "pre_tokenizer"])
def test_a_tokenizer_that_splits_otherwise_is_refused(folder, rule):
    change(folder / "tokenizer.json", **{rule: None})
    with pytest.raises(ValueError, match=f"another {rule} than Qwen's"):
        check_exportable(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        check_exportable(folder)


def test_how_offsets_are_reported_does_not_matter(folder):
    text = (folder / "tokenizer.json").read_text(encoding="utf-8")
    pre_tokenizer = json.loads(text)["pre_tokenizer"]
    pre_tokenizer["pretokenizers"][1]["trim_offsets"] ^= True
    change(folder / "tokenizer.json", pre_tokenizer=pre_tokenizer)
    assert check_exportable(folder) == "Qwen3ForCausalLM"


def test_a_changed_pattern_is_refused(folder):
    text = (folder / "tokenizer.json").read_text(encoding="utf-8")
    pre_tokenizer = json.loads(text)["pre_tokenizer"]
    pre_tokenizer["pretokenizers"][0]["pattern"]["Regex"] += "|x"
    change(folder / "tokenizer.json", pre_tokenizer=pre_tokenizer)
    with pytest.raises(ValueError, match="another pre_tokenizer"):
        check_exportable(folder)
