"""The exercises of notebook 03 on loops around a model: asking again for JSON, and running what it calls."""

from qwen_course.exercises.exercise import Function, Mistake, body

_RETRY_SETUP = '''\
import json
import qwen_course as qc


def error_in(text):
    """Return what is wrong with a reply, or ""."""
    try:
        value = json.loads(text)
    except ValueError:
        return "There is no JSON in the reply."
    return "" if "age" in value else "age: Field required"


def good(messages):
    return '{"name": "Ana", "age": 31}'


def hears(messages):
    return good(messages) if "age" in messages[-1]["content"] else '{"name": "Ana"}'


def learns(messages):
    told = len(messages) >= 3 and messages[-2]["role"] == "assistant" and "age" in messages[-1]["content"]
    return good(messages) if told else '{"name": "Ana"}'


def slow(messages):
    return good(messages) if len(messages) >= 5 else "Ana is 31."


def hopeless(messages):
    return "Ana is 31 years old."'''

_RETRY = '''\
def ask_until_valid(ask, question, tries):
    """Return the first reply without an error, or None after `tries` replies."""'''

_TOOL_SETUP = """\
import json
import qwen_course as qc


def add(a, b):
    return a + b


def divide(a, b):
    return a / b


def delete_all():
    return "everything is gone"


tools = {"add": add, "divide": divide}


def call_of(name, **arguments):
    return {"name": name, "arguments": arguments}"""

_DISPATCH = '''\
def dispatch(call, tools):
    """Return the JSON text that tells the model what came of its call."""'''


