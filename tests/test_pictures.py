"""Pictures from every source, and a clear error for each that cannot serve."""

import base64
import io
import socket

import numpy as np
import pytest
from PIL import Image

from qwen_course.messages import check_messages, openai_messages
from qwen_course.parts import has_pictures
from qwen_course.pictures import MOST_PIXELS, SENT_PIXELS, data_url, open_picture


@pytest.fixture
def picture():
    rows = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
    return Image.fromarray(rows)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def same(a, b):
    return np.array_equal(np.asarray(a), np.asarray(b))


def test_a_picture_may_be_a_path_a_pil_picture_an_array_or_a_data_url(picture, folder):
    picture.save(folder / "p.png")
    sources = ["p.png", folder / "p.png", picture, np.asarray(picture), np.asarray(picture) / 255, data_url(picture)]
    for source in sources:
        opened = open_picture(source)
        assert opened.mode == "RGB"
        assert same(opened, picture)


def test_a_grey_picture_and_an_opaque_one_with_alpha_become_rgb(picture):
    assert same(open_picture(picture.convert("RGBA")), picture)
    assert open_picture(np.zeros((20, 30))).size == (30, 20)


def test_a_photo_taken_sideways_is_turned_upright(picture, folder):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(folder / "p.jpg", exif=exif)
    assert open_picture("p.jpg").size == (48, 64)


def encoded(picture, **options):
    buffer = io.BytesIO()
    picture.save(buffer, **options)
    return buffer.getvalue()


def url(data, kind="png"):
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def half_seen():
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0, 20, 40))
    return clear


def animated():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    return url(encoded(frames[0], format="GIF", save_all=True, append_images=frames[1:]), "gif")


def cut_off():
    return url(encoded(Image.effect_noise((64, 64), 50), format="PNG")[:2000])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (cut_off, "broken"),
        (lambda: url(b"%PDF-1.7 no picture"), "no picture that can be read"),
        (lambda: url(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg+xml"), "no picture that can be read"),
        (lambda: "data:image/png;base64,@@@", "base64 is broken"),
        (lambda: "data:text/plain,hello", "expected 'data:image/png;base64"),
        (animated, "animation of 3 frames"),
        (lambda: Image.new("RGB", (1, 1)), "1 x 1 pixels"),
        (lambda: Image.new("L", (9000, 9000)), f"more than {MOST_PIXELS:,}"),
        (lambda: url(encoded(Image.new("1", (20_000, 20_000)), format="PNG")), "unpacks to|more than"),
        (lambda: Image.new("RGB", (4000, 10)), "200 times the other"),
        (half_seen, "transparent pixels"),
        (lambda: 42, "of the type int"),
        (lambda: b"raw", "of the type bytes"),
        (lambda: np.zeros((3, 20, 20), np.uint8), "colours last"),
        (lambda: np.full((20, 20, 3), 300), "uint8 from 0 to 255"),
        (lambda: "ftp://example.org/p.png", "not http"),
    ],
)
def test_a_bad_picture_is_named_with_what_to_do(make, said):
    with pytest.raises(ValueError, match=said) as error:
        open_picture(make(), "messages[0]['content'][1]")
    assert str(error.value).startswith("messages[0]['content'][1]")


def test_a_path_that_is_missing_a_folder_or_outside_the_working_folder(picture, tmp_path, monkeypatch):
    inside = tmp_path / "work"
    inside.mkdir()
    picture.save(tmp_path / "outside.png")
    monkeypatch.chdir(inside)
    with pytest.raises(FileNotFoundError, match="no file 'p.png'"):
        open_picture("p.png")
    for path in ("../outside.png", tmp_path / "outside.png"):
        with pytest.raises(ValueError, match="outside the working folder"):
            open_picture(path)
    (inside / "link.png").symlink_to(tmp_path / "outside.png")
    with pytest.raises(ValueError, match="outside the working folder"):
        open_picture("link.png")
    (inside / "sub").mkdir()
    with pytest.raises(ValueError, match="is a folder"):
        open_picture("sub")


def test_an_address_without_a_network_says_so():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConnectionError, match="Without a network, save the picture"):
        open_picture(f"http://127.0.0.1:{port}/p.png?token=secret")


def test_parts_in_every_spelling_become_one_form(picture):
    spellings = [
        {"type": "image", "image": picture},
        {"image": picture},
        {"type": "image_url", "image_url": {"url": data_url(picture)}},
        {"type": "image_url", "image_url": data_url(picture)},
        {"type": "image", "url": data_url(picture)},
    ]
    (message,) = check_messages([{"role": "user", "content": [*spellings, {"type": "text", "text": "What is it?"}]}])
    assert [part["type"] for part in message["content"]] == ["image"] * len(spellings) + ["text"]
    assert all(same(part["image"], picture) for part in message["content"][:-1])


def test_parts_that_are_all_text_become_one_string():
    parts = [{"type": "text", "text": "What is "}, {"text": "2 + 2?"}]
    assert check_messages([{"role": "user", "content": parts}]) == [{"role": "user", "content": "What is 2 + 2?"}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "empty list"),
        (["text"], "of the type str"),
        ([{"type": "text"}], "has no text"),
        ([{"type": "image"}], "without a source"),
        ([{"type": "video", "video": "v.mp4"}], "is video.*notebook 09"),
        ([{"type": "input_audio", "input_audio": {}}], "is sound.*notebook 09"),
        ([{"type": "picture", "picture": "p"}], "has the type 'picture'"),
        ([{"type": "text", "text": "\ud800"}], "surrogate"),
    ],
)
def test_a_bad_part_is_named(content, said):
    with pytest.raises(ValueError, match=said):
        check_messages([{"role": "user", "content": content}])


def test_a_picture_stands_in_a_user_turn(picture):
    with pytest.raises(ValueError, match="pictures stand in user turns"):
        check_messages([{"role": "system", "content": [{"image": picture}]}, {"role": "user", "content": "Hi"}])


def test_a_server_gets_a_data_url_and_no_more_pixels_than_it_needs():
    large = Image.new("RGB", (3000, 2000), "white")
    (message,) = openai_messages(
        check_messages([{"role": "user", "content": [{"image": large}, {"type": "text", "text": "?"}]}])
    )
    part, text = message["content"]
    assert part["type"] == "image_url"
    assert text == {"type": "text", "text": "?"}
    sent = open_picture(part["image_url"]["url"])
    assert SENT_PIXELS * 0.98 < sent.width * sent.height <= SENT_PIXELS
    assert sent.width / sent.height == pytest.approx(1.5, abs=0.01)


def test_has_pictures_sees_any_part_that_is_not_text(picture):
    assert has_pictures([{"role": "user", "content": [{"image": "/etc/passwd"}]}])
    assert has_pictures([{"role": "user", "content": [{"type": "text", "image": "x"}]}])
    assert not has_pictures("text")
    assert not has_pictures([{"role": "user", "content": [{"type": "text", "text": "Hi"}]}])
