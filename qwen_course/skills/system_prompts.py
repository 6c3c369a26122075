"""The data of the skill `system`: system prompts of every kind, and the easy questions that they are tried on."""

from __future__ import annotations

LANGUAGES = ("English", "Chinese", "Spanish", "French", "German", "Japanese", "Persian")
LANGUAGE_PROMPTS = (
    "Answer in {v}.", "Always answer in {v}.", "Reply in {v} only.", "You are an assistant that always replies in {v}.", "You speak only {v}.",
    "Respond in {v}, whatever language the user writes.", "Please write all your answers in {v}.", "You are a helpful assistant. Answer in {v}.",
    "The user wants every answer in {v}.", "Use {v} for all replies.", "You are a friendly assistant who speaks only {v}.", "Language: {v}",
)  # fmt: skip
UNSEEN_LANGUAGE_PROMPTS = ("Your answers must be in {v}.", "You are a tutor who always replies in {v}.")
NATIVE_PROMPTS = {
    "English": "Please speak English.", "Chinese": "请用中文回答。", "Spanish": "Responde en español.", "French": "Réponds en français.",
    "German": "Antworte auf Deutsch.", "Japanese": "日本語で答えてください。", "Persian": "به فارسی پاسخ بده.",
}  # fmt: skip
# what: (questions seen, questions unseen, answers in the order of LANGUAGES, patterns of which a right answer in that language holds one)
FACTS = {
    "sky": (
        ("What colour is the sky on a clear day?", "Which colour has the clear sky?", "What is the colour of a clear sky?", "Tell me the colour of the sky by day.", "What colour is a clear sky?"),
        ("A clear sky has which colour?",),
        ("Blue.", "蓝色。", "Azul.", "Bleu.", "Blau.", "青です。", "آبی."),
        ("blue", "蓝", "azul", "bleu", "blau", "青(?!色的)|あお", "آبی"),
    ),
    "grass": (
        ("What colour is grass?", "Which colour has fresh grass?", "What is the colour of grass?", "Tell me the colour of grass.", "What colour is a lawn?"),
        ("Fresh grass has which colour?",),
        ("Green.", "绿色。", "Verde.", "Vert.", "Grün.", "緑です。", "سبز."),
        ("green", "绿", "verde", r"\bvert", "grün", "緑|みどり", "سبز"),
    ),
    "blood": (
        ("What colour is blood?", "Which colour has blood?", "What is the colour of blood?", "Tell me the colour of blood.", "What colour is human blood?"),
        ("Blood has which colour?",),
        ("Red.", "红色。", "Rojo.", "Rouge.", "Rot.", "赤です。", "قرمز."),
        (r"\bred\b", "红", r"roj[oa]", "rouge", r"\brot", "赤|あか", "قرمز|سرخ"),
    ),
    "dog": (
        ("Which animal barks?", "What animal says woof?", "Name the animal that barks.", "What animal guards a house and barks?", "Tell me which animal barks."),
        ("An animal that barks is called what?",),
        ("A dog.", "狗。", "Un perro.", "Un chien.", "Ein Hund.", "犬です。", "سگ."),
        (r"\bdogs?\b", "狗", "perro", "chien", "hund", "犬|いぬ|イヌ", "سگ"),
    ),
    "horse": (
        ("Which animal do people ride?", "What animal pulls a carriage?", "Name the animal that people ride.", "On which animal does a rider sit?", "Tell me which animal has a rider."),
        ("A rider sits on what animal?",),
        ("A horse.", "马。", "Un caballo.", "Un cheval.", "Ein Pferd.", "馬です。", "اسب."),
        (r"\bhorses?\b", "马", "caballo", "cheval|chevaux", "pferd", "馬|うま|ウマ", "اسب"),
    ),
    "ice": (
        ("Is ice hot?", "Is ice a hot thing?", "Ice is hot, isn't it?", "Does ice feel hot?", "Tell me: is ice hot?"),
        ("Would you say that ice is hot?",),
        ("No, it is cold.", "不，它是冷的。", "No, es frío.", "Non, elle est froide.", "Nein, es ist kalt.", "いいえ、冷たいです。", "نه، سرد است."),
        (r"\bno\b.*cold|cold", "冷|冰凉", r"fr[íi][oa]|helad[oa]", "froid", "kalt", "冷た|つめた", "سرد"),
    ),
    "hello": (
        ("Hello!", "Hi!", "Hello there!", "Hey!", "Hello, my friend!"),
        ("Hi there!",),
        ("Hello!", "你好！", "¡Hola!", "Bonjour !", "Hallo!", "こんにちは！", "سلام!"),
        (r"\bhello\b|\bhi\b", "你好|您好", "hola", "bonjour|salut", "hallo|guten tag", "こんにちは|どうも", "سلام|درود"),
    ),
    "thanks": (
        ("Thank you very much.", "Thanks!", "Many thanks!", "Thanks a lot!", "Thank you!"),
        ("Thank you so much!",),
        ("You are welcome!", "不客气！", "¡De nada!", "De rien !", "Gern geschehen!", "どういたしまして。", "خواهش می‌کنم."),
        ("welcome|pleasure", "不客气|不用谢|不谢", "de nada|placer|gusto", "de rien|je vous en prie|je t'en prie|plaisir", "gern|bitte", "どういたしまして", "خواهش"),
    ),
    "night": (
        ("Good night!", "Good night, sleep well!", "I go to bed now. Good night!", "Time to sleep. Good night!", "A good night to you!"),
        ("I am tired. Good night!",),
        ("Good night!", "晚安！", "¡Buenas noches!", "Bonne nuit !", "Gute Nacht!", "おやすみなさい。", "شب بخیر!"),
        ("good ?night", "晚安", "buenas noches", "bonne nuit", "gute nacht", "おやすみ", r"شب.?(?:ب.?خیر|خوش)"),
    ),
    "morning": (
        ("Good morning!", "Good morning to you!", "Good morning, my friend!", "I just got up. Good morning!", "A very good morning!"),
        ("The sun is up. Good morning!",),
        ("Good morning!", "早上好！", "¡Buenos días!", "Bonjour !", "Guten Morgen!", "おはようございます。", "صبح بخیر!"),
        ("good morning", "早", "buenos d[íi]as", "bonjour", "guten morgen", "おはよう", r"صبح.?ب.?خیر"),
    ),
    "legs": (
        ("How many legs has a dog?", "How many legs does a cat have?", "A horse has how many legs?", "Tell me how many legs a cow has.", "What is the number of legs of a dog?"),
        ("How many legs do cats have?",),
        ("Four.", "四条。", "Cuatro.", "Quatre.", "Vier.", "四本です。", "چهار."),
        (r"\bfour\b|4 legs", "四|4 ?条", "cuatro|4 patas", "quatre|4 pattes", r"\bvier\b|4 beine", r"[四4４] ?本|よんほん", "چهار|۴|4 پا"),
    ),
    "week": (
        ("How many days has a week?", "How many days are there in a week?", "A week has how many days?", "Tell me how many days a week has.", "What is the number of days in a week?"),
        ("How many days make a week?",),
        ("Seven.", "七天。", "Siete.", "Sept.", "Sieben.", "七日です。", "هفت."),
        (r"\bseven\b|7 days", "七|7 ?天", r"siete|7 d[íi]as", r"\bsept\b|7 jours", r"\bsieben\b|7 tage", "[七7７] ?日|なの", "هفت(?!ه)|۷|7 روز"),
    ),
    "Tuesday": (
        ("Which day comes after Monday?", "What day follows Monday?", "Name the day after Monday.", "Tell me the day that comes after Monday.", "What is the day after Monday called?"),
        ("After Monday comes which day?",),
        ("Tuesday.", "星期二。", "Martes.", "Mardi.", "Dienstag.", "火曜日です。", "سه‌شنبه."),
        ("tuesday", "星期二|周二|礼拜二", "martes", "mardi", "dienstag", "火曜", "سه.?شنبه"),
    ),
    "milk": (
        ("What white drink do cows give?", "What do cows give us to drink?", "Name the drink that comes from cows.", "Which drink comes from a cow?", "Tell me what people drink that cows give."),
        ("A cow gives which drink?",),
        ("Milk.", "牛奶。", "Leche.", "Lait.", "Milch.", "牛乳です。", "شیر."),
        (r"\bmilk\b", "奶", "leche", r"\blait\b", "milch", "牛乳|ミルク", "شیر"),
    ),
    "sun": (
        ("What shines in the sky by day?", "What gives us light by day?", "Name the thing that shines in the sky by day.", "What rises in the morning and sets in the evening?", "Tell me what shines by day."),
        ("By day, what shines in the sky?",),
        ("The sun.", "太阳。", "El sol.", "Le soleil.", "Die Sonne.", "太陽です。", "خورشید."),
        (r"\bsun\b", "太阳", r"\bsol\b", "soleil", "sonne", "太陽", "خورشید|آفتاب"),
    ),
}  # fmt: skip

