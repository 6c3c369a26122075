"""An audit log: who asked when and what became of it, as JSON lines, without a word of what was said.

User and text appear as keyed hashes (HMAC-SHA256). A plain hash would not hide them: short texts and names can be
guessed and hashed. With the key, its owner can still find the lines of one user or text: `AuditLog.digest`.
"""

import hmac
import json
import logging
import os
import sys
from datetime import UTC, datetime
from hashlib import sha256
from logging.handlers import RotatingFileHandler
from pathlib import Path

KEY_VARIABLE = "QWEN_COURSE_AUDIT_KEY"
_SHORTEST_KEY = 32  # characters


class AuditLog:
    """Append JSON lines to a file that only its owner can read. At `max_bytes` it moves to `PATH.1`, and so on.

    At most `backups` old files are kept. The key is what QWEN_COURSE_AUDIT_KEY holds, at least 32 characters; each line
    names it by the first digits of its own hash, so that lines from before a change of key can be told apart. Raises
    ValueError without a key. What cannot be written raises OSError. Introduced in notebook 07.
    """

    def __init__(self, path: str | Path, *, max_bytes: int = 10_000_000, backups: int = 5) -> None:
        key = os.environ.get(KEY_VARIABLE, "").strip()
        if len(key) < _SHORTEST_KEY:
            raise ValueError(
                f"{KEY_VARIABLE} has {len(key)} characters; expected a secret of at least {_SHORTEST_KEY}. Make one by "
                'python -c "import secrets; print(secrets.token_hex(32))" and set it in the environment.'
            )
        for name, value in (("max_bytes", max_bytes), ("backups", backups)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is {value!r}; expected a whole number of at least 1.")
        self._key = key.encode()
        self._key_name = sha256(b"name of key\0" + self._key).hexdigest()[:8]
        self._file = _OwnersFile(path, maxBytes=max_bytes, backupCount=backups, encoding="utf-8")

    def digest(self, text: str) -> str:
        """Return the keyed hash by which a user or text appears in the log."""
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:32]

    def write(self, event: str, user: str, *, text: str | None = None, **figures) -> None:
        """Write a line. `figures` are numbers and fixed words: no text of users or of the model."""
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, "key": self._key_name}
        line["user"] = self.digest(user)
        if text is not None:
            line["text"] = self.digest(text)
        line |= {name: value for name, value in figures.items() if value is not None}
        self._file.handle(logging.makeLogRecord({"msg": json.dumps(line, ensure_ascii=True)}))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _OwnersFile(RotatingFileHandler):
    """A rotating file with mode 600, whose errors are raised: an audit log that fails in silence is none."""

    def _open(self):
        return open(
            self.baseFilename,
            self.mode,
            encoding=self.encoding,
            opener=lambda path, flags: os.open(path, flags, 0o600),
        )

    def handleError(self, record) -> None:
        raise sys.exc_info()[1]
