"""Names, places and things from which the skills build their texts."""

NAMES = tuple(
    "Ana Ali Mei Tom Sara Omar Lena Ivan Nora Juan Yuki Emma Liam Olga Ravi Zoe Karl Maya Hugo Aisha Chen Diego Elif Farah Greta "
    "Hana Igor Jonas Kira Luca Marta Nils Paula Reza Sofia Tariq Uma Vera Wei Xena Yara Zane Alice Bob Clara David Eva Frank Grace "
    "Henry Ines Jack Kate Leo Mila Noah Oscar Petra Quinn Rosa Sam Tina".split()
)
SURNAMES = tuple(
    "Lopez Smith Wang Khan Müller Rossi Silva Novak Tanaka Brown Ivanova Kim Garcia Ahmadi Dubois Hansen Kaya Patel Nguyen Okafor "
    "Schmidt Costa Moreau Haddad Lindberg Baker Fischer Mori Reyes Weber".split()
)
CITIES = tuple(
    "Madrid Paris Berlin Rome Lima Tokyo Beijing Tehran Cairo Delhi Oslo Vienna Lisbon Dublin Prague Warsaw Athens Boston Chicago "
    "Toronto Sydney Nairobi Lagos Seoul Bangkok Hanoi Jakarta Istanbul Dubai Zurich Helsinki Budapest Havana Quito Bogota Shanghai "
    "Mumbai Karachi Geneva Munich".split()
)
THINGS = tuple(
    "apples books pens stamps coins marbles eggs cards stickers balls bottles cups keys shells flowers oranges pencils toys stones "
    "tickets chairs boxes shirts candles plates buttons lemons nuts photos cookies".split()
)
COLOURS = tuple("red blue green yellow black white purple orange brown grey pink".split())
PETS = tuple("cat dog parrot rabbit turtle hamster horse goldfish".split())
