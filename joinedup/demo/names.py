"""The short lists Marlbrook's people are named and housed from. Every combination is by chance.

Weights are of an English county town; ages are weighted to older people, whom the tour is about.
"""

from msgspec import Struct

__all__ = ["AGES", "COMMUNITIES", "STREETS", "Community"]


class Community(Struct, frozen=True):
    """Families who share naming habits; given names are (women's, men's), older ones first."""

    ethnicity: str
    weight: int
    women: str
    men: str
    families: str
    language: str = "English"


COMMUNITIES = (
    Community(
        "A",
        236,
        "Margaret Jean Mary Joan Patricia Sheila Barbara Doreen June Dorothy Maureen Audrey Brenda "
        "Kathleen Sylvia Eileen Pamela Beryl Irene Christine Linda Janet Carol Gillian Julie Karen "
        "Alison Tracey Helen Claire Emma Laura Rebecca Hannah Charlotte Chloe Emily Olivia Amelia",
        "John William George Ronald Kenneth Peter Derek Raymond Roy Dennis Alan Brian Frank Gordon "
        "Stanley Norman Geoffrey Michael David Keith Trevor Graham Stephen Paul Andrew Mark Simon "
        "Neil Darren Lee Matthew James Daniel Thomas Jack Joshua Harry Oliver Alfie",
        "Alcott Barrowby Beech Bellamy Birkett Bowley Bradwell Brindle Cartledge Chadwick "
        "Copley Cresswell Dalby Deakin Draycott Eyre Fearn Fenwick Garside Gaunt Gilliver "
        "Hackett Hartshorn Hebden Hollis Ibbotson Jessop Kirkby Ludlow Marsden Mellor Naylor "
        "Oldroyd Parkin Peach Pickering Radford Redfern Rowbotham Sedgwick Shipley Skelton "
        "Stainton Thorpe Tindall Tomlinson Wainwright Warsop Wheatcroft Whitaker Widdowson "
        "Woolley Wragg Yardley",
    ),
    Community(
        "B",
        6,
        "Bridget Nora Eileen Maeve Siobhan Aoife",
        "Patrick Michael Dermot Liam Declan Conor",
        "Brannigan Corcoran Devlin Hanrahan Keogh Tierney",
    ),
    Community(
        "C",
        10,
        "Zofia Halina Danuta Agnieszka Kasia Ruta",
        "Stanislaw Jerzy Andrzej Piotr Marek Tomas",
        "Baran Dudek Jankauskas Kaminska Pawlak Wrona",
        "Polish",
    ),
    Community(
        "H",
        14,
        "Kamla Savita Nirmala Meena Anjali Priya Kavita Diya",
        "Mohan Harish Suresh Rajesh Anil Vikram Arjun Rohan",
        "Bhatt Chauhan Desai Gohil Joshi Mistry Parmar Solanki",
        "Gujarati",
    ),
    Community(
        "J",
        10,
        "Zubaida Nasreen Shamim Farzana Saima Aisha Maryam",
        "Ghulam Abdul Tariq Nadeem Imran Bilal Hamza",
        "Akhtar Bashir Chaudhry Hussain Malik Qureshi Siddiq",
        "Urdu",
    ),
    Community(
        "K",
        4,
        "Rokeya Halima Shirin Nazma Tahmina",
        "Abdur Nurul Faruk Kamal Rafiq",
        "Ahmed Chowdhury Khatun Miah Uddin",
        "Bengali",
    ),
    Community(
        "M",
        8,
        "Icilda Beverley Yvonne Marcia Sharon Jade",
        "Cecil Vernon Carlton Errol Leroy Jordan",
        "Bailey Francis Gayle Henry Samuels Tulloch",
    ),
    Community(
        "N",
        6,
        "Abena Folake Ngozi Amina Blessing Zuri",
        "Kwame Olu Chidi Emeka Tendai Kofi",
        "Adeleke Boateng Eze Mensah Moyo Okoro",
    ),
    Community(
        "R",
        3,
        "Mei-Ling Xiu Wai-Yin Li Jia",
        "Wing Kwok Ming Jian Hao",
        "Chan Cheung Lau Tsang Wong",
        "Cantonese",
    ),
    Community(
        "S",
        3,
        "Leila Shirin Parvin Dalal Noor",
        "Reza Farhad Karim Yusuf Sami",
        "Amini Darwish Haddad Karimi Rostami",
        "Farsi",
    ),
)

STREETS = (
    "Abbot's Row", "Bakehouse Lane", "Barley Close", "Bowling Green Road", "Canal Street",
    "Chapel Street", "Coronation Avenue", "Cross Keys Yard", "Dovecote Lane", "Elder Grove",
    "Ferry Road", "Fosse Lane", "Gasworks Terrace", "Hawthorn Drive", "Infirmary Road",
    "Jubilee Crescent", "Kiln Street", "Lime Tree Avenue", "Long Meadow", "Market Place",
    "Mill Street", "Nightingale Close", "Old Wharf", "Orchard Row", "Priory Road",
    "Quarry Hill", "Rope Walk", "Saddler's Court", "St Anne's Road", "Tithe Barn Lane",
    "Union Street", "Victoria Terrace", "Weir Court", "Willow Bank", "Yew Tree Close",
)  # fmt: skip
"""Streets of Marlbrook, which is nowhere."""

# From and to (whole years) and weight: England's ages, weighted to the people care is about.
AGES = ((1, 17, 8), (18, 39, 12), (40, 64, 22), (65, 74, 18), (75, 84, 23), (85, 101, 17))
