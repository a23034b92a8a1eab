"""Who works at the demo clinics and who comes to them. Invented names; addresses end in .example."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain.staff.permissions import Role


@dataclass(frozen=True)
class Worker:
    """One member of staff, with the sign-ins the demo prints."""

    name: str
    role: Role
    pin: str | None = None
    email: str | None = None
    password: str | None = None
    treats: bool = False


STAFF = (
    Worker("Ana Ruiz", Role.RECEPTIONIST, pin="246810"),
    Worker("Tom Becker", Role.RECEPTIONIST, pin="135724"),
    Worker("Maya Chen", Role.MANAGER, pin="864209", email="maya@maple.example", password="quiet-hands-2026"),
    Worker("Ruth Okafor", Role.OWNER, pin="975310", email="ruth@maple.example", password="calm-ledger-2026"),
    Worker("Lena Vogt", Role.BOOKKEEPER, email="lena@maple.example", password="exact-cents-2026"),
    Worker("Jo Martin", Role.THERAPIST, treats=True),
    Worker("Sam Ito", Role.THERAPIST, treats=True),
    Worker("Elif Kaya", Role.THERAPIST, treats=True),
)

GIVEN = (
    "Maria Sam Iris Noah Lea Omar Clara Jonas Aiko Peter Nina Hugo Zoé Luca Amara Felix Ines Karl Mila Owen Rosa Yusuf"
    " Greta Dario Hannah Ravi Stella Bruno Tara Anton"
).split()
FAMILY = (
    "Lopes Keller Novak Haddad Brandt Silva Meyer Tanaka Olsen Ricci Dubois Moreau Şahin Kowalski Varga Lindqvist Costa"
    " Petrov Nakamura O’Brien Schäfer Nguyen Rossi Weiß Andersen Łukasz Çelik Fischer Hansen Almeida"
).split()


def clients(count: int) -> list[tuple[str, str, str, str]]:
    """Given name, family name, e-mail and phone of the first `count` clients; Maria Lopes comes first."""
    people = []
    for index in range(count):
        family = FAMILY[1 + (index * 7 + index // 30) % 29] if index else FAMILY[0]
        given = GIVEN[index % 30]
        mail = f"client{index + 1:03d}@mail.example" if index else "maria@mail.example"
        people.append((given, family, mail, f"+1 212 555 {1000 + index * 37 % 9000:04d}"))
    return people
