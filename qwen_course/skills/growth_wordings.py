"""The wordings of the growth skill: question | answer. What each placeholder means stands above each table."""

from __future__ import annotations

Wordings = tuple[str, ...]

# {p}: the rate as people write it, {r}: the bare rate, {n}: the number, {v}: the result
PART: tuple[Wordings, Wordings] = (
    (
        "What is {p} of {n}?|{r} % of {n} is {v}.", "How much is {p} of {n}?|{r} % of {n} is {v}.", "Calculate {p} of {n}.|{r} % of {n} is {v}.",
        "{p} of {n} = ?|{r} % of {n} is {v}.", "Find {p} of {n}.|{r} % of {n} is {v}.", "{n} 的 {p} 是多少？|{n} 的 {r} % 是 {v}。",
        "Take {p} of {n}. What do you get?|{r} % of {n} is {v}.", "Of {n} guests, {p} came by bus. How many guests came by bus?|{v} guests came by bus.",
        "A class has {n} books and {p} of them are new. How many books are new?|{v} books are new.", "{p} of {n} dollars is how much?|{r} % of {n} dollars is {v} dollars.",
        "A bag costs {n} dollars and the tax is {p}. How much is the tax?|The tax is {v} dollars.", "计算 {n} 的 {p}。|{n} 的 {r} % 是 {v}。",
        "{p} of the {n} trees are old. How many trees are old?|{v} trees are old.", "{name} has read {p} of the {n} pages. How many pages has {name} read?|{name} has read {v} pages.",
        "I sold {p} of my {n} eggs. How many eggs did I sell?|You sold {v} eggs.", "{p} of {n} people in a room are asleep. How many people are asleep?|{v} people are asleep.",
        "Tell me {p} of {n}.|{r} % of {n} is {v}.", "Of the {n} places {p} are free. How many places are free?|{v} places are free.",
    ),
    ("Can you tell me {p} of {n}?|{r} % of {n} is {v}.", "{p} of the {n} seats are taken. How many seats are taken?|{v} seats are taken."),
)  # fmt: skip
UP: tuple[Wordings, Wordings] = (
    (
        "Increase {n} by {p}.|{n} increased by {r} % is {v}.", "What is {n} increased by {p}?|{n} increased by {r} % is {v}.",
        "Add {p} to {n}.|{n} increased by {r} % is {v}.", "{n} grows by {p}. What is it then?|{n} increased by {r} % is {v}.",
        "A coat costs {n} dollars. The price goes up by {p}. What is the new price?|The new price is {v} dollars.",
        "The rent was {n} dollars and rises by {p}. How much is it now?|Now it is {v} dollars.", "{n} 增加 {p} 后是多少？|结果是 {v}。",
        "{name} earns {n} dollars and gets {p} more. How much does {name} earn now?|{name} earns {v} dollars.",
        "A club had {n} members and gained {p}. How many members does it have?|The club has {v} members.", "What is {n} plus {p} of it?|{n} increased by {r} % is {v}.",
        "A trip for {n} dollars is {p} more expensive this year. What does it cost?|It costs {v} dollars.", "Tea for {n} dollars gets more expensive by {p}. What is the new price?|The new price is {v} dollars.",
        "{name} raises the price of {n} dollars by {p}. What is the price now?|The price is {v} dollars.", "The number {n} was raised by {p}. What is it now?|{n} increased by {r} % is {v}.",
        "A road of {n} km becomes {p} longer. How long is it?|It is {v} km long.", "Make {n} larger by {p}.|{n} increased by {r} % is {v}.",
    ),
    ("Raise {n} by {p}.|{n} increased by {r} % is {v}.", "A ticket for {n} dollars becomes {p} more expensive. What does it cost?|It costs {v} dollars."),
)  # fmt: skip
DOWN: tuple[Wordings, Wordings] = (
    (
        "Decrease {n} by {p}.|{n} decreased by {r} % is {v}.", "What is {n} decreased by {p}?|{n} decreased by {r} % is {v}.",
        "Take {p} off {n}.|{n} decreased by {r} % is {v}.", "{n} falls by {p}. What is it then?|{n} decreased by {r} % is {v}.",
        "A coat costs {n} dollars. The price goes down by {p}. What is the new price?|The new price is {v} dollars.",
        "There is a discount of {p} on a bike for {n} dollars. What do I pay?|You pay {v} dollars.", "{n} 减少 {p} 后是多少？|结果是 {v}。",
        "A shirt for {n} dollars is {p} cheaper today. What does it cost?|It costs {v} dollars.",
        "A club had {n} members and lost {p}. How many members does it have?|The club has {v} members.", "What is {n} minus {p} of it?|{n} decreased by {r} % is {v}.",
        "A road of {n} km is made {p} shorter. How long is it now?|It is {v} km long.", "The film of {n} minutes is {p} shorter in the new version. How many minutes is it?|It has {v} minutes.",
        "{name} reduces the price of {n} dollars by {p}. What is the price now?|The price is {v} dollars.", "The number {n} was reduced by {p}. What is it now?|{n} decreased by {r} % is {v}.",
        "A bag of {n} dollars becomes {p} cheaper. What does it cost?|It costs {v} dollars.", "Make {n} smaller by {p}.|{n} decreased by {r} % is {v}.",
    ),
    ("Reduce {n} by {p}.|{n} decreased by {r} % is {v}.", "A book of {n} pages becomes {p} shorter. How many pages does it have?|It has {v} pages."),
)  # fmt: skip

