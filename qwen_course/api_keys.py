"""API keys: made once, shown once, and stored only as hashes.

A plain SHA-256 is enough here, unlike for passwords: a key is 256 random bits, which nobody can guess and hash.
"""

import hmac
import json
import os
import re
import secrets
from hashlib import sha256
from pathlib import Path

_PREFIX = "qc-"


class ApiKeys:
    """Know whose a key is. `ApiKeys.load(path)` reads a file of names and hashes, `keys.new("ada")` makes a key.

    Introduced in notebook 07.
    """

    def __init__(self, hashes: dict[str, str] | None = None) -> None:
        self._hashes = dict(hashes or {})
        for name, digest in self._hashes.items():
            if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
                raise ValueError(f"The entry of {name!r} is no SHA-256 in hex; make one by ApiKeys().new({name!r}).")

    @property
    def names(self) -> tuple[str, ...]:
        """Whose keys there are."""
        return tuple(self._hashes)

    def new(self, name: str) -> str:
        """Return a new key for a name, in place of its old one; it is not kept. Raises ValueError without a name."""
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"name is {name!r}; expected whose key it is, e.g. 'ada'.")
        key = _PREFIX + secrets.token_urlsafe(32)
        self._hashes[name] = _hash(key)
        return key

    def revoke(self, name: str) -> None:
        """Forget a name's key. Raises KeyError for an unknown name."""
        del self._hashes[name]

    def name_of(self, key: str) -> str | None:
        """Return whose key it is, or None. How long it takes tells nothing: all hashes are compared, to their end."""
        given, found = _hash(key), None
        for name, digest in self._hashes.items():
            if hmac.compare_digest(given, digest):
                found = name
        return found

    def save(self, path: str | Path) -> None:
        """Write names and hashes as JSON, readable for the owner only; an old file stays whole until the new one is."""
        path = Path(path)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(self._hashes, file, indent=1)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | Path) -> "ApiKeys":
        """Read what `save` wrote. Raises OSError without the file, ValueError where it holds something else."""
        try:
            hashes = json.loads(Path(path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path} is no JSON; expected what ApiKeys.save writes.") from error
        if not isinstance(hashes, dict):
            raise ValueError(f"{path} holds no table of names and hashes; expected what ApiKeys.save writes.")
        return cls(hashes)


def _hash(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
