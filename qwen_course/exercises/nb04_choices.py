"""The exercises of notebook 04 in which one chooses; each wrong choice says why it is wrong."""

from qwen_course.exercises.exercise import Choice, Option

CHOICES = (
    Choice(
        id="04.2",
        title="one large weight",
        task=(
            "Of a matrix with a million weights one is fifty times as large as all others. You store it in 4 bits and can\n"
            "afford half a bit per weight more. What helps most?"
        ),
        options={
            "a": Option(
                "Cutting the large weight down to the size of the others.",
                "The others gain, but such a weight is rarely an accident: what flows through it is cut down too. And it costs no bits, so half a bit is left over.",
            ),
            "b": Option(
                "A scale of its own for each block of 64 weights.",
                "The large weight spoils the 63 neighbours in its block and no others; a 32-bit scale for 64 weights costs just that half bit.",
            ),
            "c": Option(
                "More levels for the whole matrix: 4.5 bits instead of 4.",
                "Half a bit makes 22 levels of 16. Most of them still lie between the large weight and the others, where no weight is.",
            ),
            "d": Option(
                "Double quantization.",
                "It makes the scales cheaper. How well the weights are kept depends on how many scales there are.",
            ),
        },
        right="b",
        hints=(
            "How far apart are the levels when the largest of them must reach the outlier?",
            "For how many of the million weights does that hold, with one scale, and with one for each block?",
        ),
    ),
    Choice(
        id="04.4",
        title="a mixture that does not shrink",
        task=(
            "A colleague loads a Qwen3-MoE with `BitsAndBytesConfig(load_in_4bit=True)` and transformers 5. No error, no\n"
            "warning, but the GPU is as full as before. What do you say?"
        ),
        options={
            "a": Option(
                "The tokenizer and the cache take the rest.",
                "A tokenizer takes megabytes. The cache of an empty conversation takes nothing.",
            ),
            "b": Option(
                "4 bits only count once the model is saved and loaded again.",
                "The weights are quantized while they are loaded. Saving keeps what is there.",
            ),
            "c": Option(
                "The experts, nearly all of the weights, are no `nn.Linear` and stayed in 16 bits.",
                "The library replaces `nn.Linear` and nothing else, and in transformers 5 the experts of a layer are one tensor. Count the bytes after loading.",
            ),
            "d": Option(
                "Mixtures of experts cannot be quantized.",
                "They can: official checkpoints in FP8, GPTQ and GGUF exist. It is this way of loading that passes them by.",
            ),
        },
        right="c",
        hints=(
            "Which modules did the library replace in section 6, and which did it leave?",
            "Which kind of weight makes up most of a mixture? Look at the last table of that section.",
        ),
    ),
    Choice(
        id="04.8",
        title="which file for which place",
        task=(
            "Your team wants one Qwen3-8B on a laptop without an NVIDIA GPU, in about 5 GB, and the answers must come quickly.\n"
            "Which file do you look for?"
        ),
        options={
            "a": Option(
                "The FP8 checkpoint, in vLLM.",
                "It takes a byte for each weight, which is too much here, and its speed comes from GPUs that multiply in FP8.",
            ),
            "b": Option(
                "The bfloat16 checkpoint, loaded with `load_in_4bit=True`.",
                "It would fit. But the whole 16-bit file is downloaded and read first, and on many CPUs its kernels are slow; it is the way for experiments and for QLoRA.",
            ),
            "c": Option(
                "An AWQ checkpoint, in vLLM.",
                "4 bits and good quality; but its kernels are made for GPUs.",
            ),
            "d": Option(
                "A GGUF file of about 4.5 bits, in llama.cpp or Ollama.",
                "Its kernels are written for CPUs and Apple's GPUs, and the file is read as it is. Notebook 08 measures one.",
            ),
        },
        right="d",
        hints=(
            "Strike out what needs an NVIDIA GPU.",
            "Of what is left: which format is read as it is, and has kernels for this machine?",
        ),
    ),
)