# {who}: who has it, {amount}: how many at first, {what}: of what, {n}: years, {y0} {y1}: first and last calendar year, {goal}: the amount to reach.
SUBJECTS = (
    ("a city", "people"), ("a town", "people"), ("an island", "people"), ("an app", "users"), ("a website", "users"), ("a service", "users"), ("a game", "players"),
    ("a forest", "trees"), ("a company", "customers"), ("a shop", "customers"), ("a club", "members"), ("a newspaper", "readers"), ("a channel", "viewers"), ("a library", "books"),
    ("a museum", "visitors"), ("a lake", "fish"),
)  # fmt: skip
AFTER: tuple[Wordings, Wordings] = (
    (
        "{who} has {amount} {what} and grows {p} a year. How many {what} does it have after {n} years?",
        "{who} has {amount} {what}. The number grows by {p} every year. How many {what} will it have in {n} years?",
        "{who} starts with {amount} {what} and gains {p} each year. How many are there after {n} years?",
        "The number of {what} is {amount} and rises {p} per year. What is it after {n} years?",
        "In {y0} {who} had {amount} {what}. With growth of {p} a year, how many will it have in {y1}?",
        "{who} had {amount} {what} in {y0}. The number goes up {p} every year. How many {what} are there in {y1}?",
        "{amount} {what}, {p} more every year: how many after {n} years?",
        "If {who} with {amount} {what} grows {p} annually, how many {what} will it have after {n} years?",
        "{name} puts {amount} dollars in a bank that pays {p} a year. How much is it after {n} years?",
        "Sales are {amount} dollars in {y0} and grow {p} a year. How much are they in {y1}?",
        "A debt of {amount} dollars grows {p} every year. How much is it after {n} years?",
        "What are {amount} dollars worth after {n} years at {p} a year?",
    ),
    (
        "{who} with {amount} {what} grows by {p} yearly. How many {what} will there be after {n} years?",
        "In {y0} {who} counts {amount} {what}, and {p} more each year. How many are there in {y1}?",
        "{name} saves {amount} dollars at {p} interest a year. What is it worth in {n} years?",
    ),
)  # fmt: skip
REACH: tuple[Wordings, Wordings] = (
    (
        "{who} has {amount} {what} in {y0} and grows {p} a year. Will it have {goal} {what} by {y1}?",
        "The goal for {who} is {goal} {what} by {y1}. It has {amount} in {y0} and grows by {p} each year. Will it reach the goal?",
        "{who} has {amount} {what}, growing {p} annually. Can it reach {goal} in {n} years?",
        "With {amount} {what} today and {p} growth a year, are {goal} possible in {n} years?",
        "{who} had {amount} {what} in {y0}. The goal is {goal} in {y1}. Is growth of {p} a year enough?",
        "Is it possible to go from {amount} to {goal} {what} in {n} years with {p} growth each year?",
        "{who} gains {p} a year and has {amount} {what}. Are there {goal} or more after {n} years?",
        "The sales of a company were ${amount} in {y0} and grow {p} a year. Will they reach ${goal} by {y1}?",
        "A firm earned {amount} dollars in {y0}. It earns {p} more every year. Does it earn at least {goal} dollars in {y1}?",
        "{name} has {amount} dollars and gets {p} a year on it. Is it at least {goal} dollars after {n} years?",
        "Our income of ${amount} in {y0} rises by {p} yearly. We need ${goal} in {y1}. Is that possible?",
        "{who} wants {goal} {what} in {n} years. Now it has {amount}, and {p} more each year. Is that enough?", "The dream of {who} is to have {goal} {what} in {n} years. It has {amount} now and gains {p} a year. Does the dream come true?",
        "{goal} {what} in {n} years is the target. {who} has {amount} today and grows {p} a year. Does it work?", "{name} plans to have {goal} dollars in {y1}. In {y0} it is {amount} dollars, and it grows by {p} each year. Does the plan work?",
        "In {y0} {who} has {amount} {what}, growing {p} annually. If it wants {goal} {what} by {y1}, is that possible?", "A product had {amount} users in {y0} and gains {p} annually. We want to reach {goal} users by {y1}. Can we?",
        "If sales of ${amount} in {y0} grow by {p} a year, are ${goal} by {y1} possible?", "A company's income grows by {p} each year. It was {amount} dollars in {y0}, and the owners want {goal} dollars by {y1}. Will they get there?",
    ),
    (
        "In {y0} a product has {amount} users, growing {p} annually. If we want to reach {goal} users by {y1}, is that possible?",
        "The plan for {who} is {goal} {what} in {n} years. It has {amount} now and grows {p} a year. Does the plan work?",
    ),
)  # fmt: skip
TAILS: tuple[Wordings, Wordings] = (
    (" If not, which growth rate is needed?", " If not, how fast must it grow?", " If no, what rate would be enough?", " If not, what yearly growth is necessary?"),
    (" If not, what growth rate is necessary?",),
)  # fmt: skip
WHEN: tuple[Wordings, Wordings] = (
    (
        "{who} has {amount} {what} in {y0} and grows {p} a year. In which year does it pass {goal} {what}?",
        "In {y0} {who} had {amount} {what}. It grows by {p} every year. When are there more than {goal}?",
        "Sales of ${amount} in {y0} grow {p} a year. Which year is the first with more than ${goal}?",
        "The number of {what} was {amount} in {y0} and rises {p} per year. In what year is it above {goal}?",
        "{who} has {amount} {what} and grows {p} a year. How many years does it take to pass {goal}?",
        "{amount} {what}, {p} more every year: after how many years are there more than {goal}?",
        "{name} has {amount} dollars and gets {p} a year on it. How many years until it is more than {goal} dollars?",
        "How many years does {who} with {amount} {what} need to pass {goal} {what} if it grows {p} annually?",
        "{who} gains {p} each year and starts with {amount} {what}. After how many years does it have more than {goal}?", "In {y0} {who} counts {amount} {what} and gains {p} a year. In which year will it pass {goal}?",
    ),
    (
        "{who} with {amount} {what} in {y0} gains {p} each year. In which year will it have more than {goal}?",
        "{who} starts with {amount} {what} and gains {p} each year. In how many years will it have more than {goal}?",
    ),
)  # fmt: skip
# Word for word the example problem of the document that the course grew from.
SOURCE_QUESTION = (
    "A company's revenue grows by 15% each year. If they had $2 million in revenue in 2020, and they want to reach $5 million by 2025, "
    "will they achieve this goal? If not, what growth rate would they need?"
)
