"""Fictional player names: every full name is a free combination, unique within one simulated league."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

FIRST = (
    "Abel Ace Adrian Alaric Aldo Amos Ansel Arlo Armand Asher Augie Axel Barrett Bastian Beckett Bram Brice Cade Caius Calder Casimir "
    "Cedric Clovis Cormac Cyrus Dacian Dario Dashiell Davor Deacon Delroy Desmond Dimitri Dorian Edmund Elias Emeka Emory Enzo Ephraim "
    "Esteban Evander Fabian Farid Felix Fintan Florian Gareth Gideon Goran Griffin Gustav Hakeem Halvor Harlan Hector Hugo Idris "
    "Ignacio Ilya Inigo Isandro Ivo Jago Jarek Jasper Jorge Jovan Kadeem Kaspar Kelvin Kenji Kofi Lamont Lars Leander Lennox Leopold "
    "Linus Lorcan Luca Magnus Malachi Marek Matthias Maxim Milos Nestor Nico Nnamdi Obadele Octavio Olin Omari Orson Osric Otis Pascal "
    "Pavel Percy Phelan Quade Quentin Quillan Rafael Ramsey Rasmus Reuben Roderick Roman Rufus Sandor Saul Sebastian Silas Soren "
    "Stellan Tadeo Teague Theron Thiago Tobin Ulric Umar Valentin Viktor Vito Walker Wendell Wilder Wolf Xander Yannick Yusuf Zane "
    "Zoran"
).split()

LAST = (
    "Abara Ackerley Adebanjo Alcott Almqvist Amadi Ashdown Atwater Avellan Babineaux Balogun Bancroft Barlowe Bexley Birchall Blackwood "
    "Bodnar Brandvold Brightmoor Brodeur Calloway Carmody Castellan Chadwick Cisse Claymore Coldwell Corrigan Crane Cresswell Dabney "
    "Dalgaard Darkwa Delacroix Denholm Diallo Dockery Drummond Dunmore Eastwick Ebbesen Edgerton Ekholm Elderfield Eriksen Fairbanks "
    "Falkner Farrow Fenwick Fitzroy Forsberg Foxworth Gainsborough Galloway Garrick Gillespie Goodacre Granlund Greaves Guttormsen "
    "Hadley Halloran Hargrove Hawksworth Helgason Hollander Horvat Huxley Idowu Ingram Ivanic Jansson Jarrow Jessup Kallio Karlsen "
    "Kavanagh Keating Kingsley Kovalenko Krane Lachance Langley Larkspur Lindqvist Lockhart Lovelace Maddox Malloy Mandeville Marchetti "
    "Mbemba Merriweather Montrose Moorhouse Mwangi Nakamura Newcombe Nightingale Norrington Novak Nwosu Oakley Odunsi Okafor Ollivier "
    "Orlov Osei Pemberton Penrose Petrakis Pickering Quarles Quigley Radcliffe Rainsford Ravenel Redfern Renaud Rockwell Rosander "
    "Rutherford Salinger Sandoval Santangelo Savary Seagrave Shackleton Sinclair Sorensen Stanhope Stockdale Sundberg Tallman Tennyson "
    "Thackeray Thornbury Traore Tremaine Ulvestad Underhill Vandermeer Varga Vasiliev Voss Wadsworth Wakefield Waverly Westergaard "
    "Whitlock Winslow Wolcott Wrenfield Yardley Yeboah Zadora Zielinski"
).split()

ACCENTED = {
    "Sorensen": "Sørensen",
    "Kovalenko": "Kovaľenko",
    "Horvat": "Horvát",
    "Traore": "Traoré",
    "Cisse": "Cissé",
    "Jansson": "Jánsson",
}
SUFFIXES = ("Jr.", "II", "III")


def draw_name(rng: np.random.Generator, taken: set[str]) -> str:
    """A full name not yet in `taken` (compared without accent or suffix), which it joins; some carry an accent, a hyphen or a suffix."""
    while True:
        first, last = FIRST[rng.integers(len(FIRST))], LAST[rng.integers(len(LAST))]
        style = rng.random()
        if style < 0.04:
            last = f"{last}-{LAST[rng.integers(len(LAST))]}"
        plain = f"{first} {last}"
        if plain in taken:
            continue
        taken.add(plain)
        if 0.04 <= style < 0.09:
            return f"{plain} {SUFFIXES[rng.integers(len(SUFFIXES))]}"
        return f"{first} {ACCENTED.get(last, last)}"


def feed_spelling(name: str) -> str:
    """The name as betting feeds print it: no accents, no dots, as most of them do."""
    plain = {accented: bare for bare, accented in ACCENTED.items()}
    for accented, bare in plain.items():
        name = name.replace(accented, bare)
    return name.replace("Jr.", "Jr")
