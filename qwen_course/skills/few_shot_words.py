"""The categories and labels of the skill `few_shot`: common words, each in one category only."""

from __future__ import annotations

CATEGORIES: dict[str, tuple[str, ...]] = {
    "animal": tuple("cat dog horse cow sheep lion tiger rabbit mouse wolf bear fox goat monkey elephant frog snake pig camel zebra".split()),
    "fruit": tuple("apple banana pear grape mango melon cherry lemon strawberry raspberry pineapple apricot papaya coconut fig grapefruit blueberry nectarine".split()),
    "vegetable": tuple("carrot onion potato cabbage spinach garlic lettuce celery leek turnip radish broccoli cauliflower asparagus kale parsnip artichoke beetroot".split()),
    "tool": tuple("hammer screwdriver drill axe shovel wrench pliers chisel rake spade crowbar sickle scissors tongs ladder hoe pickaxe mallet".split()),
    "colour": tuple("red blue green yellow black white purple brown grey pink violet beige turquoise crimson scarlet maroon magenta cyan".split()),
    "city": tuple("Madrid Paris Berlin Rome Lima Tokyo Cairo Oslo Vienna Lisbon Dublin Prague Warsaw Athens Boston Chicago London Seoul Moscow Delhi".split()),
    "country": tuple("France Spain Italy Germany Brazil Canada India Japan China Egypt Kenya Peru Chile Norway Sweden Poland Greece Iran Nigeria Portugal".split()),
    "body": tuple("arm leg hand foot head nose mouth ear eye knee finger elbow shoulder neck toe stomach ankle wrist".split()),
    "clothing": tuple("shirt dress jacket coat sweater skirt hat scarf sock shoe trousers jeans glove blouse vest sandal pyjamas cardigan".split()),
    "vehicle": tuple("car bus train truck bicycle boat ship tram van taxi motorcycle helicopter ferry scooter lorry tractor canoe airplane".split()),
    "number": tuple("two three four five six seven eight nine ten eleven twelve thirteen fifteen sixteen twenty thirty forty fifty sixty hundred".split()),
    "instrument": tuple("piano guitar violin drum flute trumpet cello harp clarinet saxophone trombone banjo oboe accordion mandolin ukulele harmonica tuba".split()),
    "drink": tuple("water milk coffee tea juice beer wine lemonade cocoa cola whisky vodka rum gin champagne cider espresso cappuccino".split()),
    "furniture": tuple("table chair bed sofa desk shelf cupboard wardrobe stool bench armchair bookcase couch dresser hammock sideboard nightstand footstool".split()),
    "job": tuple("teacher doctor nurse farmer baker lawyer pilot sailor painter plumber butcher carpenter dentist engineer judge gardener waiter tailor".split()),
    "sport": tuple("football tennis golf hockey rugby baseball basketball volleyball boxing judo karate badminton surfing skiing swimming rowing cycling fencing".split()),
    "family": tuple("mother father brother sister uncle aunt cousin nephew niece grandmother grandfather son daughter husband wife grandson stepfather stepmother".split()),
    "language": tuple("English Spanish Chinese Arabic French German Italian Russian Japanese Persian Turkish Hindi Korean Dutch Swedish Greek Portuguese Polish".split()),
}  # fmt: skip
CATEGORY_OF = {word.lower(): category for category, words in CATEGORIES.items() for word in words}
# Two pairs that no prompt of the training ever holds together.
PAIRS_NEVER_SEEN = (("animal", "instrument"), ("city", "drink"))

LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # no I: in a reply it would look like the pronoun
PLAIN_LABELS = tuple(
    "left right up down yes no in out north south east west first second start stop open closed high low hot cold good bad fast slow day night "
    "true false plus minus early late near far big small old new soft hard light dark stone river cloud star door window paper glass team group "
    "alpha beta gamma delta".split()
)  # fmt: skip
