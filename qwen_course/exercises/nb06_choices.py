"""The exercises of notebook 06 in which one chooses; each wrong choice says why it is wrong."""

from qwen_course.exercises.exercise import Choice, Option

CHOICES = (
    Choice(
        id="06.1",
        title="which number wakes you at night?",
        task="You may set one alarm on the speed of a chat service. On which figure?",
        options={
            "a": Option(
                "The mean time end to end, over the last day.",
                "One slow request in twenty hardly moves it, and over a day a bad hour disappears in it.",
            ),
            "b": Option(
                "The longest time of all, since the start.",
                "It only ever rises: one odd request in January, and the alarm rings for ever, or is switched off.",
            ),
            "c": Option(
                "p95 of the time to first token, over the last minutes.",
                "It says how long nearly everybody stares at an empty screen, soon after it begins, and one odd request does not ring it.",
            ),
            "d": Option(
                "Tokens per second of the whole machine.",
                "It is high when many wait: the fuller the batch, the more tokens, while each user waits longer.",
            ),
        },
        right="c",
        hints=(
            "Which of the four would a single odd request ring, and which would one slow request in twenty not even move?",
            "What does a user of a chat see first, and over what time must the figure be taken to ring today?",
        ),
    ),
    Choice(
        id="06.6",
        title="a label too many",
        task="A colleague wants to see who is slow and proposes a label `user` on each metric. What do you say?",
        options={
            "a": Option(
                "Yes, but with the user's name hashed, so that it is private.",
                "There are still as many series as users; and a hash that is always the same still follows a person through all graphs.",
            ),
            "b": Option(
                "No: each value of a label is a time series of its own, and names of people do not belong there.",
                "Labels take values from a short fixed list. Who asked belongs into the audit log, under its key and its deletion date.",
            ),
            "c": Option(
                "Yes, Prometheus is a database and can hold it.",
                "Each of the histograms has some twenty series per combination of labels: with every new user they multiply, until it falls over.",
            ),
            "d": Option(
                "No, but the prompt's first words would make a fine label.",
                "They are as endless as users are, and they are what people confided to you.",
            ),
        },
        right="b",
        hints=(
            "How many lines does `/metrics` have per histogram? And with a label that takes ten thousand values?",
            "Who may see the dashboard, and who may see who asked what?",
        ),
    ),
    Choice(
        id="06.8",
        title="what the log may hold",
        task="A log is to show whether the same text came twice, without holding it. The first draft writes `sha256(text)`, cut to 16 digits. Better?",
        options={
            "a": Option(
                "No, a hash cannot be reversed.",
                "It need not be: hash all short texts and names that you can think of, and compare. The cell above did that.",
            ),
            "b": Option(
                "All 64 digits of it.",
                "Guessing works the same with 64 digits; the text is as short as before.",
            ),
            "c": Option(
                "An HMAC with a secret key from the environment, and the log deleted in time.",
                "Without the key nobody can try guesses; with it, its owner still finds a text again. And what is deleted cannot leak.",
            ),
            "d": Option(
                "The first 20 characters of the text, which are enough to recognise it.",
                "And enough to read it. Names and numbers often stand at the beginning.",
            ),
        },
        right="c",
        hints=(
            "Whoever steals the log has a list of common questions. What can be done with both?",
            "What would that thief lack, if the hash depended on something that is not in the log?",
        ),
    ),
)