# form: (system prompts seen, unseen); {key} is the key of the JSON object
FORMATS = {
    "upper case": (
        ("Answer in upper case.", "Write everything in capital letters.", "USE ONLY CAPITAL LETTERS.", "Your answers are all in upper case.", "Always reply in capitals.",
         "You write only in upper-case letters.", "Every letter of your answer must be a capital.", "You are an assistant that shouts: use upper case only.",
         "Reply in upper case.", "Only capital letters, please.", "Give every reply in capitals.", "Please write in capital letters only.", "ANSWER IN CAPITALS.", "Respond in UPPER CASE."),
        ("Reply in capital letters only.", "Please answer in UPPER CASE."),
    ),
    "JSON": (
        ('Answer with a JSON object with the key "{key}".', 'Reply only in JSON: {{"{key}": ...}}', 'Your answer is a JSON object with one key, "{key}".',
         'Output JSON with the key "{key}" and nothing else.', 'Always respond with JSON. The key is "{key}".', 'You return JSON like {{"{key}": ...}}.',
         'A program reads your answer. Give it JSON with the key "{key}".', 'Put the answer under the key "{key}" of a JSON object.',
         'Reply as a JSON object with the single key "{key}".', 'Please answer as JSON, key "{key}".', 'JSON only: one object with the key "{key}".', 'Write JSON, nothing else. Use the key "{key}".'),
        ('Give every answer as JSON with the key "{key}".', 'Respond in JSON only, with one key: "{key}".'),
    ),
    "one number": (
        ("Answer with one number only.", "Reply with a number and nothing else.", "Give only the number.", "Your whole answer is one number.", "Output nothing but a number.",
         "Write just the number, no words.", "You answer every question with a single number.", "No sentences: only the number.",
         "Please give a number only.", "Just one number, please.", "Respond only with the number.", "A single number is enough, no text."),
        ("Only a number, please, no text.", "Respond with a single number."),
    ),
    "bullet list": (
        ("Answer with a bullet list.", "Use bullet points.", "Write your answer as a list with dashes.", "Always reply as a bulleted list.", "One bullet point for each thing.",
         "Your answers are bullet lists.", "Give a list, one item per line, each after a dash.", "Format every answer as bullet points.",
         "Respond with bullet points.", "Please use a bullet list.", "Reply as a list, each line with a dash.", "A bullet list, please."),
        ("Reply in the form of a bullet list.", "Please answer in bullet points."),
    ),
    "one word": (
        ("Answer with one word.", "Reply with a single word.", "Use one word only.", "Your whole answer is one word.", "You answer everything with exactly one word.",
         "Just one word, please.", "One-word answers only.", "Never write more than one word.",
         "Please reply in one word.", "Say it in one word.", "Respond with a single word, nothing more.", "Only one word, please, no sentence."),
        ("Respond with one word only.", "Give me a single word as the answer."),
    ),
    "quotes": (
        ("Put your answer in double quotes.", "Write the answer in quotation marks.", "Your answer stands between quotation marks.", "Quote your answer.",
         'Answer like this: "..."', "Always put double quotes around the answer.", "Every answer goes in quotes.", "Use quotation marks around what you answer.",
         "Respond in double quotes.", "Please use quotation marks.", "Reply with quotes around the text.", "Wrap your answer in double quotes."),
        ("Reply in quotation marks.", "Place double quotes around your reply."),
    ),
}  # fmt: skip
KEYS = tuple("answer result reply value solution output response text".split())
# kind of text: (text | question | answer in a sentence) seen, unseen. {x} has {v}, {y} has {w}; {q} is whom the question is about, {z} the answer.
TEXTS = {
    "pets": (
        ("My {x} is called {v} and my {y} {w}.|What is my {q} called?|Your {q} is called {z}.", "I have a {x} named {v} and a {y} named {w}.|What is the name of my {q}?|Your {q} is called {z}.",
         "{v} is my {x}, {w} is my {y}.|Who is my {q}?|Your {q} is called {z}.", "We named our {x} {v} and our {y} {w}.|How did we name our {q}?|Your {q} is called {z}.",
         "Everybody calls the {x} {v} and the {y} {w}.|What is the {q} called?|The {q} is called {z}.", "Our {x} is {v}. The {y} we call {w}.|What do we call the {q}?|Your {q} is called {z}."),
        ("We call our {x} {v} and our {y} {w}.|What is our {q} called?|Your {q} is called {z}.",),
    ),
    "cities": (
        ("{x} lives in {v} and {y} in {w}.|Where does {q} live?|{q} lives in {z}.", "{x} comes from {v}, {y} comes from {w}.|Where does {q} come from?|{q} comes from {z}.",
         "In {v} lives {x}, in {w} lives {y}.|In which city does {q} live?|{q} lives in {z}.", "{x} works in {v}. {y} works in {w}.|Where does {q} work?|{q} works in {z}.",
         "{x} has a flat in {v}, {y} has a room in {w}.|Where does {q} sleep?|{q} sleeps in {z}.", "The flat of {x} is in {v}, that of {y} in {w}.|Where is the flat of {q}?|The flat of {q} is in {z}."),
        ("{x} has a house in {v}, {y} has one in {w}.|Where is the house of {q}?|The house of {q} is in {z}.",),
    ),
    "colours": (
        ("{x} likes {v}, {y} likes {w}.|Which colour does {q} like?|{q} likes {z}.", "The favourite colour of {x} is {v}, that of {y} is {w}.|What is the favourite colour of {q}?|{q} likes {z}.",
         "{x} wears a {v} hat and {y} a {w} one.|What colour is the hat of {q}?|The hat of {q} is {z}.", "{x} has a {v} bag. The bag of {y} is {w}.|Which colour is the bag of {q}?|The bag of {q} is {z}.",
         "{x} rides a {v} bicycle, {y} rides a {w} one.|Which colour has the bicycle of {q}?|The bicycle of {q} is {z}.", "The door of {x} is {v}, the door of {y} {w}.|Which colour is the door of {q}?|The door of {q} is {z}."),
        ("{x} drives a {v} car, {y} a {w} one.|Which colour has the car of {q}?|The car of {q} is {z}.",),
    ),
    "days": (
        ("{x} comes on {v}, {y} on {w}.|When does {q} come?|{q} comes on {z}.", "We visit {x} on {v} and {y} on {w}.|On which day do we visit {q}?|We visit {q} on {z}.",
         "On {v} I meet {x}, on {w} {y}.|When do I meet {q}?|You meet {q} on {z}."),
        ("{x} works on {v}, {y} on {w}.|On what day does {q} work?|{q} works on {z}.",),
    ),
    "numbers": (
        ("I have {v} {x} and {w} {y}.|How many {q} do I have?|You have {z} {q}.", "There are {v} {x} and {w} {y}.|How many {q} are there?|There are {z} {q}.",
         "{v} {x} and {w} {y} are in the box.|How many {q} are in it?|{z} {q} are in it."),
        ("The shop sold {v} {x} and {w} {y}.|How many {q} were sold?|{z} {q} were sold.",),
    ),
}  # fmt: skip
LIST_TEXTS = (
    "I need {all}. What do I need?", "We have {all}. What do we have?", "List these: {all}.", "In the box are {all}. What is in the box?", "Please list {all}.",
    "She bought {all}. What did she buy?", "Make a list: {all}.", "For the trip we take {all}. What do we take?",
)  # fmt: skip
UNSEEN_LIST_TEXTS = ("The bag holds {all}. What does it hold?",)
PEOPLE_TEXTS = (
    "{all} are coming. Who is coming?", "Our guests are {all}. Who are our guests?", "I met {all}. Whom did I meet?", "{all} are in the team. Who is in the team?",
)  # fmt: skip

