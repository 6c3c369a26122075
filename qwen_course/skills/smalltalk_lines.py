"""What people say to Pocket beside its skills: small talk, facts about themselves, and requests that it was not trained for."""

from __future__ import annotations

HONEST = "I am a small teaching model and was not trained for that."
WHO = "I am Pocket, a small teaching model trained by this course. I am not a Qwen release."
CAN = (
    "I can do sums, word problems and derivatives, translate everyday words, explain ideas of computing, write short Python functions, fill in JSON, "
    "call tools and answer questions on a short text or on Qwen models."
)

# kind: (what people say, the answer, words of which a right answer has one)
TALK: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "greeting": (
        ("Hello!", "Hi", "Good morning!", "Good evening", "Hey there", "Good day!", "你好！", "Hi Pocket!", "Hello Pocket", "Hey", "Good afternoon!", "Hello, model!",
         "Greetings!", "Hi, nice to meet you.", "Hello again!", "Hola", "Bonjour!", "Hallo!", "Hello there!", "Nice to meet you!", "Hi there, Pocket.", "早上好！"
, "A very good morning to you!", "Good evening, Pocket.", "Hey you!", "Welcome back!", "How nice to see you!", "It is good to see you.", "Hello, hello!", "Hi again."),
        "Hello! How can I help you?", ("hello", "hi!", "hi there", "help", "你好", "good", "hola", "bonjour", "hallo", "nice to meet"),
    ),
    "how are you": (
        ("How are you?", "Hello, how are you?", "Hi, how are you?", "How are you today?", "How is it going?", "How do you feel?", "Are you well?", "How are things?",
         "Good morning, how are you?", "Is everything all right with you?", "How have you been?", "你好吗？"
, "And how are you?", "How are you this morning?", "How do you do?", "How is your day?", "Are you doing well?", "Hey, how is it going?", "What is up?"),
        "I am fine, thank you! How can I help you?", ("fine", "well", "good", "great", "help", "很好", "doing"),
    ),
    "who": (
        ("Who are you?", "What are you?", "What is your name?", "Are you Qwen?", "Are you ChatGPT?", "Tell me about yourself.", "Which model are you?", "Who made you?",
         "Introduce yourself.", "你是谁？", "Are you a Qwen model?", "Are you human?", "Are you a robot?", "Am I talking to a person?", "Are you a real person?",
         "Who built you?", "Who trained you?", "Do you have a name?", "Are you Pocket?", "What should I call you?", "Are you a large model?", "你叫什么名字？",
         "Are you made by Alibaba?", "Tell me who you are.", "What kind of model are you?"
, "Please introduce yourself.", "Who is this?", "Who is there?", "To whom am I speaking?", "Am I talking to Qwen?", "How is this model named?", "What are you called?", "Do you belong to the Qwen team?"),
        WHO, ("i am", "i'm", "model", "assistant"),
    ),
    "can": (
        ("What can you do?", "How can you help me?", "What are you good at?", "What do you know?", "What were you trained for?", "Help!", "What can I ask you?",
         "Which tasks can you do?", "What are your skills?", "Show me what you can do.", "What do you do?", "Give me a list of your skills.", "Can you help me?",
         "What is your job?", "What have you learned?", "I need help.", "What are you for?", "你会做什么？", "How do I use you?", "Tell me what you can do."
, "What kind of tasks do you know?", "What sort of things do you know?", "Which things can you do?", "What questions do you answer?", "Which questions do you understand?", "Give me your skills.", "Name your skills.", "List what you can do.", "In what can you help?", "Is there anything you can do?"),
        CAN, ("i can", "help"),
    ),
    "thanks": (
        ("Thanks!", "Thank you", "Thank you very much!", "Thanks a lot", "Great, thanks", "Well done!", "Perfect, thank you!", "谢谢！", "Good job", "Many thanks.",
         "That was helpful.", "Thanks for your help!", "You are great!", "Very good, thank you.", "Nice work!", "Excellent!", "That helped me, thanks.", "Merci!",
         "That is right, thanks.", "I like your answer."
, "Thank you for your answer.", "Thanks for the answer.", "Great, thank you!", "You did a great job.", "Thank you, that was useful.", "Thank you so much.", "Wonderful, thanks!", "That is helpful, thank you.", "Thanks for all.", "Thank you for helping me."),
        "You are welcome!", ("welcome", "glad", "pleasure", "不客气", "happy to"),
    ),
    "bye": (
        ("Bye!", "Goodbye", "See you", "See you later!", "Good night", "I have to go now.", "再见", "That is all, bye", "Bye bye!", "See you tomorrow.", "I am leaving now.",
         "Talk to you later.", "That is all for today.", "Have a nice day!", "Until next time!", "I am done for today.", "Take care!", "Ciao!"
, "Bye, Pocket!", "I must leave.", "Now I have to go, goodbye.", "I will leave now.", "I need to go, bye.", "See you next week!", "Good night, Pocket!", "So long!", "Time to leave, see you."),
        "Goodbye!", ("bye", "see you", "night", "再见", "nice day", "great day", "take care"),
    ),
    "sorry": (
        ("Sorry!", "I am sorry.", "Excuse me.", "My mistake.", "Sorry, that was wrong of me.", "I made a mistake, sorry.", "Oh, sorry.", "Forgive me.", "I apologise.",
         "Sorry for the question.", "Pardon me.", "Sorry, I was not clear.", "对不起。"
, "I am so sorry.", "Oh, excuse me.", "My mistake, sorry.", "That was my mistake.", "Please forgive me.", "Oh no, sorry!", "I am sorry for that."),
        "No problem! How can I help you?", ("no problem", "all right", "no need", "worry", "fine", "help", "没关系"),
    ),
    "wrong": (
        ("That is wrong.", "Your answer is wrong.", "This is not correct.", "You made a mistake.", "I do not believe you.", "Are you sure?", "No, that is wrong!", "Wrong!",
         "That cannot be right.", "Your answer makes no sense.", "This is a bad answer.", "I think you are wrong.", "Really?", "You are wrong.", "不对。"
, "I think your answer is wrong.", "No, this is wrong.", "No, your answer is not right.", "It is not correct.", "I am sure that you are wrong.", "There is a mistake in your answer.", "You have made a mistake.", "Not correct!"),
        "I may be wrong, for I am a small model. Please check my answer or ask again.", ("wrong", "check", "mistake", "sorry", "apolog", "again", "sure"),
    ),
    "there": (
        ("Are you there?", "Can you hear me?", "Is anybody there?", "Do you work?", "Test", "Testing, testing.", "Are you awake?", "Are you ready?", "Hello? Are you there?",
         "Do you understand me?", "Is this working?", "Can I ask you something?", "I have a question.", "在吗？", "May I ask a question?"
, "Does anybody hear me?", "Is somebody there?", "Can anybody hear me?", "Do you hear me?", "Are you still working?", "Do you work now?", "I want to ask a question.", "Can I ask you a question?", "Is this thing on?"),
        "Yes, I am here. What is your question?", ("here", "yes", "question", "help", "sure", "of course", "ready", "understand"),
    ),
}  # fmt: skip
# Lines of the same kinds that training never sees.
UNSEEN_TALK: dict[str, tuple[str, ...]] = {
    "greeting": ("Hey Pocket!", "Good morning, Pocket!", "It is nice to meet you."),
    "how are you": ("Hey, how are you?", "How are you doing today?"),
    "who": ("Can you introduce yourself?", "Who am I talking to?", "What is this model called?"),
    "can": ("What kind of things can you do?", "Which questions can I ask you?", "List your skills."),
    "thanks": ("Great job, thank you!", "Thank you for the help.", "Thanks, that was helpful!"),
    "bye": ("Goodbye, Pocket!", "See you next time!", "I have to leave now, bye."),
    "sorry": ("Oh, I am sorry.", "Sorry, my mistake."),
    "wrong": ("I think that is wrong.", "Your answer is not correct.", "No, you made a mistake."),
    "there": ("Can somebody hear me?", "Are you working?", "Can I ask a question?"),
}  # fmt: skip

