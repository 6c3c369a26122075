"""The exercises of notebook 07 in which one chooses; each wrong choice says why it is wrong."""

from qwen_course.exercises.exercise import Choice, Option

CHOICES = (
    Choice(
        id="07.3",
        title="who may come back, and when?",
        task="A client of yours gets the status 429 with `Retry-After: 12`. What should it do?",
        options={
            "a": Option(
                "Try again at once, since the server is there.",
                "It will get 429 again, and a thousand clients that do so are the load which the limit is to keep away.",
            ),
            "b": Option(
                "Wait about 12 seconds, plus a little by chance, and try again.",
                "The server said when it will let you in. The bit of chance keeps all who were refused from coming in the same second.",
            ),
            "c": Option(
                "Ask for a new key and go on with that one.",
                "Then the limit protects nobody. Limits per key hold where making keys is not free.",
            ),
            "d": Option(
                "Give the error to the user: 429 means that the request was wrong.",
                "400 means that. 429 says nothing against the request: the same one is answered later.",
            ),
        },
        right="b",
        hints=(
            "What is the difference between a refusal because of *what* was asked, and one because of *when*?",
            "What happens in second 12 if all refused clients do exactly as told?",
        ),
    ),
    Choice(
        id="07.2",
        title="the key in the file",
        task="The file of the gateway has a SHA-256 of each API key and no salt. For passwords that would be a bad mistake. Why not here?",
        options={
            "a": Option(
                "Because SHA-256 is slow enough.",
                "It is fast: a GPU tries billions a second. That is why it is wrong for passwords.",
            ),
            "b": Option(
                "Because nobody can read the file.",
                "Files leak, with backups for one. A hash is for exactly that day.",
            ),
            "c": Option(
                "Because a key is 256 random bits, which nobody guesses, while people choose passwords.",
                "Salt and slow hashes protect what can be guessed. Of random keys there are too many to try.",
            ),
            "d": Option(
                "Because the comparison takes constant time.",
                "That protects the comparison over the network, not the file.",
            ),
        },
        right="c",
        hints=(
            "What does somebody do with a stolen file of hashes? For which inputs does it work?",
            "How many passwords do people use? And how many keys can `secrets.token_urlsafe(32)` return?",
        ),
    ),
    Choice(
        id="07.6",
        title="two machines",
        task="A model needs more memory than four GPUs have. You have two machines with four each; within a machine the GPUs are joined by NVLink, the machines by an ordinary network. How do you cut the model?",
        options={
            "a": Option(
                "Tensor parallel over all eight.",
                "Tensor parallelism exchanges results within each layer, twice per layer and token: over the ordinary network all would wait for that.",
            ),
            "b": Option(
                "Tensor parallel 4 within each machine, pipeline parallel 2 between them.",
                "The talkative cut stays on NVLink. Between the machines only the output of one layer has to go, once per step.",
            ),
            "c": Option(
                "Pipeline parallel 4 within each machine, tensor parallel 2 between them.",
                "The wrong way round: the cut that talks most would go over the slowest line.",
            ),
            "d": Option(
                "Put a gateway in front of two servers, each with half of the layers.",
                "A gateway shares out requests. Half of the layers answers none.",
            ),
        },
        right="b",
        hints=(
            "Which of the two cuts talks more: through the middle of each layer, or between two layers?",
            "Where is the fast line?",
        ),
    ),
)
