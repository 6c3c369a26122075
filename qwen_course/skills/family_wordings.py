"""The wordings of the skill `family`: how people ask for facts about checkpoints, generations and the whole family."""

from __future__ import annotations

# what is asked of a checkpoint {m}: (questions seen, questions unseen, answer with the value {v})
OF_A_CHECKPOINT = {
    "layers": (
        ("How many layers does {m} have?", "How many layers has {m}?", "What is the number of layers of {m}?", "Tell me how many layers {m} has.", "How deep is {m}, in layers?",
         "Number of layers in {m}?", "{m}: how many layers?", "Of how many layers is {m} made?"),
        ("How many transformer layers are there in {m}?", "Give me the number of layers of {m}."),
        "{m} has {v} layers.",
    ),
    "parameters": (
        ("How many parameters does {m} have?", "How large is {m}?", "How big is {m}?", "What is the number of parameters of {m}?", "Tell me the parameter count of {m}.",
         "{m}: how many parameters?", "How many parameters has {m}?", "What size is {m}, in parameters?"),
        ("How many weights does {m} have?", "Give me the size of {m} in parameters."),
        "{m} has about {v} parameters.",
    ),
    "licence": (
        ("What licence has {m}?", "Which license does {m} have?", "Under which licence is {m} released?", "What is the license of {m}?", "Tell me the licence of {m}.",
         "{m}: which licence?", "How is {m} licensed?", "What kind of license does {m} come with?"),
        ("Under what license was {m} published?", "Name the licence of {m}."),
        "{m} has the {v} licence.",
    ),
    "thinking": (
        ("Does {m} think?", "Does {m} have a thinking mode?", "Can {m} think?", "Is {m} a thinking model?", "Tell me if {m} thinks.", "{m}: does it think before it answers?",
         "Does {m} think before it answers?", "Is there thinking in {m}?"),
        ("Does {m} write down its thinking?", "Is {m} able to think?"),
        "{v}",
    ),
    "context": (
        ("What is the native context of {m}?", "How many tokens does {m} read natively?", "How long is the context of {m}?", "What context length has {m}?", "Tell me the context length of {m}.",
         "{m}: how long is its context?", "How large is the context window of {m}?", "How many tokens fit into the context of {m}?"),
        ("What is the native context length of {m}?", "How long may a text for {m} be, in tokens?"),
        "The native context of {m} is {v} tokens.",
    ),
    "generation": (
        ("Which generation is {m}?", "To which generation does {m} belong?", "What generation is {m} from?", "Of which generation is {m}?", "Tell me the generation of {m}.",
         "{m}: which generation?", "Which Qwen generation does {m} belong to?", "From which generation comes {m}?"),
        ("What is the generation of {m}?", "Name the generation of {m}."),
        "{m} belongs to the generation {v}.",
    ),
    "active": (
        ("How many parameters of {m} are active?", "How many active parameters has {m}?", "What is the number of active parameters of {m}?", "How many parameters does {m} use for each token?",
         "Tell me the active parameters of {m}.", "{m}: how many parameters are active?", "Of {m}, how many parameters work on a token?", "How many parameters are active in {m}?"),
        ("How many parameters does one token pass through in {m}?", "Give me the number of active parameters of {m}."),
        "{m} uses about {v} parameters for each token.",
    ),
    "experts": (
        ("Is {m} a mixture of experts?", "Is {m} dense or a mixture of experts?", "Does {m} have experts?", "Dense or mixture of experts: what is {m}?", "Is {m} an MoE?", "{m}: dense or MoE?",
         "Tell me if {m} is a mixture of experts.", "Is {m} an MoE model?"),
        ("Is {m} built from experts?", "Would you call {m} dense or MoE?"),
        "{v}",
    ),
    "name": (
        ("What does {a} mean in {m}?", "What does {a} stand for in the name {m}?", "In {m}, what is {a}?", "Why is there {a} in the name {m}?", "Explain the {a} in {m}.",
         "What does the {a} of {m} say?", "What is meant by {a} in {m}?", "{m}: what does {a} mean?"),
        ("What is the meaning of {a} in {m}?", "Tell me what {a} means in the name {m}."),
        "{a} means that about {v} billion parameters are active for each token.",
    ),
}  # fmt: skip
# what is asked of the family: (questions seen, questions unseen, answer, patterns that all must match a right answer in lower case)
GENERAL = {
    "what is Qwen": (
        ("What is Qwen?", "What is the Qwen family?", "Explain Qwen.", "Tell me about Qwen.", "What do people mean by Qwen?", "Describe the Qwen family.", "What are Qwen models?", "What kind of thing is Qwen?"),
        ("Can you explain what Qwen is?", "Give me a short introduction to Qwen."),
        "Qwen is a family of open models made by Alibaba Cloud.", (r"model", r"alibaba"),
    ),
    "who makes Qwen": (
        ("Who makes Qwen?", "Who made Qwen?", "Which company makes Qwen?", "Who is behind Qwen?", "Who created the Qwen models?", "Where does Qwen come from?", "Which company trains Qwen?", "By whom is Qwen made?"),
        ("Who develops Qwen?", "Which company is Qwen from?"),
        "Qwen is made by Alibaba Cloud.", (r"alibaba",),
    ),
    "usual licence": (
        ("Which licence do most Qwen models have?", "What is the usual license of Qwen models?", "Under which licence are most Qwen checkpoints?", "What license do Qwen models have?",
         "How are most Qwen models licensed?", "Tell me the usual licence of Qwen.", "Which license is the most common for Qwen?", "What licence do most open Qwen checkpoints have?"),
        ("Most Qwen models have which license?", "What is the most common licence in the Qwen family?"),
        "Most open Qwen models have the Apache-2.0 licence.", (r"apache",),
    ),
    "hybrid": (
        ("What is a hybrid Qwen model?", "What does hybrid thinking mean?", "What does hybrid mean for Qwen3?", "Explain hybrid thinking.", "Why is Qwen3-8B called hybrid?", "What is hybrid thinking?",
         "When is a Qwen model hybrid?", "Tell me what a hybrid model is."),
        ("What do people mean by hybrid thinking?", "Describe hybrid thinking."),
        "A hybrid model has a thinking mode that can be switched on and off.", (r"think|reason", r"switch|both|on and off|or without|toggle|turn|non-thinking|two modes"),
    ),
}  # fmt: skip
# what is asked of a generation {g}: (questions seen, questions unseen, answer with the value {v})
OF_A_GENERATION = {
    "languages": (
        ("How many languages does {g} support?", "How many languages does {g} know?", "How many languages can {g} speak?", "In how many languages does {g} work?", "Tell me how many languages {g} supports.",
         "{g}: how many languages?", "What is the number of languages of {g}?", "How many languages are supported by {g}?"),
        ("How many languages does {g} cover?", "Give me the number of languages that {g} supports."),
        "{g} supports {v}.",
    ),
    "release": (
        ("When was {g} released?", "When did {g} come out?", "In which month was {g} released?", "What is the release date of {g}?", "Tell me when {g} was released.", "{g}: when was it released?",
         "Since when does {g} exist?", "When was {g} published?"),
        ("When did Qwen release {g}?", "Give me the release date of {g}."),
        "{g} was released in {v}.",
    ),
}  # fmt: skip
