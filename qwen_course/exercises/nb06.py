"""The exercises of notebook 06. They hold on any model: what depends on it is computed from the learner's own figures."""

from typing import Any

from qwen_course.exercises.exercise import Function, Judgement, Mistake, Value
from qwen_course.exercises.nb06_choices import CHOICES

TITLE = "Monitoring"

_PERCENTILE = '''\
def nearest_rank(values, share):
    """Return the smallest value that at least this share of the values does not exceed."""
    {body}'''


def _percentile(*lines: str) -> str:
    return _PERCENTILE.format(body="\n    ".join(lines))


_BUCKETS = '''\
def from_buckets(bounds, counts, share):
    """Estimate a percentile from a histogram: counts[i] requests took at most bounds[i] seconds."""
    {body}'''


def _buckets(*lines: str) -> str:
    return _BUCKETS.format(body="\n    ".join(lines))


def _reason(reason: str, figures: str) -> str:
    """Return what a reason lacks, or ""."""
    if not any(character.isdigit() for character in reason):
        return f"The reason names no number: quote the figures of your own {figures} that decided."
    if len(reason.split()) < 5:
        return "The reason is short: say in a sentence which figures decided."
    return ""


def _choose_places(answer: Any, given: Any) -> str:
    """Return what is wrong with the chosen number of places, computed from the learner's own load table, or ""."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not isinstance(answer[1], str):
        return 'A number and a text are expected: (clients, "because ...").'
    clients, reason = answer
    rows = {row["clients"]: row for row in given}
    if clients not in rows:
        return f"{clients!r} is none of the numbers of clients that you measured: {', '.join(map(str, rows))}."
    promise = 3 * given[0]["p95"]
    kept = {number: row for number, row in rows.items() if row["p95"] <= promise}
    if clients not in kept:
        return (
            f"With {clients} clients p95 was {rows[clients]['p95']:.2f} s, and the promise is {promise:.2f} s: "
            "the throughput may be the best, but the promise is broken."
        )
    best = max(kept, key=lambda number: kept[number]["per_second"])
    if clients != best:
        return (
            f"The promise is kept with {clients} clients. But another number keeps it too and answers more: "
            f"{kept[best]['per_second']:.2f} requests/s against {kept[clients]['per_second']:.2f}."
        )
    return _reason(reason, "load table")


def _choose_release(answer: Any, given: Any) -> str:
    """Return what is wrong with the release to take back, computed from the learner's own figures, or ""."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not isinstance(answer[1], str):
        return 'Two texts are expected: ("name of the release", "because ...").'
    name, reason = answer
    if name not in given:
        return f"{name!r} is no release; they are {', '.join(map(repr, given))}."
    lost = {release: figures["canaries lost"] for release, figures in given.items()}
    if lost[name] < max(lost.values()):
        found = ", ".join(f"{release} {number}" for release, number in lost.items())
        return f"Another release lost more of the known answers. Canaries lost since the baseline: {found}."
    return _reason(reason, "table of releases")


