"""API keys: only hashes are kept, every comparison goes to its end, and damaged files are named."""

import hmac
import json
import stat

import pytest

from qwen_course.api_keys import ApiKeys


def test_a_key_is_known_and_only_its_hash_is_kept(tmp_path):
    keys = ApiKeys()
    ada, bob = keys.new("ada"), keys.new("bob")
    keys.save(tmp_path / "keys.json")
    kept = (tmp_path / "keys.json").read_text()
    assert ada not in kept and ada[3:] not in kept and len(ada) > 40
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    again = ApiKeys.load(tmp_path / "keys.json")
    assert (again.name_of(ada), again.name_of(bob)) == ("ada", "bob")
    assert [again.name_of(key) for key in ("", "x", ada[:-1], ada + "x", "\ud800", ada.upper())] == [None] * 6
    assert again.names == ("ada", "bob") and sorted(path.name for path in tmp_path.iterdir()) == ["keys.json"]


def test_a_new_key_takes_the_place_of_the_old_one_and_a_revoked_one_is_unknown():
    keys = ApiKeys()
    old, new = keys.new("ada"), keys.new("ada")
    assert keys.name_of(old) is None and keys.name_of(new) == "ada"
    keys.revoke("ada")
    assert keys.name_of(new) is None


def test_all_hashes_are_compared_in_constant_time_also_after_a_hit(monkeypatch):
    keys, compared = ApiKeys(), []
    first = [keys.new(name) for name in ("a", "b", "c")][0]
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda x, y: compared.append(len(x)) or real(x, y))
    assert keys.name_of(first) == "a" and keys.name_of("wrong") is None
    assert compared == [64] * 6


@pytest.mark.parametrize("content", ["", "[1]", '{"ada": "plain"}', '{"ada": 7}', "{"])
def test_a_file_that_is_something_else_is_refused(content, tmp_path):
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(ValueError, match="SHA-256|ApiKeys.save"):
        ApiKeys.load(tmp_path / "keys.json")


@pytest.mark.parametrize("name", ["", "  ", None, 7])
def test_a_key_belongs_to_somebody(name):
    with pytest.raises(ValueError, match="whose key"):
        ApiKeys().new(name)


def test_what_cannot_be_written_leaves_the_old_file(tmp_path, monkeypatch):
    keys, path = ApiKeys(), tmp_path / "keys.json"
    keys.new("ada")
    keys.save(path)
    before = path.read_text()
    monkeypatch.setattr(json, "dump", lambda *arguments, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keys.save(path)
    assert path.read_text() == before and len(list(tmp_path.iterdir())) == 1
