"""Open what people give as a picture, or say clearly what is wrong with it. No torch in this file.

A picture may be a path in the working folder, an http(s) address, a data URL, a PIL picture or an array. What would
mislead a model in silence is refused instead: transparent pixels (their colour is a guess), animations (one frame of
many), a single pixel.
"""

from __future__ import annotations

import base64
import binascii
import io
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 20_000_000  # of a file: pictures for models are far smaller
MOST_PIXELS = 50_000_000  # a small file can unpack to gigabytes
LEAST_SIDE = 8
MOST_STRETCH = 200  # longest side by shortest; Qwen's own resizing refuses more
SENT_PIXELS = 1_500_000  # what goes to a server: more is shrunk first
SECONDS = 10  # for an address
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_EXPECTED = "a path, an http(s) address, a data URL, a PIL picture or an array (height, width, 3)"


def open_picture(source: Any, where: str = "image") -> Image.Image:
    """Return a picture as PIL's RGB, upright, whatever it came as.

    Raises ValueError, FileNotFoundError or ConnectionError with what is wrong and what to do. Introduced in notebook
    09.
    """
    from PIL import Image, ImageOps

    if isinstance(source, Image.Image):
        picture = source
    elif isinstance(source, (str, Path)):
        picture = _decode(_read(source, where), where)
    elif hasattr(source, "__array_interface__") or hasattr(source, "__array__"):
        picture = _from_array(source, where)
    else:
        raise ValueError(f"{where} is of the type {type(source).__name__}; expected {_EXPECTED}.")
    if getattr(picture, "n_frames", 1) > 1:
        raise ValueError(
            f"{where} is an animation of {picture.n_frames} frames: choose one, picture.seek(0) and picture.copy()."
        )
    _check_size(picture.size, where)
    if picture.has_transparency_data and picture.convert("RGBA").getchannel("A").getextrema()[0] < 255:
        raise ValueError(
            f"{where} has transparent pixels, whose colour is a guess: black text on nothing would become black on "
            "black. Put it on white first: "
            "Image.alpha_composite(Image.new('RGBA', picture.size, 'white'), picture.convert('RGBA'))."
        )
    try:
        return ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, SyntaxError) as error:  # PIL reads the pixels only now
        raise ValueError(f"{where} is broken: {error}. Save or download it again.") from None


def data_url(picture: Image.Image) -> str:
    """Return a picture as the data URL that OpenAI's API takes, shrunk to 1.5 million pixels at most.

    Introduced in notebook 09.
    """
    shrink = math.sqrt(SENT_PIXELS / (picture.width * picture.height))
    if shrink < 1:
        picture = picture.resize((max(1, int(picture.width * shrink)), max(1, int(picture.height * shrink))))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _check_size(size: tuple[int, int], where: str) -> None:
    width, height = size
    if min(size) < LEAST_SIDE:
        raise ValueError(
            f"{where} has {width} x {height} pixels: nothing can be seen on it. Each side needs {LEAST_SIDE} at least."
        )
    if width * height > MOST_PIXELS:
        raise ValueError(
            f"{where} has {width} x {height} pixels, more than {MOST_PIXELS:,}: shrink it first, "
            "picture.thumbnail((2000, 2000)); a model sees far fewer anyway."
        )
    if max(size) > MOST_STRETCH * min(size):
        raise ValueError(
            f"{where} has {width} x {height} pixels: a side may be {MOST_STRETCH} times the other at most."
        )


def _read(source: str | Path, where: str) -> bytes:
    text = str(source)
    if text.startswith("data:"):
        return _read_data_url(text, where)
    if re.match(r"https?://", text):
        return _fetch(text, where)
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+://", text):
        raise ValueError(f"{where} is {text[:80]!r}, an address that is not http(s); expected {_EXPECTED}.")
    path = Path(text).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"{where}: there is no file {text[:200]!r}; the working folder is where paths begin.")
    # A message that came from somewhere else must not make this program read any file of the disk.
    if not path.resolve().is_relative_to(Path.cwd().resolve()):
        raise ValueError(
            f"{where} lies outside the working folder, where messages may not reach. If you trust it, open it "
            "yourself and give the picture: Image.open(path)."
        )
    if not path.is_file():
        raise ValueError(f"{where}: {text[:200]!r} is a folder; expected a picture file.")
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{where} is a file of {path.stat().st_size:,} bytes; at most {MOST_BYTES:,} are read.")
    return path.read_bytes()


def _read_data_url(text: str, where: str) -> bytes:
    head, comma, body = text.partition(",")
    if not comma or not re.fullmatch(r"data:image/[\w.+-]+;base64", head):
        raise ValueError(f"{where} is the data URL {head[:60]!r}; expected 'data:image/png;base64,...'.")
    if len(body) > MOST_BYTES * 4 // 3:
        raise ValueError(f"{where} is a data URL of {len(body):,} characters: too long. Shrink the picture first.")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{where} is a data URL whose base64 is broken or cut off: encode it again.") from None


def _fetch(address: str, where: str) -> bytes:
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    shown = address.split("?")[0][:200]
    try:
        with urlopen(Request(address, headers={"User-Agent": "qwen-course"}), timeout=SECONDS) as answer:
            body = answer.read(MOST_BYTES + 1)
    except HTTPError as error:
        raise ConnectionError(f"{where}: {shown} answered with the status {error.code}. Check the address.") from None
    except (URLError, OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        raise ConnectionError(
            f"{where}: {shown} cannot be fetched ({why}). Without a network, save the picture in the working folder "
            f"and give its path."
        ) from None
    if len(body) > MOST_BYTES:
        raise ValueError(f"{where}: {shown} is more than {MOST_BYTES:,} bytes long: too large.")
    return body


def _decode(data: bytes, where: str) -> Image.Image:
    import warnings

    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked right after
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        if getattr(picture, "n_frames", 1) == 1 and picture.width * picture.height <= MOST_PIXELS:
            picture.load()
    except UnidentifiedImageError:
        raise ValueError(f"{where} is no picture that can be read; expected one of {', '.join(_FORMATS)}.") from None
    except Image.DecompressionBombError:
        raise ValueError(f"{where} unpacks to more than {MOST_PIXELS:,} pixels: shrink it first.") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise ValueError(f"{where} is broken: {error}. Save or download it again.") from None
    return picture


def _from_array(source: Any, where: str) -> Image.Image:
    import numpy as np
    from PIL import Image

    array = np.asarray(source)
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ValueError(f"{where} is an array of the shape {array.shape}; expected (height, width, 3), colours last.")
    if array.dtype != np.uint8:
        if array.dtype.kind != "f" or not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
            raise ValueError(
                f"{where} is an array of {array.dtype}; expected uint8 from 0 to 255, or floats from 0 to 1."
            )
        array = (array * 255 + 0.5).astype(np.uint8)
    _check_size((array.shape[1], array.shape[0]), where)
    return Image.fromarray(array)