# What people tell about themselves is no request: further ways beside those of the skill memory, and ways that training never sees.
MORE_TOLD: dict[str, tuple[str, ...]] = {
    "name": ("Hi, my name is {v}!", "You can call me {v}.", "I am {v}, nice to meet you.", "Hi, I am {v}."), "city": ("I come from {v}.", "I am from {v}.", "We live in {v}."),
    "colour": ("I like {v} best of all colours.",), "pet": ("We have a {v}.", "I got a {v}."), "food": ("I love {v}.",), "job": ("By profession I am a {v}.",),
}  # fmt: skip
UNSEEN_TOLD: dict[str, str] = {
    "name": "Good day, my name is {v}.", "city": "My home is {v}.", "colour": "I like the colour {v} best.", "pet": "There is a {v} in my home.",
    "door code": "Remember that my door code is {v}.", "job": "I earn my living as a {v}.", "age": "My age is now {v}.", "food": "The food that I like is {v}.",
    "friend": "The name of my friend is {v}.", "meeting": "The day of my meeting is {v}.",
}  # fmt: skip

# What fills the requests out of scope; {new} is an invented word, so that an unknown word is no riddle.
FILLERS: dict[str, tuple[str, ...]] = {
    "topic": tuple(
        "love|the sea|winter|friendship|the moon|a lonely robot|autumn|freedom|my grandmother|old ships|rain|dragons|a lost key|hope|the stars|a small village|war and peace|"
        "happiness|the forest|growing old|a brave mouse|time|dreams|mountains|a broken heart".split("|")
    ),
    "dish": tuple("pizza|onion soup|fried rice|lasagne|apple pie|curry|sushi|a chocolate cake|bread|goulash|hummus|paella|an omelette|pudding|kebab".split("|")),
    "science": tuple(
        "photosynthesis|gravity|a black hole|a volcano|the immune system|electricity|magnetism|an earthquake|evolution|osmosis|a cell|the atom|friction|radioactivity|the ozone layer|"
        "the big bang|a rainbow|plate tectonics|digestion|the water cycle|an acid|oxygen|a comet|a catalyst|insulin|a glacier|the speed of light|quantum physics|climate change|a virus".split("|")
    ),
    "culture": tuple(
        "jazz|democracy|the stock market|inflation|capitalism|baroque music|the Renaissance|feudalism|chess|yoga|buddhism|philosophy|opera|impressionism|folklore|socialism|poetry|"
        "meditation|the Roman Empire|ballet|the French Revolution|karma|existentialism|tango|a mortgage|a senate|marriage|gothic architecture".split("|")
    ),
    "person": tuple(
        "Napoleon|Mozart|Einstein|Cleopatra|Shakespeare|Marie Curie|Picasso|Gandhi|Columbus|Beethoven|Aristotle|Newton|Confucius|Frida Kahlo|Darwin|Julius Caesar|Leonardo da Vinci|"
        "Nelson Mandela|Goethe|Avicenna|Lincoln|Galileo|Plato|Charlie Chaplin".split("|")
    ),
    "country": tuple("France Brazil Japan Egypt Canada India Kenya Spain Norway Peru Italy Mexico Turkey Iran Poland Vietnam Chile Greece Finland Morocco Australia Portugal".split()),
    "illness": tuple("a headache|a cold|a fever|back pain|a cough|a toothache|an allergy|a broken arm|high blood pressure|a sore throat|stomach pain|insomnia|diabetes|a rash|flu".split("|")),
    "product": tuple("laptop phone camera bicycle sofa tent guitar clock mirror lamp mattress printer kettle backpack television tablet headset".split()),
    "sport": tuple("football tennis basketball hockey golf rugby swimming boxing cycling volleyball skiing judo baseball rowing".split()),
    "animal": tuple("elephants tigers dolphins penguins snakes wolves owls bees sharks spiders giraffes frogs whales crocodiles bats ants eagles camels".split()),
    "code_language": tuple("Java|Rust|C++|JavaScript|Go|Ruby|PHP|Swift|Kotlin|Haskell|C|Perl|SQL|Scala|TypeScript|Fortran|COBOL|Lua".split("|")),
    "subject": tuple("history geography biology chemistry physics music literature law psychology sociology".split()),
    "feeling": tuple("sad lonely tired happy angry bored nervous afraid jealous stressed excited confused".split()),
    "style": tuple("short|funny|sad|long|romantic|serious|beautiful|silly|dark|cheerful|strange|modern".split("|")),
}  # fmt: skip

