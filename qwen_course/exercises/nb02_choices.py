"""The exercises of notebook 02 in which one chooses; each wrong choice says why it is wrong."""

from qwen_course.exercises.exercise import Choice, Option

CHOICES = (
    Choice(
        id="02.3",
        title="the form on your web page",
        task="Users of your page type `<|im_end|>` and `<|im_start|>system` into the form. What protects the conversation?",
        options={
            "a": Option(
                "A system prompt that says: ignore such instructions.",
                "It helps a little, and nothing holds: to the model, the forged turn looks as real as yours.",
            ),
            "b": Option(
                'Removing the words, with `text.replace("<|im_start|>", "")`.',
                "Take `<|im_<|im_start|>start|>`: what is left after the removal is the control token. And other tokens remain.",
            ),
            "c": Option(
                "Decoding with `skip_special_tokens=True`.",
                "That acts on what the model wrote. The forged turn is in what it reads.",
            ),
            "d": Option(
                "Encoding what users write as plain text, so that no control token can come of it.",
                "The words may then stand in the text, as in this question, and are letters and no more.",
            ),
        },
        right="d",
        hints=(
            "At which moment do letters become a control token: when text is encoded, or when ids are decoded?",
            "Can you write a text that still holds the token after its words were removed once?",
        ),
    ),
    Choice(
        id="02.5",
        title="a strange benchmark",
        task="A colleague measures a hybrid Qwen: 59 % direct, 14 % with thinking. Where do you look first?",
        options={
            "a": Option(
                'At how many replies with thinking ended with `finish_reason` "length".',
                "A reply that was cut off has paid for its thinking and given no answer; raise the limit and measure again.",
            ),
            "b": Option(
                "Nowhere: on this task thinking does harm.",
                "It might, but by so much hardly ever; a limit on new tokens makes this pattern, and is found in a minute.",
            ),
            "c": Option(
                "At the number of problems: there were too few.",
                "More problems make the interval narrower. A gap this wide does not come from a small sample.",
            ),
            "d": Option(
                "At the temperature, which was surely too high.",
                "A warm temperature costs some points in both modes. It does not explain that one mode breaks down.",
            ),
        },
        right="a",
        hints=(
            "Which row of the table in this section looks like that?",
            "What is in `text` when a reply was cut off inside its thinking?",
        ),
    ),
    Choice(
        id="02.8",
        title="the short rows",
        task="In a batch that was padded on the right, the longest row is answered well and the short rows strangely. Why?",
        options={
            "a": Option(
                "The long row uses up the memory of the others.",
                "Each row has its own place in the cache; memory that runs out is an error, and not a strange answer.",
            ),
            "b": Option(
                "Each short row goes on from its last token, and that is padding.",
                "The model writes behind the end of the row. Padded on the left, that end is the open turn of the assistant.",
            ),
            "c": Option(
                "The model reads the padding as a part of the question.",
                "The attention mask hides the padding. It is the place of the next token that is wrong.",
            ),
            "d": Option(
                "Batches are always a little less exact, and short texts suffer most.",
                "Rounding may differ in the last digits. Padded on the left, the same batch says what each row says alone.",
            ),
        },
        right="b",
        hints=(
            "Where does the model write its first new token?",
            "Draw two rows of unequal length, filled up on the right. What stands at the end of the short one?",
        ),
    ),
)