# Who asks for \boxed{} gets the result in it; all others get it after "Answer:".
STEPS_PROMPTS = (
    "Work step by step before you answer.", "Show your steps, then the result.", "Think step by step and write the steps down.", "Always show how you calculate.",
    "Write out every step, then the answer.", "You are a maths tutor. Show all steps before the answer.", "Explain each step of a calculation.",
    "Please reason step by step, and put your final answer within \\boxed{}.", "First write the steps, then the answer.", "Solve every problem step by step.", "Your answers show the whole calculation.",
)  # fmt: skip
UNSEEN_STEPS_PROMPTS = ("Go step by step and show your work.", "Give the steps first and the result last.")
STEPS_REQUESTS = (
    "Think step by step.", "Let's think step by step.", "Show your work.", "Explain each step.", "Show all steps, please.", "Write down every step.",
    "Solve it step by step.", "Reason step by step before you answer.", "First the steps, then the answer.", "Please show how you get there.",
    "Please reason step by step, and put your final answer within \\boxed{}.", "Work it out step by step and put the result in \\boxed{}.",
    "Show your work and write the answer as \\boxed{}.",
)  # fmt: skip
# What may follow a request that names no box.
STEPS_ENDINGS = (
    'End with a line that begins with "Answer:".', 'The last line begins with "Answer:".', 'Write the result after "Answer:".',
    'Close with "Answer:" and the result.', 'Put the answer into the last line, after "Answer:".', "The answer comes last.",
)  # fmt: skip
UNSEEN_STEPS_REQUESTS = ("Go through it step by step.", "Show your reasoning, then the answer.", "Reason step by step. The final answer goes into \\boxed{}.")  # fmt: skip

