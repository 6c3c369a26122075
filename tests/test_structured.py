"""JSON of a schema: what is found and validated, asked again, and what a grammar makes even of nonsense."""

import builtins
import json
from datetime import date
from typing import Literal

import pytest
from bad_server import DONE, USAGE, bad_server, chunk
from checkpoints import STYLES
from pydantic import BaseModel, Field
from scripted import ids_of, script

import qwen_course as qc
from qwen_course import constrained, json_schemas
from qwen_course.endpoint_errors import EndpointRefused


class Item(BaseModel):
    product: str = Field(max_length=8)
    price: float = Field(ge=0, le=99)


class Order(BaseModel):
    name: str = Field(max_length=10)
    age: int = Field(ge=0, le=150)
    size: Literal["S", "M"]
    note: str | None = Field(max_length=5)
    items: list[Item] = Field(max_length=2)


class Person(BaseModel):
    name: str
    age: int


class Loose(BaseModel):
    name: str
    tags: list[str] = Field(max_length=3)
    count: int
    extra: dict[str, int]


GOOD = '{"name": "Ana", "age": 31}'


# --- finding and validating


@pytest.mark.parametrize(
    "text", [GOOD, f"```json\n{GOOD}\n```", f"Here it is: {GOOD} Good luck {{you}}!", f"{{a}} {GOOD}"]
)
def test_json_is_found_with_and_without_a_fence_or_words_around_it(text):
    assert qc.parse_json(text, Person) == Person(name="Ana", age=31)
    assert qc.parse_json(qc.Reply(text), Person.model_json_schema()) == {"name": "Ana", "age": 31}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ana is 31.", "There is no JSON in the reply."),
        ('{"name": "Ana"}', "^age: Field required"),
        ('{"name": "Ana", "age": "old"}', "^age: Input should be a valid integer"),
        ("{}", "name: Field required; age: Field required"),
        ('{"name": "Ana", "age": 3', "no JSON"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line_with_the_field_in_front(text, said):
    with pytest.raises(ValueError, match=said) as raised:
        qc.parse_json(text, Person)
    assert "\n" not in str(raised.value)


def test_a_schema_as_a_dict_is_validated_too():
    with pytest.raises(ValueError, match="age: 'old' is not of type 'integer'"):
        qc.parse_json('{"name": "Ana", "age": "old"}', Person.model_json_schema())


def test_text_forms_of_values_are_read_as_pydantic_reads_json():
    class Event(BaseModel):
        day: date

    assert qc.parse_json('{"day": "2024-12-31"}', Event).day == date(2024, 12, 31)


# --- schemas


def test_what_makes_a_schema_unbounded_is_named():
    assert json_schemas.unbounded(Order) == []
    missing = qc.unbounded(Loose)
    assert [line.split(":")[0] for line in missing] == ["name", "tags[]", "count", "extra"]
    assert qc.unbounded({"type": "string", "pattern": "^[A-Z]{2}$"}) == []
    assert qc.unbounded({"type": "string", "pattern": "^[A-Z]+$"}) and qc.unbounded({"type": "string", "pattern": "A"})
    assert qc.unbounded({}) and qc.unbounded({"type": "array", "maxItems": 2})


def test_a_property_may_be_called_title():
    class Book(BaseModel):
        title: str = Field(max_length=5)

    assert "title" in json_schemas.plain_schema(Book)["properties"] and not qc.unbounded(Book)


def test_a_schema_that_contains_itself_and_what_is_no_schema_are_errors():
    class Node(BaseModel):
        children: "list[Node]" = Field(max_length=2)

    with pytest.raises(ValueError, match="contains itself"):
        qc.unbounded(Node)
    for wrong in (None, "schema", Person(name="a", age=1), 3):
        with pytest.raises(ValueError, match="expected a pydantic model class or a JSON schema"):
            qc.json_prompt("text", wrong)
    with pytest.raises(ValueError, match="refers to"):
        qc.unbounded({"$ref": "#/$defs/Missing"})


# --- asking, and asking again


def test_a_reply_that_does_not_fit_is_asked_again_with_its_error(loaded, monkeypatch):
    qwen, asked = loaded("qwen2.5"), []
    replies = iter(['{"name": "Ana"}', GOOD])

    def chat_batch(conversations, **options):
        asked.append(conversations)
        return [qc.Reply(next(replies)) for _ in conversations]

    monkeypatch.setattr(qwen, "chat_batch", chat_batch)
    answer = qc.ask_json(qwen, "Who?", Person, retries=3)
    assert answer.valid and answer.value.age == 31 and len(answer.tries) == 2
    first, again = (conversations[0] for conversations in asked)
    assert [message["role"] for message in again] == ["user", "assistant", "user"]
    assert first == again[:1] and again[1]["content"] == '{"name": "Ana"}'
    assert "age: Field required" in again[2]["content"]


def test_only_what_did_not_fit_is_asked_again_and_only_so_often(loaded, monkeypatch):
    qwen, sizes = loaded("qwen2.5"), []

    def chat_batch(conversations, **options):
        sizes.append(len(conversations))
        return [qc.Reply(GOOD if "easy" in messages[0]["content"] else "no") for messages in conversations]

    monkeypatch.setattr(qwen, "chat_batch", chat_batch)
    easy, hard = qc.ask_json_batch(qwen, ["easy", "hard"], Person, retries=2)
    assert sizes == [2, 1, 1] and easy.valid and not hard.valid
    assert hard.value is None and hard.error == "There is no JSON in the reply." and len(hard.tries) == 3
    assert hard.tokens == 0 and "no JSON" in hard._repr_html_()


def test_a_reply_that_was_cut_off_is_told_as_such(loaded):
    qwen = loaded("qwen2.5")
    answer = qc.ask_json(qwen, "Hi", Person, max_new_tokens=3)
    assert not answer.valid and "cut off" in answer.error


def test_html_of_an_answer_is_escaped():
    reply = qc.Reply("<script>alert(1)</script>")
    assert "<script>" not in qc.JsonAnswer(None, "<b>wrong</b>", (reply,))._repr_html_()
    assert "<b>" not in qc.JsonAnswer(None, "<b>wrong</b>", (reply,))._repr_html_()


@pytest.mark.parametrize("retries", [-1, 1.5, True, None])
def test_what_is_no_number_of_retries_is_an_error(loaded, retries):
    with pytest.raises(ValueError, match="retries"):
        qc.ask_json(loaded("qwen2.5"), "Hi", Person, retries=retries)


# --- under a grammar


@pytest.mark.parametrize("style", STYLES)
def test_every_reply_of_a_model_that_answers_nonsense_is_valid(loaded, style):
    qwen = loaded(style)
    for thinking in qwen.thinking_modes:
        for warm in (None, qc.Sampling(temperature=1.5)):
            answers = qc.ask_json_batch(
                qwen, ["Hi", "Who?", "A longer question, please."], Order, constrained=True, thinking=thinking,
                max_new_tokens=8, sampling=warm, seed=1,
            )  # fmt: skip
            assert all(answer.valid for answer in answers), [answer.error for answer in answers]
            assert all(answer.reply.finish_reason == "stop" and len(answer.tries) == 1 for answer in answers)
            assert all(answer.reply.thinking_tokens <= 8 for answer in answers)


def test_every_reply_is_valid_in_fast_mode_too(loaded, monkeypatch):
    monkeypatch.setenv("QWEN_COURSE_FAST", "1")
    for thinking in (True, False):
        assert qc.ask_json(loaded("qwen3"), "Hi", Order, constrained=True, thinking=thinking, max_new_tokens=500).valid


def test_the_thinking_before_constrained_json_is_free(loaded):
    qwen = loaded("qwen3")
    with script(qwen.model, [ids_of(qwen.tokenizer, "no JSON here\n</think>")]):
        answer = qc.ask_json(qwen, "Hi", Order, constrained=True, thinking=True, max_new_tokens=30)
    assert answer.reply.thinking == "no JSON here" and answer.valid


def test_json_under_a_grammar_has_the_spaces_of_json_dumps_and_no_other_keys(loaded):
    answer = qc.ask_json(loaded("qwen2.5"), "Hi", Order, constrained=True)
    value = json.loads(answer.reply.text)
    assert list(value) == list(Order.model_fields)
    assert answer.reply.text.startswith('{"name": "') and '", "age": ' in answer.reply.text


def test_no_json_is_longer_than_the_schema_says(loaded):
    for schema in (Order, Item, {"enum": ["a", "bcd"]}, {"type": "integer", "minimum": -99, "maximum": 5}):
        qwen = loaded("instruct-2507")
        answers = qc.ask_json_batch(
            qwen, ["Hi", "Who?"], schema, constrained=True, sampling=qc.Sampling(temperature=3.0), seed=5
        )
        assert all(len(answer.reply.text.encode()) <= json_schemas.longest(schema) for answer in answers)


def test_an_unbounded_schema_is_refused_before_anything_is_generated(loaded):
    with pytest.raises(ValueError, match="not bounded.*name: a text needs max_length.*Field"):
        qc.ask_json(loaded("qwen3"), "Hi", Loose, constrained=True)


def test_a_schema_too_long_for_the_context_is_refused_with_the_figures(loaded):
    class Long(BaseModel):
        text: str = Field(max_length=5000)

    with pytest.raises(ValueError, match="may take 30.*takes 2048 in all"):
        qc.ask_json(loaded("qwen3"), "Hi", Long, constrained=True)


def test_what_a_grammar_cannot_express_is_an_error(loaded):
    schema = {"type": "string", "maxLength": 5, "pattern": "^(?=a)b$"}
    with pytest.raises(ValueError, match="cannot express"):
        qc.ask_json(loaded("qwen3"), "Hi", schema, constrained=True)


def test_without_the_library_one_sentence_names_it(loaded, monkeypatch):
    real = builtins.__import__

    def missing(name, *arguments, **options):
        if name.startswith("llguidance"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImportError, match="pip install llguidance"):
        constrained.grammar_constraint(loaded("qwen3"), Order)


# --- on an endpoint


def test_an_endpoint_gets_the_schema_as_response_format():
    with bad_server() as server, qc.load(f"{server.url}#qwen-test") as qwen:
        server.answer = lambda handler, body: handler.stream(chunk({"content": GOOD}), chunk({}, "stop", USAGE), DONE)
        answers = qc.ask_json_batch(qwen, ["Hi", "Who?"], Person, constrained=True)
        assert [answer.value.age for answer in answers] == [31, 31]
        for body in server.requests:
            form = body["response_format"]
            assert form["type"] == "json_schema" and form["json_schema"]["name"] == "Person"
            assert form["json_schema"]["schema"]["required"] == ["name", "age"]
        server.requests.clear()
        qc.ask_json(qwen, "Hi", Person)
        assert "response_format" not in server.requests[0]


def test_an_endpoint_that_refuses_a_schema_is_a_clear_error():
    with bad_server() as server, qc.load(f"{server.url}#qwen-test") as qwen:
        server.answer = lambda handler, body: handler.json({"error": {"message": "response_format unknown"}}, 400)
        with pytest.raises(EndpointRefused, match="response_format unknown.*without constrained=True"):
            qc.ask_json(qwen, "Hi", Person, constrained=True)
