"""The exercises of notebook 09. They hold on any model: none of them depends on what it answers."""

from qwen_course.exercises.exercise import Function, Mistake, Value, body
from qwen_course.exercises.nb09_choices import CHOICES

TITLE = "Vision"


def _tokens(*lines: str) -> str:
    head = 'def tokens_of(width, height, patch, merge):\n    """Return how many tokens a picture has in the prompt."""'
    return body(head, *lines)


_OTHERS = (
    Function(
        id="09.1",
        title="count the tokens",
        task=(
            "Write how many tokens a picture has in the prompt. The processor first rounds each side to the nearest multiple of\n"
            "`patch * merge` pixels (Python's `round`, and at least one multiple); then it cuts patches, and `merge * merge` of them\n"
            "become one token."
        ),
        name="tokens_of",
        starter=_tokens("..."),
        cases="[(128, 96, 8, 2), (640, 480, 16, 2), (1280, 720, 16, 2), (100, 100, 14, 2), (10, 500, 16, 2), (32, 32, 16, 2), (96, 96, 8, 3)]",
        solution=_tokens("side = patch * merge", "return max(1, round(width / side)) * max(1, round(height / side))"),
        mistakes=(
            Mistake(
                _tokens("return max(1, round(width / patch)) * max(1, round(height / patch))"),
                "Those are the patches. Each token stands for `merge * merge` of them.",
            ),
            Mistake(
                _tokens("side = patch * merge", "return (width // side) * (height // side)"),
                "The sides are rounded to the nearest multiple, not cut off, and a thin picture keeps one row.",
            ),
            Mistake(
                _tokens("return round(width * height / (patch * merge) ** 2)"),
                "Each side is rounded by itself before they are multiplied.",
            ),
            Mistake(
                _tokens("side = patch * merge", "return max(1, round(width / side)) + max(1, round(height / side))"),
                "Columns and rows are multiplied: every row has all columns.",
            ),
        ),
        hints=(
            "One token covers a square of `patch * merge` pixels. How many such squares lie side by side?",
            "`max(1, round(width / side))` columns, and rows likewise.",
            "Multiply columns and rows; the patches need not be counted at all.",
        ),
        insight="A picture's price can be read off its size before anything is sent: what it shows does not matter.",
    ),
    Value(
        id="09.3",
        title="predict: a screenshot",
        task=(
            "A screenshot of 1,920 x 1,080 pixels goes to a Qwen3-VL (patches of 16 pixels, 2 x 2 merged), with no budget that\n"
            "shrinks it. About how many tokens does it take in the prompt?"
        ),
        expects="a number of tokens",
        tolerance=0.03,
        solution="answer = round(1920 / 32) * round(1080 / 32)",
        mistakes=(
            Mistake("answer = 1920 * 1080 / 16**2", "That is the number of patches; four of them become one token."),
            Mistake(
                "answer = 1920 * 1080 / 28**2", "28 pixels a token is Qwen2.5-VL: patches of 14. Here they are of 16."
            ),
            Mistake("answer = 1920 * 1080", "That is the number of pixels. A token covers a square of them."),
        ),
        hints=(
            "How many pixels wide is the square of one token?",
            "16 x 2 = 32 pixels: 60 columns, and how many rows?",
        ),
        insight="Two thousand tokens for one glance: as much as four pages of text. Ten screenshots fill a context of 20,000.",
    ),
)

EXERCISES = tuple(sorted((*_OTHERS, *CHOICES), key=lambda exercise: exercise.id))
