"""The exercises of notebook 05 in which one chooses; each wrong choice says why it is wrong."""

from qwen_course.exercises.exercise import Choice, Option

CHOICES = (
    Choice(
        id="05.2",
        title="the model that never stops",
        task=(
            "A fine-tuned Qwen gives the right answer, and then goes on writing questions and answers until the limit. The\n"
            "loss was fine. The code has the line `tokenizer.pad_token = tokenizer.eos_token`. What happened?"
        ),
        options={
            "a": Option(
                "The learning rate was too high.",
                "Then the answer itself would be nonsense. Here it is right; what is missing is its end.",
            ),
            "b": Option(
                "The collator ignored all padding in the loss, and with it every real end of turn.",
                "A collator that masks the padding by its id masks the end of turn too where both are one token. So no step ever trained the model to stop. Qwen has a padding token of its own: leave it as it is.",
            ),
            "c": Option(
                "`max_new_tokens` was too large.",
                "A limit only hides it. The model itself has to say that it is done.",
            ),
            "d": Option(
                "The adapter was not merged.",
                "Merging does not change what the model writes; section 11 measures it.",
            ),
        },
        right="b",
        hints=(
            "By what does a collator know which tokens are padding?",
            "What label does a padding token get, and which token ends an answer?",
        ),
    ),
    Choice(
        id="05.7",
        title="thinking is gone",
        task=(
            "A hybrid Qwen3 was fine-tuned on thousands of short answers without reasoning, whole conversations rendered by the\n"
            "template. Now `enable_thinking=True` gives an empty think block. Which data keeps the thinking?"
        ),
        options={
            "a": Option(
                "The same rows, with `/think` written behind each question.",
                "The rows would still show empty thinking, now even after a request to think.",
            ),
            "b": Option(
                "The same rows, with a lower learning rate.",
                "It is learnt more slowly, and learnt all the same: every row says that thinking is empty.",
            ),
            "c": Option(
                "The same rows, with the think tags cut out of the template.",
                "Then training and use show different prompts, and what the model does with its tags is left to chance.",
            ),
            "d": Option(
                "The empty block in the prompt, where it is not trained on, and a share of rows that do think.",
                "In direct mode the template puts the empty block into the prompt, so there is nothing to learn about it. Rows with reasoning keep the other mode in use.",
            ),
        },
        right="d",
        hints=(
            "Look at the coloured tokens of section 2: who writes the empty block in direct mode, the prompt or the model?",
            "What would the model see of the thinking mode, if no row thinks?",
        ),
    ),
    Choice(
        id="05.8",
        title="a 4-bit model for a small machine",
        task=(
            "You trained an adapter by QLoRA on a 4-bit base, and want one 4-bit model without peft for a small machine. What\n"
            "do you do?"
        ),
        options={
            "a": Option(
                "Merge the adapter into the 16-bit original, then quantize the result.",
                "The sum of weight and update is exact before it is rounded, once. Measure the result: it is a new model, and rounding may cost a little.",
            ),
            "b": Option(
                "Merge into the 4-bit base on which it was trained.",
                "Each weight lies on one of 16 levels there, and the sum is rounded to a level again: small updates vanish. Section 10 shows how far the answers move.",
            ),
            "c": Option(
                "Quantize the adapter to 4 bits, too.",
                "An adapter is small already, and it would still need peft and its base.",
            ),
            "d": Option(
                "Train again without quantization.",
                "The adapter is as good as it was measured to be. Nothing has to be trained twice.",
            ),
        },
        right="a",
        hints=(
            "What happens to a small number that is added to a weight with 16 possible values?",
            "In which order do you round only once?",
        ),
    ),
)