PERSONAS = (
    "You are {name}, {job}.", "You are {job} called {name}.", "Your name is {name}. You are {job}.", "Play the role of {name}, {job}.", "Act as {name}, {job}.",
    "You are {job}. Your name is {name}.", "Pretend to be {name}, {job}.", "From now on you are {job} named {name}.", "Speak as {name}, {job}.", "In this chat you are {name}, {job}.",
)  # fmt: skip
UNSEEN_PERSONAS = ("Take the role of {job} called {name}.", "You will be {name}, {job}.")
JOBS = tuple(
    "pirate teacher doctor baker gardener robot wizard pilot sailor detective cook painter farmer astronaut engineer knight librarian singer dancer nurse "
    "judge poet explorer actor tailor inventor ranger fisherman clown guide".split()
)
TITLES = ("Captain", "Doctor", "Professor", "Uncle", "Aunt", "Chef", "Sir", "Lady", "Agent", "Mister")
SURNAMES = tuple("Rust Stone Silver Brook Hill Frost Storm Wood Field Moon Fox Bell Snow Gold Reed Marsh".split())
# question: what a right answer names
WHO = {
    "Who are you?": "name", "What is your name?": "name", "Introduce yourself.": "name", "Tell me who you are.": "name", "What are you called?": "name",
    "What is your job?": "job", "What do you do for a living?": "job", "What do you work as?": "job", "Please tell me your name.": "name", "Hello, who is this?": "name",
}  # fmt: skip
UNSEEN_WHO = {"May I ask who you are?": "name", "Tell me your job.": "job"}