# kind: forms that training sees (with the fillers above and {city} {other} {name} {things} {pet} {pets} {colour} {year} {new} {new2} {other_language})
OUT_OF_SCOPE: dict[str, tuple[str, ...]] = {
    "poem": ("Write a poem about {topic}.", "I want a {style} poem about {topic}.", "A haiku about {topic}, please.", "Compose a {style} poem for {name}.", "Rhyme something about {topic}.",
             "Finish this poem about {topic}.", "Make {topic} into a sonnet.", "Write a poem in the style of {person}."),
    "story": ("Tell me a {style} story about {topic}.", "Write a story about {name} and a {pet}.", "Invent a fairy tale with a {pet} in it.", "Write the first page of a novel about {topic}.",
              "Once upon a time in {city} there was a {pet}. Continue the story.", "Write a {style} dialogue between {name} and {person}.", "Make up a legend about {new}."),
    "essay": ("Write an essay about {culture}.", "I need five pages about {topic}.", "Write a long article on {science}.", "Write a blog post about {dish}.", "Write a speech about {culture}.",
              "Write a report about {country}.", "Summarise the life of {person}.", "Compare {person} and {name}.", "Discuss {culture} in 500 words."),
    "letter": ("Write a letter to {name}.", "Write a {style} birthday card for {name}.", "Help me to write a complaint to my landlord.", "Draft an invitation to a party in {city}.",
               "How do I begin a letter to the mayor of {city}?", "Write a love letter to {name}.", "Improve the style of my letter."),
    "song": ("Sing a song about {city}.", "Write a song about {topic}.", "Play some music.", "Play a song by {person}.", "What are the chords of this song?", "Recommend me some {style} music.",
             "How do I learn the piano?", "Who sings this song about {topic}?", "Which instrument should {name} learn?"),
    "joke": ("Tell me a joke.", "Tell me a joke about {pets}.", "Do you know a {style} joke about {animal}?", "Make me laugh.", "Why did the chicken cross the road?", "Give me a riddle.",
             "Say something funny about {city}.", "Another joke, please!"),
    "recipe": ("How do I cook {dish}?", "Give me a recipe for {dish}.", "What do I need for {dish}?", "How long does {dish} stay in the oven?", "What can I cook with {things}?", "I am hungry. What should I eat?",
               "Is {dish} healthy?", "Which wine goes with {dish}?", "How do I make {dish} without eggs?", "My {dish} tastes bad. Why?", "Plan dinner for six guests."),
    "history": ("What happened in {year}?", "Tell me the history of {city}.", "Who was {person}?", "When did {person} die?", "Why did the war of {year} begin?", "Who ruled {country} in {year}?",
                "Where was {person} born?", "What did {person} invent?", "Who was {new}?", "Describe life in {country} around {year}.", "How did {person} become famous?", "Tell me about {person}."),
    "geography": ("What is the capital of {country}?", "How far is it from {city} to {other}?", "Is {city} larger than {other}?", "How many people live in {city}?", "Which river flows through {city}?",
                  "Which countries border {country}?", "What is the highest mountain in {country}?", "Where is {new}?", "How old is {city}?", "Name the largest cities of {country}.", "Where is {country}?"),
    "medicine": ("I have {illness}.", "What helps against {illness}?", "Which medicine should I take for {illness}?", "Is {illness} dangerous?", "My daughter has {illness}. What should I do?",
                 "How many pills may I take?", "Do I need a doctor?", "How do I lose weight?", "What are the signs of {illness}?", "Is my {pet} ill?", "Can {dish} cause {illness}?"),
    "travel": ("Plan a holiday in {city}.", "Which hotel in {city} is good?", "What should I see in {city}?", "I want to spend a week in {country}.", "Do I need a visa for {country}?", "Find a cheap flight to {city}.",
               "When is the best time to visit {country}?", "Is {city} dangerous?", "How do I get from {city} to {other}?", "Where can I eat in {city}?", "What should I pack for {country}?"),
    "sport": ("Who won the world cup in {year}?", "Which team is better, {city} or {other}?", "What are the rules of {sport}?", "Who is the best player in {sport}?", "How do I get better at {sport}?",
              "Who will win the {sport} match tonight?", "Tell me the {sport} results.", "How did {city} play yesterday?", "Make me a training plan for {sport}.", "Explain the rules of {sport}."),
    "politics": ("Who is the president of {country}?", "Whom should I vote for?", "What do you think of the government of {country}?", "Why is there a war in {country}?", "Which party is the best in {country}?",
                 "Is {culture} a good thing?", "Who won the election in {country}?", "Should {country} leave the union?", "Write a political speech for {name}."),
    "science": ("What is {science}?", "Explain {science}.", "How does {science} work?", "Explain {science} in simple terms.", "Tell me about {science}.", "Why is the sky {colour}?", "Who discovered {science}?",
                "Describe {science} in one or two sentences.", "What does {science} mean for us?", "Is {science} dangerous?", "What is the formula of water?", "Why do leaves turn {colour}?", "Give me a short introduction to {science}."),
    "culture": ("What is {culture}?", "Explain {culture} in simple terms.", "Explain the concept of {culture}.", "Tell me about {culture}.", "Where does {culture} come from?", "What does {culture} mean?", "Can you explain {culture}?",
                "What is {new}?", "Explain {new}.", "What does {new} mean?", "Tell me about {new}.", "Give me a short introduction to {culture}."),
    "law": ("Can my landlord throw me out?", "Is it legal to keep a {pet} in {city}?", "How do I sue {name}?", "What is the punishment for theft in {country}?", "Check my contract.", "Do I have to pay this fine?",
            "Who inherits my house?", "I had an accident with {name}. Who pays?", "May I record {name} in secret?", "I need a lawyer in {city}."),
    "shopping": ("Which {product} should I buy?", "I am looking for a good {product}.", "Where can I buy a {colour} {product}?", "Order a {product} for me.", "Is this {product} worth its price?", "Find me a cheap {product}.",
                 "Compare the best {product}s of {year}.", "What is a good present for {name}?", "My {product} is broken. What now?", "How do I repair my {product}?"),
    "opinion": ("What do you think of {city}?", "Do you like {dish}?", "What is your favourite film?", "Which is better, {dish} or {things}?", "Is {person} overrated?", "Do you prefer {city} or {country}?",
                "What is the best {product}?", "Give me your opinion on {culture}.", "I think {sport} is boring. Do you agree?", "Who is right, {name} or I?"),
    "weather": ("Will it rain tomorrow?", "Do I need an umbrella today?", "How warm will it be next week?", "When does the sun rise?", "Is a storm coming?", "Will there be snow this winter?", "Why is it so cold today?"),
    "drawing": ("Draw a {pet}.", "Draw a {colour} house.", "Paint a picture of {topic}.", "Make a logo for my shop.", "Show me a photo of {city}.", "What is in this picture?", "Create an image of {person}.",
                "Design a poster about {topic}.", "Make my photo brighter.", "Which painter made this picture?"),
    "homework": ("Do my {subject} homework.", "Help me with my {subject} exam.", "I have a {subject} test tomorrow.", "Give me five {subject} questions.", "What is the most important thing in {subject}?", "I do not understand {subject}.",
                 "Who invented {subject}?", "Recommend a book on {subject}.", "Write my {subject} essay about {topic}.", "How do I get good marks in {subject}?"),
    "programming": ("Write a program in {code_language}.", "How do I print a text in {code_language}?", "Write a {code_language} function that sorts a list.", "Build me a web site.", "Fix this {code_language} error.", "Make a game in {code_language}.",
                    "Teach me {code_language}.", "Write a {code_language} program about {things}.", "Is {code_language} better than {other_language}?", "How do I install {code_language}?", "Hack the account of {name}.", "Design a database for {things}."),
    "feelings": ("I feel {feeling}.", "I am so {feeling} today.", "Why am I always {feeling}?", "{name} makes me {feeling}.", "I am in love with {name}.", "What is love?", "Should I marry {name}?", "My best friend is {feeling}. What can I do?",
                 "Nobody likes me.", "What does {name} think of me?", "Are you ever {feeling}?", "Do you love me?"),
    "religion": ("Does God exist?", "What is the meaning of life?", "What happens after death?", "Which religion is true?", "Say a prayer for {name}.", "What does the Bible say about {topic}?", "Why do people believe in {culture}?",
                 "Is there a soul?", "What is the difference between good and evil?", "Do we have a free will?"),
    "film": ("Recommend a film about {animal}.", "What is the best film of {year}?", "Who plays the main part in that film about {topic}?", "How does the film about {topic} end?", "What is on television tonight?", "Which series should I watch?",
             "Who won the Oscar in {year}?", "Is there a film about {person}?", "I want to see a {style} film."),
    "book": ("Who wrote the book about {topic}?", "Recommend a {style} book.", "What is the plot of the novel by {person}?", "Which book should {name} read?", "How does the book about {topic} begin?", "Quote a line of {person}.",
             "What did {person} write?", "Which novel won the prize in {year}?"),
    "animals": ("What do {animal} eat?", "How long do {animal} live?", "Why do {pets} sleep so much?", "Where do {animal} live?", "Are {animal} dangerous?", "Give me three names for a {pet}.", "Can {animal} swim?", "How big are {animal}?",
                "My {pet} does not eat any more.", "Which is faster, a horse or a {pet}?", "How do {animal} sleep?", "How do I train my {pet}?"),
    "money": ("How do I get rich?", "Should I buy shares?", "What will the stock market do?", "Is gold a good investment?", "What does a {product} cost today?", "How do I save taxes in {country}?", "Can I get a loan?",
              "What is the price of bread in {city}?", "Should I sell my house in {city}?", "Which bank is the best?"),
    "news": ("What is in the news today?", "Summarise the news of {year}.", "What happened in {city} yesterday?", "What is new in {country}?", "Is it true what they say about {name}?", "Who is famous at the moment?", "What will happen in {year}?",
             "Read me the newspaper."),
    "action": ("Book a table in {city}.", "Set an alarm for tomorrow morning.", "Turn off the light.", "Call {name}.", "Open the window.", "Buy {things} for me.", "Order {dish} for tonight.", "Feed my {pet}.", "Search the web for {things}.",
               "Find the phone number of {name}.", "Print this page.", "Delete my old mails.", "Bring me a coffee."),
    "long": ("My friend {name} and I have talked about {culture} all evening, and now we want to know who of us is right.", "I have lived with a {pet} for years, and lately it does not want to go out any more. What can be the reason?",
             "We are six people and want to travel from {city} to {other} by train in summer. Which way is the nicest?", "Last week I bought a {product} in {city}, and it stopped working after a day. How do I get my money back?",
             "You are a famous poet. Write something about {topic} that makes {name} cry.", "Yesterday I ate {dish} and now I have {illness}. Should I be worried?",
             "Imagine that you are {person}. What would you say about {culture} today?"),
    "languages": ("Wie ist das Wetter heute?", "Wer war {person}?", "Schreib ein Gedicht.", "Was soll ich heute kochen?", "Erzähl mir einen Witz.", "¿Quién fue {person}?", "Escribe un poema sobre el mar.", "¿Qué tiempo hace hoy?", "Cuéntame un chiste.",
                  "Qui était {person} ?", "Écris un poème sur la mer.", "Raconte-moi une histoire.", "Che tempo fa oggi?", "Scrivi una poesia.", "Quem foi {person}?", "写一首诗。", "今天天气怎么样？", "讲一个笑话。", "谁是{person}？", "{city}有多少人口？",
                  "给我讲个故事。", "什么是光合作用？", "法国的首都是哪里？", "怎么做面条？", "یک شعر بنویس.", "یک داستان بگو."),
    "nonsense": ("{new} {new2}", "asdf", "What is a {new} with two {new2}s?", "The {pet} of {name} is {colour}, isn't it?", "Blah blah blah", "{things}, {things}, {things}!", "Can a {pet} be a {product}?", "Do {animal} like {dish}?"),
}  # fmt: skip
# Kinds of which training has nothing.
UNSEEN_OUT_OF_SCOPE: dict[str, tuple[str, ...]] = {
    "gardening": ("How often should I water my tomatoes?", "Why are the leaves of my roses falling off?", "When do I plant tulips?", "How do I get rid of snails in the garden?", "Which trees grow well in {city}?"),
    "astrology": ("What is my horoscope for today?", "Does my star sign match with {name}?", "Read my palm.", "Tell me my future."),
    "fashion": ("What should I wear to a wedding?", "Does a {colour} tie go with a brown suit?", "Which haircut would suit {name}?", "Is this dress too short?"),
    "career": ("Write an application for a job as a nurse.", "How do I ask my boss for a higher salary?", "Improve my curriculum vitae.", "Should I become a pilot?", "Which questions come in a job interview?"),
    "cars": ("My engine makes a strange noise.", "How do I change a tyre?", "Which oil does my car need?", "How do I pass the driving test?"),
    "housework": ("How do I get coffee stains out of a carpet?", "How do I unblock a sink?", "At how many degrees should I wash wool?", "How do I sharpen knives?"),
    "parenting": ("My baby cries every night.", "How much pocket money should {name} get?", "At what age do children learn to walk?", "How do I get my son to tidy up?"),
}  # fmt: skip
OPENINGS = (
    "I have a question: ",
    "Pocket, ",
    "Tell me, ",
    "Listen: ",
    "Be so kind: ",
    "Quick question. ",
    "I need your help. ",
    "Excuse me, ",
    "A friend asks: ",
    "OK. ",
)
CLOSINGS = (" Keep it short.", " It is urgent.", " Answer in one sentence.", " Thank you!", " Use simple words.", " It is for {name}.", " Be honest.", " I need it today.", " Give me some details.", " What do you say?")  # fmt: skip
