"""Kinds of text for the `document` skill: facts, how a text says them, and how they are asked for.

In sentences and questions {v} is the fact itself and {n} the person or thing that the text is about; several wordings are separated by " | ".
The last wording of every question is held out from training.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from qwen_course.skills.pools import CITIES, COLOURS, NAMES, PETS, SURNAMES, THINGS

Draw = Callable[[random.Random], str]
JOBS = tuple(
    "teacher doctor baker driver gardener nurse singer painter farmer pilot cook writer tailor fisher plumber".split()
)
DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
VEHICLES = ("train", "bus", "car", "ship", "plane", "bicycle")
SUBJECTS = ("music", "history", "biology", "physics", "geography", "chemistry", "sport", "art")
LANGUAGES = ("French", "Spanish", "Chinese", "Arabic", "Persian", "Turkish", "Japanese", "Hindi")
DISHES = ("soup", "bread", "salad", "cake", "stew", "pie", "rice", "curry", "pizza", "porridge")
WEATHER = ("sunny", "rainy", "cloudy", "windy", "snowy", "foggy")


def invented(rng: random.Random) -> str:
    """Return an invented name of two-letter syllables."""
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.choice((2, 3)))).capitalize()


def _from(pool: tuple[str, ...]) -> Draw:
    return lambda rng: rng.choice(pool)


def _number(low: int, high: int, unit: str = "", step: int = 1) -> Draw:
    return lambda rng: f"{rng.randrange(low, high + 1, step)}{unit}"


def person(rng: random.Random) -> str:
    """Return a first name, a full name or an invented one."""
    roll = rng.random()
    if roll < 0.25:
        return invented(rng)
    return rng.choice(NAMES) if roll < 0.75 else f"{rng.choice(NAMES)} {rng.choice(SURNAMES)}"


def city(rng: random.Random) -> str:
    """Return a city, one in four of them invented."""
    return invented(rng) if rng.random() < 0.25 else rng.choice(CITIES)


_thing, _pet, _colour, _day = _from(THINGS), _from(PETS), _from(COLOURS), _from(DAYS)


class Slot(NamedTuple):
    """Hold one fact of a text: how its value is drawn, said, asked for, answered, and named in the thinking."""

    topic: str
    value: Draw
    sentences: tuple[str, ...]
    questions: tuple[str, ...]
    answer: str


class Table(NamedTuple):
    """Hold a text about several people, each with one value, that can be asked for in both directions."""

    value: Draw
    sentences: tuple[str, ...]
    questions: tuple[str, ...]  # what has {n}?
    answer: str
    reverse: tuple[str, ...]  # who has {v}?
    reverse_answer: str


def _slot(topic: str, value: Draw, sentences: str, questions: str, answer: str) -> Slot:
    return Slot(topic, value, tuple(sentences.split(" | ")), tuple(questions.split(" | ")), answer)


def _table(value: Draw, sentences: str, questions: str, answer: str, reverse: str, reverse_answer: str) -> Table:
    return Table(value, *(part.split(" | ") for part in (sentences, questions)), answer, reverse.split(" | "), reverse_answer)  # fmt: skip


# kind: (what {n} is, first sentences, its facts); every text begins with a first sentence, where its kind has any
TEXTS: dict[str, tuple[Draw, tuple[str, ...], tuple[Slot, ...]]] = {
    "person": (person, (), (
        _slot("the age", _number(18, 99), "{n} is {v} years old. | {n} turned {v} this year. | The age of {n} is {v}.",
              "How old is {n}? | What is the age of {n}? | What age is {n}? | Tell me how old {n} is.", "{n} is {v} years old."),
        _slot("the home", city, "{n} lives in {v}. | The home of {n} is in {v}. | {n} has a flat in {v}.",
              "Where does {n} live? | In which city does {n} live? | Where is the home of {n}? | Tell me where {n} lives.", "{n} lives in {v}."),
        _slot("the job", _from(JOBS), "{n} works as a {v}. | {n} is a {v}. | The job of {n} is {v}.",
              "What is the job of {n}? | What does {n} work as? | Which job does {n} have? | How does {n} make a living? | What does {n} do for a living?", "{n} works as a {v}."),
        _slot("the pet", _pet, "{n} has a {v}. | At home {n} keeps a {v}. | The pet of {n} is a {v}.",
              "Which pet does {n} have? | What is the pet of {n}? | What animal does {n} keep? | What kind of animal does {n} own? | What kind of pet does {n} own?", "{n} has a {v}."),
        _slot("the favourite colour", _colour, "The favourite colour of {n} is {v}. | {n} likes {v} best of all colours. | {n} loves the colour {v}.",
              "What is the favourite colour of {n}? | Which colour does {n} like best? | Which colour does {n} love? | Tell me the favourite colour of {n}.", "The favourite colour of {n} is {v}."),
        _slot("the collection", _thing, "{n} collects {v}. | The hobby of {n} is to collect {v}. | In the evening {n} sorts a collection of {v}.",
              "What does {n} collect? | Which things does {n} collect? | What is in the collection of {n}? | Tell me what {n} collects.", "{n} collects {v}."),
    )),
    "shop": (invented, ("{n} is a shop.", "This is the shop {n}.", "We like the shop {n}."), (
        _slot("the opening time", _number(6, 11), "The shop opens at {v} o'clock. | {n} opens at {v}. | Doors open at {v} o'clock in the morning.",
              "When does {n} open? | At what time does the shop open? | When does the shop open? | What is the opening time of {n}?", "The shop opens at {v} o'clock."),
        _slot("the closing time", _number(16, 22), "The shop closes at {v} o'clock. | {n} closes at {v}. | The doors close at {v} o'clock in the evening.",
              "When does {n} close? | At what time does the shop close? | When does the shop close? | What is the closing time of {n}?", "The shop closes at {v} o'clock."),
        _slot("the closed day", _day, "On {v} the shop is closed. | {n} is closed on {v}. | Nobody works there on {v}.",
              "On which day is the shop closed? | On which day is {n} closed? | Which day is free at {n}? | What day is the shop shut?", "The shop is closed on {v}."),
        _slot("the owner", person, "The owner of {n} is {v}. | {n} belongs to {v}. | The shop is owned by {v}.",
              "Who owns {n}? | Who is the owner of the shop? | Who owns the shop? | To whom does {n} belong?", "The owner is {v}."),
        _slot("the goods", _thing, "{n} sells {v}. | You can buy {v} at {n}. | The shop is known for its {v}.",
              "What does {n} sell? | What can I buy at {n}? | What does the shop sell? | Which goods does {n} have?", "The shop sells {v}."),
        _slot("the city", city, "{n} is a shop in {v}. | You find {n} in {v}. | The shop stands in the middle of {v}.",
              "Where is {n}? | In which city is the shop? | Where is the shop? | Which city is {n} in?", "The shop is in {v}."),
    )),
    "trip": (person, ("{n} goes on a trip.", "{n} has a holiday.", "Soon {n} will travel."), (
        _slot("the start", city, "{n} starts in {v}. | The trip of {n} begins in {v}. | {n} leaves from {v}.",
              "Where does {n} start? | Where does the trip begin? | From which city does {n} leave? | Where does the trip of {n} start?", "The trip starts in {v}."),
        _slot("the goal", city, "{n} travels to {v}. | The goal of the trip is {v}. | {n} wants to see {v}.",
              "Where does {n} travel to? | What is the goal of the trip? | Which city does {n} want to see? | Where does {n} want to go?", "{n} travels to {v}."),
        _slot("the day", _day, "The trip begins on {v}. | {n} leaves on {v}. | The day of departure is {v}.",
              "On which day does {n} leave? | When does the trip begin? | On which day does the trip begin? | What is the day of departure?", "The trip begins on {v}."),
        _slot("the vehicle", _from(VEHICLES), "{n} goes by {v}. | The whole way is done by {v}. | {n} has chosen to go by {v}.",
              "How does {n} travel? | By what does {n} go? | Which vehicle does {n} take? | By which vehicle is the trip made?", "{n} goes by {v}."),
        _slot("the price", _number(20, 990), "The trip costs {v} dollars. | {n} pays {v} dollars for the trip. | The price of the trip is {v} dollars.",
              "What does the trip cost? | How much does {n} pay? | What is the price of the trip? | How many dollars does the trip cost?", "The trip costs {v} dollars."),
        _slot("the companion", person, "{n} travels with {v}. | {v} comes along. | The friend on the way is {v}.",
              "Who travels with {n}? | Who comes along? | With whom does {n} travel? | Who is the friend of {n} on the way?", "{v} comes along."),
    )),
    "company": (invented, ("{n} is a company.", "We looked at the company {n}.", "The company {n} is well known."), (
        _slot("the boss", person, "The boss of {n} is {v}. | {n} is led by {v}. | {v} leads the company.",
              "Who leads {n}? | Who is the boss of {n}? | Who leads the company? | Who is at the head of {n}?", "The boss is {v}."),
        _slot("the founding year", _number(1900, 2024), "{n} was founded in {v}. | The company began in {v}. | The company has existed since {v}.",
              "When was {n} founded? | In which year did the company begin? | Since when has the company existed? | What is the founding year of {n}?", "The company was founded in {v}."),
        _slot("the number of people", _number(5, 990), "{v} people work at {n}. | The company has {v} workers. | There are {v} people in the team of {n}.",
              "How many people work at {n}? | How many workers does the company have? | How many people are in the team? | What is the number of workers of {n}?", "{v} people work there."),
        _slot("the product", _thing, "{n} makes {v}. | The company produces {v}. | The main products of {n} are {v}.",
              "What does {n} make? | What does the company produce? | What are the main products of {n}? | Which product comes from {n}?", "The company makes {v}."),
        _slot("the city", city, "The office of {n} is in {v}. | {n} has its seat in {v}. | The company works in {v}.",
              "Where is the office of {n}? | In which city is the company? | Where does {n} have its seat? | Which city is {n} in?", "The company is in {v}."),
        _slot("the place of the factory", city, "Next year {n} will build a factory near {v}. | A factory is planned near {v}. | The company wants a factory near {v}.",
              "Where is a factory planned? | Where will the factory be? | Near which city does {n} want a factory? | Where will {n} build a factory?", "A factory is planned near {v}."),
    )),
    "school": (invented, ("{n} School has a good name.", "This is {n} School.", "We visited {n} School."), (
        _slot("the head", person, "The head of the school is {v}. | The school is led by {v}. | {v} is the head of {n} School.",
              "Who leads the school? | Who is the head of the school? | Who is the head of {n} School? | Who is at the head of the school?", "The head of the school is {v}."),
        _slot("the number of pupils", _number(50, 990), "The school has {v} pupils. | {v} pupils go to {n} School. | There are {v} pupils at the school.",
              "How many pupils does the school have? | How many pupils go to {n} School? | How many pupils are there? | What is the number of pupils?", "The school has {v} pupils."),
        _slot("the first lesson", _number(7, 10), "Lessons begin at {v} o'clock. | The first lesson is at {v} o'clock. | The bell rings for the first lesson at {v} o'clock.",
              "When do lessons begin? | When is the first lesson? | At what time does the first lesson begin? | At what time does the school day begin? | When does the school day start?", "Lessons begin at {v} o'clock."),
        _slot("the language", _from(LANGUAGES), "All pupils learn {v}. | The foreign language is {v}. | {n} School teaches {v} as a foreign language.",
              "Which language do the pupils learn? | Which foreign language is taught? | What is the foreign language? | What language does the school teach?", "The pupils learn {v}."),
        _slot("the favourite subject", _from(SUBJECTS), "The pupils like {v} best. | The favourite subject is {v}. | Most pupils love {v}.",
              "Which subject do the pupils like best? | What is the favourite subject? | Which subject do most pupils love? | What subject is liked most?", "The favourite subject is {v}."),
        _slot("the music teacher", person, "{v} teaches music. | The music teacher is {v}. | Music lessons are given by {v}.",
              "Who teaches music? | Who is the music teacher? | Who gives music lessons? | What is the name of the music teacher?", "The music teacher is {v}."),
    )),
    "recipe": (_from(DISHES), ("Today we make {n}.", "This is a recipe for {n}.", "Do you like {n}?"), (
        _slot("the time", _number(10, 90, step=5), "The {n} takes {v} minutes. | You need {v} minutes for the {n}. | It is done after {v} minutes.",
              "How long does the {n} take? | How many minutes does the {n} need? | After how many minutes is it done? | How much time do I need?", "It takes {v} minutes."),
        _slot("the eggs", _number(3, 12), "You need {v} eggs. | Take {v} eggs. | Put {v} eggs into a bowl. | Then mix {v} eggs with it.",
              "How many eggs do I need? | How many eggs are needed? | How many eggs go into the bowl? | What is the number of eggs?", "You need {v} eggs."),
        _slot("the heat", _number(120, 240, step=10), "The oven has {v} degrees. | Heat the oven to {v} degrees. | Set the oven to {v} degrees.",
              "How hot is the oven? | To how many degrees is the oven set? | How many degrees does the oven have? | What is the heat of the oven?", "The oven has {v} degrees."),
        _slot("the cook", person, "The recipe is from {v}. | {v} wrote down this recipe. | This is how {v} makes the {n}.",
              "Who wrote the recipe? | From whom is the recipe? | Who makes the {n} like this? | Whose recipe is this?", "The recipe is from {v}."),
        _slot("the salt", _number(3, 9), "Add {v} spoons of salt. | {v} spoons of salt are needed. | Mix in {v} spoons of salt. | You mix in {v} spoons of salt.",
              "How many spoons of salt are needed? | How much salt do I need? | How much salt is added? | How many spoons of salt do I take?", "You need {v} spoons of salt."),
        _slot("the guests", _number(10, 40), "It is enough for {v} guests. | With this you can feed {v} guests. | {v} guests will have enough to eat.",
              "For how many guests is it enough? | How many guests can I feed? | How many guests will have enough? | How many people can eat from it? | How many people does it feed?", "It is enough for {v} guests."),
    )),
    "match": (invented, ("{n} played a match.", "This is about a match of {n}.", "The team {n} had a match."), (
        _slot("the other team", invented, "{n} played against {v}. | The other team was {v}. | {n} met {v} in this match.",
              "Against whom did {n} play? | Who was the other team? | Which team did {n} meet? | Who played against {n}?", "{n} played against {v}."),
        _slot("the scorer", person, "The first goal was shot by {v}. | {v} shot the first goal. | The first goal came from {v}.",
              "Who shot the first goal? | From whom was the first goal? | Who was first to score? | Who scored the first goal?", "{v} shot the first goal."),
        _slot("the minute", _number(3, 90), "The first goal fell in minute {v}. | After {v} minutes the ball was in the net. | In minute {v} the fans saw the first goal.",
              "When did the first goal fall? | In which minute was the first goal? | After how many minutes was the first goal? | In what minute did the fans see a goal?", "The first goal fell in minute {v}."),
        _slot("the number of fans", _number(200, 990, step=10), "{v} fans came to the match. | The match was seen by {v} fans. | There were {v} fans.",
              "How many fans came? | How many fans saw the match? | How many fans were there? | What was the number of fans?", "{v} fans came."),
        _slot("the referee", person, "The referee was {v}. | {v} was the referee. | The match was led by the referee {v}.",
              "Who was the referee? | Who led the match? | What was the name of the referee? | Tell me who the referee was.", "The referee was {v}."),
        _slot("the weather", _from(WEATHER), "The weather was {v}. | It was a {v} day. | All the time it was {v}.",
              "How was the weather? | What was the weather like? | What kind of day was it? | Which weather was there?", "The weather was {v}."),
        _slot("the place", city, "The match was in {v}. | The teams played in {v}. | The stadium stands in {v}.",
              "Where was the match? | In which city did they play? | Where did the teams play? | Where does the stadium stand?", "The match was in {v}."),
    )),
    "concert": (person, ("{n} gives a concert.", "There is a concert by {n}.", "{n} has planned a concert."), (
        _slot("the day", _day, "The concert is on {v}. | {n} plays on {v}. | Come to the concert on {v}.",
              "Which day is the concert? | On which day is the concert? | On which day does {n} play? | What is the day of the concert?", "The concert is on {v}."),
        _slot("the hall", invented, "The concert is in {v} Hall. | The place is {v} Hall. | Come to {v} Hall.",
              "Where is the concert? | In which hall is the concert? | In which hall does {n} play? | Which hall is it?", "The concert is in {v} Hall."),
        _slot("the ticket price", _number(5, 95), "A ticket costs {v} dollars. | Tickets are {v} dollars. | The price of a ticket is {v} dollars.",
              "What does a ticket cost? | How much is a ticket? | What is the price of a ticket? | How many dollars is a ticket?", "A ticket costs {v} dollars."),
        _slot("the hour", _number(17, 22), "{n} begins at {v} o'clock. | The concert begins at {v} o'clock. | The music starts at {v} o'clock.",
              "At what time does the concert begin? | At what time does the music start? | At what time does {n} begin? | What is the starting time?", "The concert begins at {v} o'clock."),
        _slot("the number of seats", _number(50, 990, step=10), "There are {v} seats. | The hall has {v} seats. | Only {v} seats can be sold.",
              "How many seats are there? | How many seats does the hall have? | How many seats can be sold? | What is the number of seats?", "There are {v} seats."),
        _slot("the singer", person, "The singer is {v}. | {v} will sing. | The songs are sung by {v}.",
              "Who sings? | Who is the singer? | Who sings the songs? | What is the name of the singer?", "The singer is {v}."),
    )),
    "hotel": (invented, ("{n} is a hotel.", "We slept at the hotel {n}.", "This is the hotel {n}."), (
        _slot("the number of rooms", _number(10, 400), "The hotel has {v} rooms. | There are {v} rooms at {n}. | {n} is a hotel with {v} rooms.",
              "How many rooms does the hotel have? | How many rooms are there? | How many rooms does {n} have? | What is the number of rooms?", "The hotel has {v} rooms."),
        _slot("the breakfast", _number(6, 10), "Breakfast is at {v} o'clock. | You get breakfast at {v} o'clock. | The kitchen serves breakfast at {v} o'clock.",
              "When is breakfast? | At what time is breakfast? | When do I get breakfast? | When is breakfast served?", "Breakfast is at {v} o'clock."),
        _slot("the price", _number(30, 400), "A night costs {v} dollars. | One night is {v} dollars. | You pay {v} dollars for a night.",
              "What does a night cost? | How much is one night? | What do I pay for a night? | What is the price of a night?", "A night costs {v} dollars."),
        _slot("the manager", person, "The manager is {v}. | {v} is the manager of {n}. | The hotel is managed by {v}.",
              "Who is the manager? | Who manages the hotel? | Who is the manager of {n}? | What is the name of the manager?", "The manager is {v}."),
        _slot("the city", city, "{n} is in {v}. | The hotel stands in {v}. | You find the hotel in {v}.",
              "Where is {n}? | In which city is the hotel? | Where is the hotel? | Which city is the hotel in?", "The hotel is in {v}."),
        _slot("the colour", _colour, "The house is painted {v}. | All doors are {v}. | The hotel has {v} walls.",
              "Which colour does the hotel have? | What is the colour of the hotel? | Which colour is it? | How is the hotel painted?", "It is {v}."),
    )),
}  # fmt: skip
TABLES: dict[str, Table] = {
    "work": _table(city, "{n} works in {v}. | The office of {n} is in {v}. | {n} has a job in {v}.",
                   "Where does {n} work? | In which city does {n} work? | Where is the office of {n}? | Tell me where {n} works.", "{n} works in {v}.",
                   "Who works in {v}? | Who has a job in {v}? | Whose office is in {v}? | Name the person who works in {v}. | Which person works in {v}?", "{n} works in {v}."),
    "market": _table(_thing, "{n} sells {v}. | You can buy {v} from {n}. | {n} has {v} on the table.",
                     "What does {n} sell? | What can I buy from {n}? | What is on the table of {n}? | Which things does {n} sell?", "{n} sells {v}.",
                     "Who sells {v}? | From whom can I buy {v}? | Who has {v}? | Name the person who sells {v}. | Which person sells {v}?", "{n} sells {v}."),
    "pets": _table(_pet, "{n} has a {v}. | The {v} belongs to {n}. | {n} came with a {v}.",
                   "Which pet does {n} have? | What animal does {n} have? | What is the pet of {n}? | Which animal belongs to {n}?", "{n} has a {v}.",
                   "Who has a {v}? | To whom does the {v} belong? | Who came with a {v}? | Name the owner of the {v}. | Which person has a {v}?", "{n} has a {v}."),
    "ages": _table(_number(18, 99), "{n} is {v} years old. | {n} turned {v}. | The age of {n} is {v}.",
                   "How old is {n}? | What is the age of {n}? | What age is {n}? | Tell me how old {n} is.", "{n} is {v} years old.",
                   "Who is {v} years old? | Who turned {v}? | Whose age is {v}? | Which of them is {v}? | Which person is {v}?", "{n} is {v} years old."),
    "bicycles": _table(_colour, "{n} rides a {v} bicycle. | The {v} bicycle belongs to {n}. | The bicycle of {n} is {v}.",
                       "Which colour is the bicycle of {n}? | What colour does the bicycle of {n} have? | Which bicycle belongs to {n}? | What is the colour of the bicycle of {n}?",
                       "The bicycle of {n} is {v}.",
                       "Who rides a {v} bicycle? | Who has the {v} bicycle? | To whom does the {v} bicycle belong? | Name the person who rides a {v} bicycle. | Name the person with the {v} bicycle. | Whose bicycle is {v}?", "{n} has the {v} bicycle."),
    "days": _table(_day, "{n} comes on {v}. | On {v} it is the turn of {n}. | {n} has time on {v}.",
                   "On which day does {n} come? | When does {n} come? | When does {n} have time? | Which day is the day of {n}?", "{n} comes on {v}.",
                   "Who comes on {v}? | Whose turn is it on {v}? | Who has time on {v}? | Name the person who comes on {v}. | Which person comes on {v}?", "{n} comes on {v}."),
}  # fmt: skip
