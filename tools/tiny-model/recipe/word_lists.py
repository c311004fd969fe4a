"""The closed vocabularies from which the documents draw: people, places, things and their attributes."""

from recipe.facts import COUNTRIES


def _phrases(text: str) -> list[str]:
    """The comma-separated phrases of a block of text."""
    return [phrase.strip() for phrase in text.split(",")]


# Given names of people.
FIRST_NAMES = """
Anna Ben Clara David Emma Felix Grace Henry Iris Jack Kate Leo Mia Noah Olivia Paul Quinn Rosa Sam Tina Uma
Victor Wendy Xavier Yara Zoe Maria John Peter Lucy Tom Sarah Ali Chen Ivan Lena Marco Nina Omar Priya Ravi Sofia
Hugo Ella Max Ruth Carl Diana Eric Fatima
""".split()

# Family names of people.
LAST_NAMES = """
Smith Brown Miller Weber Rossi Silva Novak Kim Tanaka Singh Lopez Meyer Fischer Baker Clark Young Stone Hill
Wood Green Adams Carter
""".split()

# Cities that are no capital.
_MORE_CITIES = _phrases("""
New York, Chicago, Boston, Seattle, Munich, Hamburg, Zurich, Geneva, Barcelona, Milan, Lyon, Krakow, Mumbai,
Shanghai, Sydney, Melbourne, Toronto, Vancouver, Rio de Janeiro, Istanbul, Dubai, Lagos, Osaka, Kyoto, Porto,
Glasgow, Dallas, Denver, Miami, Austin
""")

# Every city a document may name.
CITIES = [country.capital for country in COUNTRIES] + _MORE_CITIES

COLORS = """
red blue green yellow purple orange pink black white brown silver gold grey
""".split()

# Animals, the heroes of stories among them.
ANIMALS = """
dog cat horse lion rabbit fox wolf bear owl mouse frog turtle duck goat sheep pig cow hen tiger parrot penguin
whale eagle snake dragon
""".split()

DAYS = """
Monday Tuesday Wednesday Thursday Friday Saturday Sunday
""".split()

MONTHS = """
January February March April May June July August September October November December
""".split()

# Things that a shop sells.
PRODUCTS = """
lamp chair table phone laptop camera bicycle backpack watch printer router keyboard monitor speaker drone kettle
toaster fan heater tent helmet guitar piano blender vacuum desk sofa
""".split()

# Jobs of a persona.
ROLES = _phrases("""
pirate, teacher, doctor, robot, chef, librarian, guide, lawyer, coach, gardener, wizard, detective, nurse,
pilot, scientist, support agent, sales assistant, travel agent, math tutor, banker
""")

# What a fact may say about something: "the <attribute> of <entity> is <value>".
ATTRIBUTES = _phrases("""
color, price, size, weight, owner, password, code, name, address, age, height, length, speed, limit, deadline,
budget, version, location, language, currency, leader, manager, director, teacher, author, founder, mayor, king,
queen, captain, logo, motto, flag, symbol, population, temperature, email, phone number, opening time,
closing time, launch date, birthday, favorite food, favorite color, favorite animal, favorite song,
main product, main office, head office, support email, room number, seat number, order number, serial number,
port, default port, database, backup day, release day, meeting day, meeting room, warranty, delivery time,
return period, maximum speed, battery life, release name, code name, home town, job, hobby, salary, username,
server, region, zone, status, priority
""")

# Attributes that no training document uses: they measure copying of unseen kinds of facts.
HELD_OUT_ATTRIBUTES = _phrases("""
mascot, nickname, parking spot, dress code, wifi password, ticket price, chief engineer, secret word, slogan,
fuel type
""")

# Open vocabulary of attributes, tool names and parameters.
NOUNS = """
bridge river window garden engine ladder basket button candle carpet castle circle corner cover curtain desk
dinner doctor drawer driver family field filter finger forest frame glass glove handle harbor hammer holiday
island jacket journey kitchen label lesson letter library market meal medal mirror model morning museum needle
notebook number office paper partner pattern pencil pepper picture pillow planet pocket poem prize puzzle recipe
record ribbon ring rule salad scarf school season secret shadow shelf signal silver singer sister soup spoon
square stage station stone story street summer supper target teacher temple theater ticket timer tower train
treasure trophy tunnel uncle uniform valley vehicle village visitor voice wallet weapon winter worker writer
channel cluster batch tenant budget cache thread socket packet router cable sample vector matrix kernel driver
plugin schema table column index
""".split()

# Adjectives that qualify a noun of an attribute.
ADJECTIVES = """
main second old new best last first next local public private daily weekly annual maximum minimum average
current final central internal backup special official favorite lucky missing spare
""".split()

# Traits of a hero.
TRAITS = """
little brave shy clever kind curious lazy happy lonely young
""".split()