LOOPS = (
    Function(
        id="03.6",
        title="ask again, and say why",
        task=(
            "Write the retry by hand. `ask(messages)` returns a model's reply as text, `error_in(text)` what is wrong with it\n"
            'or `""`. Ask the question; while the reply is wrong and fewer than `tries` replies came, append the reply (role\n'
            "`assistant`) and then its error (role `user`), and ask again. Return the first good reply, or `None`."
        ),
        setup=_RETRY_SETUP,
        name="ask_until_valid",
        starter=body(_RETRY, "..."),
        cases='[(good, "Ana is 31.", 1), (hears, "Ana is 31.", 2), (learns, "Ana is 31.", 2), (learns, "Ana is 31.", 1), (slow, "Ana is 31.", 3), (slow, "Ana is 31.", 2), (hopeless, "Ana is 31.", 3)]',
        solution=body(
            _RETRY,
            'messages = [{"role": "user", "content": question}]',
            "for _ in range(tries):",
            "    text = ask(messages)",
            "    error = error_in(text)",
            "    if not error:",
            "        return text",
            '    messages.append({"role": "assistant", "content": text})',
            '    messages.append({"role": "user", "content": error})',
            "return None",
        ),
        mistakes=(
            Mistake(
                body(
                    _RETRY,
                    'messages = [{"role": "user", "content": question}]',
                    "for _ in range(tries):",
                    "    text = ask(messages)",
                    "    if not error_in(text):",
                    "        return text",
                    "return None",
                ),
                "The same question is asked again. A model without dice gives the same reply to it: tell it what was wrong.",
            ),
            Mistake(
                body(
                    _RETRY,
                    'messages = [{"role": "user", "content": question}]',
                    "for _ in range(tries):",
                    "    text = ask(messages)",
                    "    error = error_in(text)",
                    "    if not error:",
                    "        return text",
                    '    messages.append({"role": "user", "content": error})',
                    "return None",
                ),
                "The error is told, but the reply that it is about does not stand in the conversation: a model remembers what is sent again.",
            ),
            Mistake(
                body(
                    _RETRY,
                    'messages = [{"role": "user", "content": question}]',
                    "for _ in range(tries):",
                    "    text = ask(messages)",
                    "    error = error_in(text)",
                    "    if not error:",
                    "        return text",
                    '    messages.append({"role": "assistant", "content": text})',
                    '    messages.append({"role": "user", "content": error})',
                    "return text",
                ),
                "After the last try the wrong reply is returned as if it were good. Who calls your function must be able to tell.",
            ),
            Mistake(
                body(
                    _RETRY,
                    'messages = [{"role": "user", "content": question}]',
                    "for _ in range(tries + 1):",
                    "    text = ask(messages)",
                    "    error = error_in(text)",
                    "    if not error:",
                    "        return text",
                    '    messages.append({"role": "assistant", "content": text})',
                    '    messages.append({"role": "user", "content": error})',
                    "return None",
                ),
                "One try more is made than was allowed.",
            ),
        ),
        hints=(
            "A `for` loop over `range(tries)`: ask, look for an error, return the reply if there is none.",
            'Two messages are appended after a wrong reply: `{"role": "assistant", "content": text}`, then the error as `user`.',
            "When the loop ends by itself, no reply was good.",
        ),
        insight="A retry mends what a message can explain. It costs a whole reply each time, and promises nothing: a program needs a plan for the last wrong reply.",
    ),
    Function(
        id="03.7",
        title="run what is allowed, survive the rest",
        task=(
            "Write the middle of a tool loop. `call` is a dictionary with `name` and `arguments`, `tools` maps names to the\n"
            'functions that the model may use. Return JSON text: `{"result": ...}` when the function ran; `{"error": "unknown\n'
            'tool"}` for a name that is not in `tools`; and for any exception `{"error": ...}` with the name of its class, such\n'
            'as `"ZeroDivisionError"`. Nothing that a model writes may make your function raise.'
        ),
        setup=_TOOL_SETUP,
        name="dispatch",
        starter=body(_DISPATCH, "..."),
        cases='[(call_of("add", a=1, b=2), tools), (call_of("delete_all"), tools), (call_of("send_money", to="Eve"), tools), (call_of("divide", a=1, b=0), tools), (call_of("add", a=1), tools), (call_of("add", a=1, c=2), tools), (call_of("add", a="1", b=2), tools)]',
        solution=body(
            _DISPATCH,
            'if call["name"] not in tools:',
            '    return json.dumps({"error": "unknown tool"})',
            "try:",
            '    return json.dumps({"result": tools[call["name"]](**call["arguments"])})',
            "except Exception as error:",
            '    return json.dumps({"error": type(error).__name__})',
        ),
        mistakes=(
            Mistake(
                body(
                    _DISPATCH,
                    'if call["name"] not in globals():',
                    '    return json.dumps({"error": "unknown tool"})',
                    "try:",
                    '    return json.dumps({"result": globals()[call["name"]](**call["arguments"])})',
                    "except Exception as error:",
                    '    return json.dumps({"error": type(error).__name__})',
                ),
                "The name is looked up among everything that the notebook defines: the model can call what you never offered.",
            ),
            Mistake(
                body(
                    _DISPATCH,
                    'if call["name"] not in tools:',
                    '    return json.dumps({"error": "unknown tool"})',
                    'return json.dumps({"result": tools[call["name"]](**call["arguments"])})',
                ),
                "An exception in the tool ends your whole loop. The model could have been told, and could have tried something else.",
            ),
            Mistake(
                body(
                    _DISPATCH,
                    "try:",
                    '    return json.dumps({"result": tools[call["name"]](**call["arguments"])})',
                    "except Exception as error:",
                    '    return json.dumps({"error": type(error).__name__})',
                ),
                "It survives. But a `KeyError` tells the model nothing: say that the tool is unknown.",
            ),
            Mistake(
                body(
                    _DISPATCH,
                    'if call["name"] not in tools:',
                    '    return "unknown tool"',
                    "try:",
                    '    return str(tools[call["name"]](**call["arguments"]))',
                    "except Exception as error:",
                    "    return type(error).__name__",
                ),
                "The right things happen, but the text is no JSON: a result and an error would look alike to the model.",
            ),
        ),
        hints=(
            'Ask first whether `call["name"]` is in `tools`; nothing else decides what may run.',
            "`tools[name](**arguments)` calls it, inside a `try`; `type(error).__name__` is the name of an exception's class.",
            "All three outcomes go through `json.dumps`.",
        ),
        insight="A model proposes, your program disposes: the list of tools is the only list, and an error is an answer like any other.",
    ),
)