_OTHERS = (
    Function(
        id="06.2",
        title="write a percentile",
        task=(
            "Write the percentile that this course uses: the smallest of the values that at least `share` of them do not\n"
            "exceed. It is always a value that was really measured; nothing is interpolated. `values` come in any order."
        ),
        setup="import math\n\nimport qwen_course as qc",
        name="nearest_rank",
        starter=_percentile("..."),
        cases="[([5.0], 0.99), ([4, 1, 3, 2], 0.5), (list(range(100, 0, -1)), 0.95), ([1, 1, 1, 1, 9], 0.8), ([0.2, 0.1, 7.0], 0.9), ([3, 1, 2], 1)]",
        solution="import math\n\n\n"
        + _percentile("ranked = sorted(values)", "return ranked[math.ceil(share * len(ranked)) - 1]"),
        mistakes=(
            Mistake(
                _percentile("return values[math.ceil(share * len(values)) - 1]"),
                "The place is right, but the values are still in the order in which they came: sort them first.",
            ),
            Mistake(
                _percentile(
                    "ranked = sorted(values)", "return ranked[min(len(ranked) - 1, math.ceil(share * len(ranked)))]"
                ),
                "One place too far: the first value has the index 0, so rank r is at index r - 1.",
            ),
            Mistake(
                _percentile("return share * max(values)"),
                "That is a share of the largest value. A percentile is about how many requests, not how many seconds.",
            ),
            Mistake(
                _percentile("ranked = sorted(values)", "return ranked[int(share * len(ranked)) - 1]"),
                "Rounded down, the place is one too low: fewer than `share` of the values lie at or below it.",
            ),
        ),
        hints=(
            "Sort first. In the sorted list, how many values must lie at or below the one that you return?",
            "That many, rounded up: `import math`, then `math.ceil(share * len(ranked))`. And Python counts places from 0.",
        ),
        insight="A percentile is a place in a sorted list. It needs all values, so percentiles of several servers cannot be averaged.",
    ),
    Value(
        id="06.3",
        title="predict: the page that asks twenty times",
        task=(
            "One page of your site asks the model 20 times, each time independently, and is ready when the last reply is there.\n"
            "What share of the pages meets at least one reply slower than p99? Give a number between 0 and 1."
        ),
        expects="a share between 0 and 1",
        tolerance=0.02,
        solution="answer = 1 - 0.99**20",
        mistakes=(
            Mistake("answer = 0.01", "That is the share of *requests* beyond p99. A page makes twenty of them."),
            Mistake(
                "answer = 20 * 0.01",
                "Close, but added up: pages that meet two slow replies are counted twice. Ask how many meet none.",
            ),
            Mistake("answer = 0.99**20", "That is the share of pages that meet no slow reply at all."),
            Mistake("answer = 0.01**20", "That all twenty replies are slow is a very rare page. One is enough."),
        ),
        hints=(
            "What is the chance that one reply is *not* slower than p99? And that twenty in a row are not?",
            "`1 - 0.99**20`.",
        ),
        insight="The more requests stand behind one page, the more pages live in the tail: watch p99 although only one request in a hundred is there.",
    ),
    Function(
        id="06.4",
        title="a percentile from buckets",
        task=(
            "Prometheus keeps no values, only counts below fixed bounds, so it has to estimate. Write how: find the first bucket\n"
            "that reaches the rank `share * counts[-1]`, and go as far into it, from its lower to its upper bound, as the rank\n"
            "lies between the two counts. The first bucket begins at 0; the counts add up (each holds those before it)."
        ),
        name="from_buckets",
        starter=_buckets("..."),
        cases="[([0.1, 0.5, 1.0], [50, 90, 100], 0.5), ([0.1, 0.5, 1.0], [50, 90, 100], 0.95), ([0.1, 0.5, 1.0], [0, 0, 10], 0.5), ([0.02, 0.04, 0.08, 0.16], [5, 45, 95, 100], 0.9), ([1.0, 2.0], [8, 8], 0.25)]",
        solution=_buckets(
            "rank = share * counts[-1]",
            "lower, below = 0.0, 0",
            "for upper, count in zip(bounds, counts):",
            "    if count >= rank:",
            "        return lower + (upper - lower) * (rank - below) / (count - below)",
            "    lower, below = upper, count",
        ),
        mistakes=(
            Mistake(
                _buckets(
                    "rank = share * counts[-1]",
                    "for upper, count in zip(bounds, counts):",
                    "    if count >= rank:",
                    "        return upper",
                ),
                "The bucket is the right one. But its upper bound is the worst that it may be: go into it by the share of its requests.",
            ),
            Mistake(
                _buckets(
                    "rank = share * counts[-1]",
                    "lower = 0.0",
                    "for upper, count in zip(bounds, counts):",
                    "    if count >= rank:",
                    "        return lower + (upper - lower) * rank / count",
                    "    lower = upper",
                ),
                "The bucket is the right one. How far to go into it is a question of the requests *in* it, without those before.",
            ),
            Mistake(
                _buckets(
                    "rank = share * sum(counts)",
                    "lower, below = 0.0, 0",
                    "for upper, count in zip(bounds, counts):",
                    "    if count >= rank:",
                    "        return lower + (upper - lower) * (rank - below) / (count - below)",
                    "    lower, below = upper, count",
                    "return bounds[-1]",
                ),
                "The counts add up already: the last one is the number of all requests, not the sum of all counts.",
            ),
        ),
        hints=(
            "Walk over the buckets, and remember the bound and the count of the one before.",
            "In the bucket found, `count - below` requests lie between `lower` and `upper`; the rank is `rank - below` of them.",
            "`lower + (upper - lower) * (rank - below) / (count - below)`",
        ),
        insight="A percentile from buckets is as fine as its buckets: where all requests fall into one, the answer is little more than its bounds.",
    ),
    Judgement(
        id="06.5",
        title="how many at once?",
        task=(
            "You promise that 95 % of the requests take at most **three times** the p95 of a single client. Which of the measured\n"
            "numbers of clients do you admit at once, so that the promise is kept and the throughput is the best? `load` has the\n"
            'rows, each with `["clients"]`, `["per_second"]` and `["p95"]`. Answer with a reason that quotes your figures:\n'
            '`answer = (clients, "because ...")`.'
        ),
        given="load",
        solution=(
            'promise = 3 * load[0]["p95"]\n'
            'kept = [row for row in load if row["p95"] <= promise]\n'
            'best = max(kept, key=lambda row: row["per_second"])\n'
            "answer = (\n"
            '    best["clients"],\n'
            "    f\"because its p95 of {best['p95']:.2f} s keeps {promise:.2f} s at {best['per_second']:.1f} requests/s\",\n"
            ")"
        ),
        objection=_choose_places,
        model_answer=(
            "Of the rows whose p95 keeps the promise, the one with the most requests per second. Beyond the knee more clients raise "
            "only the waiting.\n\n"
            "What comes on top must be refused or must wait: `max_concurrent` is this number, `max_queue` so small that who waits "
            "there still gets an answer within the promise."
        ),
        mistakes=(
            Mistake(
                'best = max(load, key=lambda row: row["p95"])\nanswer = (best["clients"], "because 1 of 1 is best")',
                "but the promise is broken",
            ),
            Mistake('answer = (1, "because p95 is lowest with 1 client")', "answers more"),
            Mistake('answer = (3, "because three is a good number")', "none of the numbers of clients"),
            Mistake(
                'kept = [row for row in load if row["p95"] <= 3 * load[0]["p95"]]\n'
                'best = max(kept, key=lambda row: row["per_second"])\n'
                'answer = (best["clients"], "because the curve says so clearly")',
                "names no number",
            ),
        ),
        hints=(
            'First the promise: `3 * load[0]["p95"]`. Which rows keep it?',
            "Among those, the one with the largest `per_second`.",
        ),
        insight="Capacity is a number of requests *within a promise*. Without the promise, the most loaded server looks like the best.",
    ),
    Judgement(
        id="06.7",
        title="which release do you take back?",
        task=(
            "One of three releases got badly quantized weights. Which one do you take back, if one has to go? Judge by the figures\n"
            "alone: those that a change of quality moves, not those that move on a busy machine anyway. `releases` is the table as\n"
            'a dictionary. Answer with a reason that quotes your figures: `answer = ("name", "because ...")`.'
        ),
        given="releases",
        solution=(
            'name = max(releases, key=lambda name: releases[name]["canaries lost"])\n'
            "answer = (name, f\"because it lost {releases[name]['canaries lost']} of the known answers, more than any other\")"
        ),
        objection=_choose_release,
        model_answer=(
            "The release that lost most of the canaries. Time and tokens per second need not change at all when weights get worse: the "
            "same number of multiplications is done.\n\n"
            "Longer replies and more of them cut off (`length`) are a second sign, and one that needs no known answers: it shows in "
            "the traffic itself. But other questions on a Monday move it too."
        ),
        mistakes=(
            Mistake(
                'name = min(releases, key=lambda name: releases[name]["canaries lost"])\n'
                'answer = (name, "because it has the largest figures, 9 of 9")',
                "lost more of the known answers",
            ),
            Mistake('answer = ("the last one", "because the trouble began with 1 release")', "is no release"),
            Mistake(
                'name = max(releases, key=lambda name: releases[name]["canaries lost"])\n'
                'answer = (name, "because its answers are plainly worse")',
                "names no number",
            ),
            Mistake(
                'name = max(releases, key=lambda name: releases[name]["canaries lost"])\nanswer = (name, "lost 9")',
                "The reason is short",
            ),
        ),
        hints=(
            "Which rows of the table would look the same if the model answered nonsense at the same speed?",
            'Compare `releases[name]["canaries lost"]`.',
        ),
        insight="Speed, memory and errors say whether a model answers. Only questions with known answers say whether it answers well.",
    ),
)

EXERCISES = tuple(sorted((*_OTHERS, *CHOICES), key=lambda exercise: exercise.id))