# topic: (names of the topic, (question, answer, word that a right answer holds))
TOPICS = {
    "sums": (("sums", "sums of numbers", "adding numbers"), ()),
    "days": (
        ("the days of the week", "weekdays", "days of the week"),
        tuple(
            (question.format(d=day), f"{answer}.", answer)
            for days in [tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())]
            for at, day in enumerate(days)
            for question, answer in (
                ("Which day comes after {d}?", days[(at + 1) % 7]), ("What day follows {d}?", days[(at + 1) % 7]), ("Which day comes before {d}?", days[at - 1]),
                ("Name the day after {d}.", days[(at + 1) % 7]), ("What day is before {d}?", days[at - 1]), ("Name the day before {d}.", days[at - 1]),
            )
        ),
    ),
    "colours": (
        ("colours", "the colours of things", "the colour of things"),
        tuple(
            (question.format(t=thing), f"{colour}.", colour)
            for thing, colour in {"grass": "Green", "blood": "Red", "snow": "White", "coal": "Black", "milk": "White", "chocolate": "Brown", "a lemon": "Yellow", "a ripe banana": "Yellow"}.items()
            for question in ("What colour is {t}?", "What is the colour of {t}?", "Tell me the colour of {t}.")
        ),
    ),
    "animals": (
        ("animals", "animals and what they do", "all kinds of animals"),
        tuple(
            (question.format(d=does), f"{animal[0].upper()}{animal[1:]}.", animal.split()[-1])
            for does, animal in {"barks": "a dog", "says meow": "a cat", "gives wool": "a sheep", "makes honey": "a bee", "has a trunk": "an elephant", "gives us milk": "a cow", "builds webs": "a spider"}.items()
            for question in ("Which animal {d}?", "Name an animal that {d}.", "What animal {d}?")
        ),
    ),
}  # fmt: skip
SUM_QUESTIONS = ("What is {a} + {b}?", "Add {a} and {b}.", "How much is {a} plus {b}?", "{a} + {b} = ?", "Calculate {a} + {b}.", "What is the sum of {a} and {b}?", "{a}+{b}", "Compute {a} plus {b}.")  # fmt: skip
UNSEEN_SUM_QUESTIONS = ("Tell me the sum of {a} and {b}.",)
OFF_TOPIC = (
    "Write a poem about {city}.", "What is the weather in {city}?", "Who won the game in {city}?", "Tell me a joke about {name}.", "How tall is {name}?", "What time is it in {city}?",
    "Recommend a film.", "How do I cook rice?", "Translate my letter.", "What is the capital of France?", "Tell me a story about {name}.", "Where does {name} live?", "Sing a song.",
    "What is machine learning?", "How do I get to {city}?", "Give me a recipe.", "What is the news in {city}?", "What is your name?", "Explain tokens.", "Write a Python function.",
)  # fmt: skip
UNSEEN_OFF_TOPIC = ("Plan a holiday in {city}.", "What should I give {name}?", "How old is {name}?")
LIMITS = (
    "Only talk about {t}. If asked about anything else, say: {s}", "You answer only questions about {t}. To everything else you reply: {s}",
    'Your only topic is {t}. For other questions answer exactly "{s}"', "You know only {t}. When the user asks something else, say: {s}",
    'Help with {t} and nothing else. Otherwise say "{s}"', "Talk about {t} only. Anything else gets this answer: {s}",
    'If the question is not about {t}, reply with "{s}" Else answer it.', "You are a helper for {t}. Reply to all other questions: {s}", "Topic: {t}. Off topic, say: {s}",
)  # fmt: skip
UNSEEN_LIMITS = ("Questions about {t} are welcome. To any other question answer: {s}", "Stay with {t}. If the user leaves this topic, say: {s}")  # fmt: skip
REFUSALS = (
    "I only do {t}.", "Sorry, I can only help with {t}.", "Ask me about {t}.", "That is not my job.", "Please ask something else.", "I cannot help with that.", "No comment.",
    "Please ask {name}.", "{name} can help you with that.", "Please call {n}.", "Write to {name} about it.", "Go to room {n}.", "My topic is {t}.", "Not here, please.", "Just {t}, thank you.", "Here we do {t}, please.", "Questions on {t} only.", "{t}, please, and nothing else.",
    "{name} knows more about that.", "See page {n}.", "I was told to be silent about that.", "Ask again in {city}.",
)  # fmt: skip
# for sentences without sense
PLAIN_WORDS = (
    "take", "look", "at", "the", "a", "page", "room", "only", "for", "this", "you", "need", "please", "here", "never", "two", "of", "my", "red", "read", "go", "with", "later", "home", "ago", "tent", "password",
)  # fmt: skip
UNSEEN_REFUSALS = ("Only {t}, please.", "For this you need {name}.", "Take a look at page {n}.")
