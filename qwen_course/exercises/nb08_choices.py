"""The exercises of notebook 08 in which one chooses; each wrong choice says why it is wrong."""

from qwen_course.exercises.exercise import Choice, Option

CHOICES = (
    Choice(
        id="08.1",
        title="what belongs on the device?",
        task=(
            "Four teams want a model of about a billion parameters on the device itself. For which of them is that the right\n"
            "place?"
        ),
        options={
            "a": Option(
                "A hospital: notes dictated at the bedside become form fields, and nothing may leave the tablet.",
                "Short texts, a narrow task that a small model can be trained for, and a reason why the data must stay: that is what the edge is for.",
            ),
            "b": Option(
                "A law firm: questions on contracts of three hundred pages each.",
                "Such a context fills gigabytes of cache, and reading it takes a small processor many minutes. That is work for a server.",
            ),
            "c": Option(
                "A news site: a summary that all readers see is made anew every minute.",
                "One answer for everybody is computed once, on one server, and not on each reader's phone.",
            ),
            "d": Option(
                "A research group: the best answer that any open model can give, whatever it costs.",
                "The best answers come from models with hundreds of times as many parameters. They do not fit on a device.",
            ),
        },
        right="a",
        hints=(
            "What does a device have little of? Strike out who needs much of it.",
            "Who of the rest loses something when the text goes over a network?",
        ),
    ),
    Choice(
        id="08.3",
        title="why the file is larger than 4 bits",
        task=(
            "A file in q4_k_m takes well over 4 bits for each weight; your own count above shows how many. Where do the\n"
            "others come from?"
        ),
        options={
            "a": Option(
                "From the tokenizer and the chat template, which are in the file too.",
                "They are in the file, but they are no weights: the count above went over tensors alone.",
            ),
            "b": Option(
                "From padding, since each tensor begins at a multiple of 32 bytes.",
                "That is 31 bytes at most for a tensor, and tensors have thousands of them.",
            ),
            "c": Option(
                "From the scales of the blocks, and from tensors that are kept in more bits.",
                "A block of 4 bits carries scales, and the quantizer gives more bits to tensors that suffer most, such as the output head. The M in the name stands for such a mix.",
            ),
            "d": Option(
                "From the KV cache, which is stored beside the weights.",
                "The cache arises while the model runs, and lies in memory. No file holds it.",
            ),
        },
        right="c",
        hints=(
            "Look at the table of formats: is every tensor in the same one?",
            "What does a block hold besides the codes?",
        ),
    ),
    Choice(
        id="08.5",
        title="it talks gibberish",
        task=(
            "You put a fine-tuned Qwen3 into Ollama. It loads, it is fast, and what it says is nonsense; in transformers the\n"
            "same weights answer well. What do you look at first?"
        ),
        options={
            "a": Option(
                "The precision: take q8_0 in place of q4_k_m.",
                "Fewer bits make a model somewhat worse, as the table above shows. They do not make it talk nonsense.",
            ),
            "b": Option(
                "The prompt as the engine got it: its token ids, against those of transformers.",
                "A wrong template or tokenizer is by far the most common cause, and a comparison of ids finds it within a minute.",
            ),
            "c": Option(
                "The temperature: set it to 0.",
                "At 0 it says the likeliest nonsense. Sampling makes answers vary, it does not ruin them.",
            ),
            "d": Option(
                "The training: more steps, at a lower rate.",
                "In transformers the same weights answer well, so the weights are right.",
            ),
        },
        right="b",
        hints=(
            "The weights are the same in both places. What else does an engine need to answer?",
            "Who turned the question into tokens, and how would you see that it did so rightly?",
        ),
    ),
)
