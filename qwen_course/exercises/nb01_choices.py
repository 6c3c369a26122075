"""The exercises of notebook 01 in which one chooses; each wrong choice says why it is wrong."""

from qwen_course.exercises.exercise import Choice, Option

CHOICES = (
    Choice(
        id="01.1",
        title="what an expert costs",
        task="A name ends in `30B-A3B`. What does that mean for your machine, next to a dense model of 3 billion parameters?",
        options={
            "a": Option(
                "It takes as much memory, and about as much time per token.",
                "Only the time is that of 3 billion: the router may pick any expert, so all must lie in memory.",
            ),
            "b": Option(
                "It takes as much memory, but ten times the time per token.",
                "It is the other way round: all the experts must be kept, and few of them are computed.",
            ),
            "c": Option(
                "It takes ten times the memory, and about as much time per token.",
                "All experts must be kept in memory, but one token passes through few of them.",
            ),
            "d": Option(
                "It takes ten times the memory, and ten times the time per token.",
                "The memory is right. But one token passes through a tenth of the weights only, and that makes the time.",
            ),
        },
        right="c",
        hints=(
            "What must be loaded before the first token comes? And what is multiplied for one token?",
            "The last cell compared a dense model with a mixture: look at which number was wrong for which.",
        ),
    ),
    Choice(
        id="01.3",
        title="a product in spring",
        task="Your company wants to ship a chat assistant on a small model, and sell it. Which of these may you build on?",
        options={
            "a": Option(
                "`Qwen/Qwen2.5-1.5B-Instruct`",
                "Apache-2.0 allows it, and it is tuned to chat. (Read the licence file before you ship, all the same.)",
            ),
            "b": Option(
                "`Qwen/Qwen2.5-3B-Instruct`: the rest of Qwen2.5 is free, so this is too.",
                "This is the trap in the middle of the ladder: of the Qwen2.5 sizes, 3B alone is for research only.",
            ),
            "c": Option(
                "`Qwen/Qwen2.5-Coder-3B-Instruct`: another line, another licence.",
                "The Coder line has the same trap at the same size: a research licence.",
            ),
            "d": Option(
                "`Qwen/Qwen3-4B-Base`: Apache-2.0, and newer.",
                "You may, but a base model only continues texts. It is raw material, no chat assistant.",
            ),
        },
        right="a",
        hints=(
            "Look at the columns `license` and `commercial_use` for each of the four.",
            "Two are forbidden. Of the other two, one cannot chat: see the column `variant`.",
        ),
    ),
    Choice(
        id="01.7",
        title="a table from a press release",
        task=(
            "A table shows a *base* model of 7 billion parameters at 85.4 % on HumanEval, and `Qwen/Qwen2.5-7B-Instruct`,\n"
            "copied from another paper, at 84.8 %. What follows?"
        ),
        options={
            "a": Option(
                "The new model is better at code, by a little.",
                "Half a point is less than a single task of HumanEval is worth, and the two numbers were not made alike.",
            ),
            "b": Option(
                "The new model is better at everything, since code is the hardest part.",
                "One benchmark says nothing about others: in the tables above, a model won at code and lost at knowledge.",
            ),
            "c": Option(
                "The new model will be far better still, once it is tuned to chat.",
                "That cannot be known: tuning moves such scores up and down, and a base model is asked in another way.",
            ),
            "d": Option(
                "Nothing: base beside tuned, two papers, and a difference smaller than one task.",
                "Any of the three would be enough to put the table aside.",
            ),
        },
        right="d",
        hints=(
            "Section 6 ends in three rules for tables of results. How many are broken here?",
            "HumanEval has 164 tasks. What is one of them worth, in percent?",
        ),
    ),
)
