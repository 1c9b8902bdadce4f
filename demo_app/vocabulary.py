"""Words for an invented season.  The works are old enough to belong to everybody; the bands and people never lived."""

from __future__ import annotations

from typing import Final

WORKS: Final[dict[str, list[tuple[str, str]]]] = {
    "opera": [
        ("La traviata", "Giuseppe Verdi"),
        ("Carmen", "Georges Bizet"),
        ("The Magic Flute", "Wolfgang Amadeus Mozart"),
        ("Tosca", "Giacomo Puccini"),
        ("The Flying Dutchman", "Richard Wagner"),
        ("Rusalka", "Antonín Dvořák"),
        ("Eugene Onegin", "Pyotr Tchaikovsky"),
        ("The Barber of Seville", "Gioachino Rossini"),
        ("Dido and Aeneas", "Henry Purcell"),
    ],
    "classical": [
        ("Symphony No. 5 in C minor", "Ludwig van Beethoven"),
        ("Symphony No. 9, “From the New World”", "Antonín Dvořák"),
        ("The Planets", "Gustav Holst"),
        ("Goldberg Variations", "Johann Sebastian Bach"),
        ("Winterreise", "Franz Schubert"),
        ("Piano Concerto in A minor", "Clara Schumann"),
        ("La mer", "Claude Debussy"),
        ("Scheherazade", "Nikolai Rimsky-Korsakov"),
        ("Enigma Variations", "Edward Elgar"),
    ],
    "theatre": [
        ("A Midsummer Night's Dream", "William Shakespeare"),
        ("Antigone", "Sophocles"),
        ("The Cherry Orchard", "Anton Chekhov"),
        ("A Doll's House", "Henrik Ibsen"),
        ("Cyrano de Bergerac", "Edmond Rostand"),
        ("The Importance of Being Earnest", "Oscar Wilde"),
        ("Life Is a Dream", "Pedro Calderón de la Barca"),
        ("Shakuntala", "Kālidāsa"),
        ("The Love Suicides at Sonezaki", "Chikamatsu Monzaemon"),
    ],
    "dance": [
        ("Swan Lake", "Pyotr Tchaikovsky"),
        ("Giselle", "Adolphe Adam"),
        ("The Nutcracker", "Pyotr Tchaikovsky"),
        ("Coppélia", "Léo Delibes"),
        ("Afternoon of a Faun", "Claude Debussy"),
        ("The Sleeping Beauty", "Pyotr Tchaikovsky"),
    ],
    "family": [
        ("Alice in Wonderland", "after Lewis Carroll"),
        ("The Snow Queen", "after Hans Christian Andersen"),
        ("Peter and the Wolf", "with orchestra"),
        ("Anansi the Spider", "puppets and drums"),
        ("Baron Munchausen", "a shadow play"),
        ("The Carnival of the Animals", "Camille Saint-Saëns"),
    ],
}

BAND_ADJECTIVES: Final = [
    "Velvet", "Paper", "Electric", "Northern", "Silent", "Golden", "Broken", "Midnight", "Crimson", "Wandering",
    "Distant", "Copper", "Lunar", "Salt", "Neon",
]  # fmt: skip
BAND_NOUNS: Final = [
    "Harbour", "Foxes", "Parade", "Orchard", "Satellites", "Lanterns", "Weather", "Motel", "Cartographers", "Tigers",
    "Choir", "Machines", "Avenue", "Ghosts", "Tides",
]  # fmt: skip
TOURS: Final = [
    "The Long Way Home Tour", "Live", "Ten Years On", "Acoustic", "Songs for Strangers", "The Farewell Tour",
    "All Our Summers", "Up Close",
]  # fmt: skip
JOKES: Final = [
    "Mildly Concerned", "Thinking Out Loud", "No Refunds", "Notes to Self", "Still Not Sorry", "Off by One",
    "Works on My Machine", "Small Talk",
]  # fmt: skip
GIVEN: Final = [
    "Ada", "Amara", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hana", "Ivo", "Jasmin", "Kofi", "Lena",
    "Mateo", "Nadia", "Oskar", "Priya", "Quinn", "Rosa", "Samir", "Tomás", "Uma", "Viktor", "Wei", "Yuki", "Zora",
]  # fmt: skip
FAMILY: Final = [
    "Adeyemi", "Bergström", "Castillo", "Dubois", "Eriksen", "Fontana", "Gupta", "Haddad", "Ishikawa", "Jansen",
    "Kowalski", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Quispe", "Rossi", "Silva", "Tanaka",
    "Ueda", "Vogel", "Wagner", "Yilmaz", "Zhang",
]  # fmt: skip
HOUSES: Final = [
    ("{} Opera House", 2100),
    ("Grand Theatre {}", 1400),
    ("{} Philharmonic", 1900),
    ("{} Arena", 12000),
    ("The Foundry", 650),
    ("Riverside Hall", 900),
    ("Club Meridian", 320),
    ("The Observatory", 480),
]
"""Names of houses, and how many they hold."""

STAGES: Final = {
    "opera": (0, 1),
    "classical": (2, 0),
    "theatre": (1, 7),
    "dance": (0, 1),
    "family": (1, 5),
    "concert": (3, 4, 5, 6),
    "comedy": (6, 7, 4),
}
"""Which houses suit which events: positions in ``HOUSES``, the likeliest first."""
