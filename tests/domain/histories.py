"""Random days that could have happened: children ask one after another, cancel, come, are asked.

Every day is made by the same functions that the services call, so that what must always hold can
be looked for in each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations, product
from random import Random

from hypothesis import strategies as st

from reservation.domain import capacity, illnesses, queue, vacancy
from reservation.domain.rooms import Seat
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.places import IllnessCap, Room
from reservation.domain.states import State
from reservation.domain.values import Booking, Child, Day, Wish, holds_place
from tests.domain.build import NOW, aged, booking, day, offer, room, rulebook, wish

USES = [("general", None), ("isolation", None), ("isolation", "either"), ("observation", "either")]
ILLNESSES = ["URI", "URI", "OTITIS", "FLU_A", "FLU_A", "FLU_B", "UNDIAGNOSED_RASH", "RSV"]
AGES = [8, 20, 40]
LATER = timedelta(minutes=1)


_SIBLINGS = {"table": {"UNDIAGNOSED_RASH": {"handling": "single"}}, "siblings_share": True}


def house_of(random: Random) -> RuleBook:
    """A small house with every kind of limit, each of them now and then."""
    specs = [(*random.choice(USES), random.randint(1, 3)) for _ in range(random.randint(2, 4))]
    places: dict[str, object] = {}
    if random.random() < 0.25:
        places["age_caps"] = [{"below_months": 12, "at_most": random.randint(0, 2)}]
    if random.random() < 0.25:
        places["illness_caps"] = [
            {"illnesses": random.choice([(), ("FLU_A", "URI")]), "at_most": random.randint(0, 3)}
        ]
    if random.random() < 0.25:
        places["points"] = random.randint(2, 6)
        places["age_weights"] = [{"below_months": 24, "points": 1.5}]
    doors = random.random() < 0.3
    if random.random() < 0.15:
        places["infections_by_own_entrance"] = True
    return rulebook(
        capacity=random.randint(3, 8),
        rooms=[
            room(f"r{n}", size, kind, takes, *(["r0"] if n and doors else []))
            for n, (kind, takes, size) in enumerate(specs)
        ],
        places=places,
        illnesses=_SIBLINGS if random.random() < 0.3 else {},
        staffing={
            "standard_workers": random.choice([1, 2, 2, 3]),
            "adult_per_isolation": random.random() < 0.3,
        },
    )


ACTS = [
    "ask",
    "ask",
    "ask",
    "cancel",
    "cancel",
    "check_in",
    "pin",
    "cancel_and_offer",
    "cancel_and_offer",
]


def day_of(seed: int, acts: int) -> Day:
    """The day after so many acts; the same for the same seed, and a shorter one is its morning."""
    random = Random(seed)
    today = day(rules=house_of(random))
    for n in range(acts):
        act = "ask" if n < 6 else random.choice(ACTS)
        illness, months = random.choice(ILLNESSES), random.choice(AGES)
        today = after(today, n, act, illness, months, random.randrange(10))
    return today


def days(most: int = 20) -> st.SearchStrategy[Day]:
    """Days at NOW after up to ``most`` acts, with offers still open.

    Drawn from a seed (a day costs a millisecond); a failing one shrinks to its earliest moment.
    """
    return st.builds(day_of, st.integers(0, 2**32), st.integers(4, most))


def wishes() -> st.SearchStrategy[Wish]:
    """A newcomer that asks now."""
    return st.builds(wish, st.sampled_from([*ILLNESSES, "MUMPS"]), st.sampled_from(AGES))


def everyone() -> list[Wish]:
    """Every kind of newcomer: what sits in general, shares, sits alone, or is new to the day."""
    kinds = ("URI", "FLU_A", "FLU_B", "RSV", "UNDIAGNOSED_RASH")
    return [wish(illness, months) for illness in kinds for months in (8, 40)]


def fitting(today: Day, list_first: bool = True) -> list[tuple[Wish, vacancy.Answer]]:
    """All newcomers for whom there is a place, with the answer."""
    answers = [(w, vacancy.fits(today, w, NOW, list_first=list_first)) for w in everyone()]
    return [(w, answer) for w, answer in answers if not isinstance(answer, vacancy.No)]


def after(today: Day, n: int, act: str, illness: str, months: int, pick: int) -> Day:
    """The day after one more act; ``pick`` chooses among the bookings that it may concern."""
    if act == "ask":
        return asked(today, f"b{n:02}", illness, months, NOW - timedelta(hours=1) + n * LATER)
    held = [b for b in today.bookings if b.state is State.CONFIRMED]
    if not held:
        return today
    chosen = held[pick % len(held)]
    if act.startswith("cancel"):
        freed = today.with_booking(chosen.change(state=State.CANCELLED)).change(freed_at=NOW)
        return offered(freed, f"r{n}", 1 + pick % 3, 1 + pick // 8) if "offer" in act else freed
    # staff may fix a child only where that leaves the open offers their places
    assert chosen.room is not None
    if isinstance(vacancy.move(today, chosen, chosen.room, NOW), vacancy.No):
        return today
    change = {"state": State.CHECKED_IN} if act == "check_in" else {"pinned": True}
    return today.with_booking(chosen.change(**change))


def asked(today: Day, name: str, illness: str, months: int, at: datetime) -> Day:
    """A newcomer gets a place where there is one, and stands in the list otherwise."""
    # children of one age are siblings
    new = booking(
        name, illness, State.WAITING, birthday=aged(months), asked_at=at, family_id=f"f{months}"
    )
    child = Child(id=new.child_id, birthday=new.birthday, family_id=new.family_id)
    asking = wish(illness, child=child, asked_at=at)
    return settled(today, new, vacancy.fits(today, asking, NOW))


def settled(today: Day, new: Booking, answer: vacancy.Answer) -> Day:
    """The day with this booking confirmed as answered, moves and all, or waiting."""
    if isinstance(answer, vacancy.No):
        return today.with_booking(new)
    if isinstance(answer, vacancy.FitsAfterMove):
        for move in answer.moves:
            moved = today.booking(move.booking_id)
            assert moved is not None
            assert moved.room == move.frm
            today = today.with_booking(moved.change(room=move.to))
    return today.with_booking(new.change(state=State.CONFIRMED, room=answer.room, round_id=None))


def wish_of(entry: Booking, child_id: str | None = None) -> Wish:
    """The wish behind a booking of the day."""
    child = Child(id=child_id or entry.child_id, birthday=entry.birthday, family_id=entry.family_id)
    return wish(entry.illness, child=child, asked_at=entry.asked_at, booking_id=entry.id)


def offered(today: Day, name: str, at_once: int, places: int) -> Day:
    """A round for the first of the list for whom there is a place; each choice of as many as
    there are places must fit."""
    chosen: list[Booking] = []
    for entry in queue.queue(today):
        if not queue.may_be_asked(today, entry):
            continue
        choices = combinations([*chosen, entry], min(places, len(chosen) + 1))
        if all(_fit_together(today, choice) for choice in choices):
            chosen.append(entry)
        if len(chosen) == at_once:
            break
    for entry in chosen:
        today = today.with_booking(entry.change(state=State.OFFERED, round_id=name))
    return (
        today.change(rounds=(*today.rounds, offer(name, min(places, len(chosen)))))
        if chosen
        else today
    )


def _fit_together(today: Day, choice: Sequence[Booking]) -> bool:
    for entry in choice:
        answer = vacancy.fits(today, wish_of(entry), NOW, list_first=False)
        if isinstance(answer, vacancy.No):
            return False
        today = settled(today, entry, answer)
    return True


# -- the rules once more, as plainly as possible ------------------------------------------------


def holding(today: Day) -> list[Booking]:
    """Who holds a place at NOW."""
    return [b for b in today.bookings if holds_place(b, NOW)]


def seats(today: Day, children: Sequence[Booking]) -> list[Seat]:
    """The children for the seating by brute force."""
    return [
        Seat(
            b.id,
            illnesses.cohort(today.rules, b.illness, b.id, b.family_id),
            b.room,
            b.state is State.CHECKED_IN or b.pinned,
        )
        for b in children
    ]


def allowed(where: dict[str, str], children: Sequence[Seat], house: Sequence[Room]) -> bool:
    """Whether this seating keeps the rules of rooms."""
    for r in house:
        inside = [c for c in children if where[c.booking_id] == r.id]
        kinds = {c.cohort for c in inside}
        if len(inside) > r.places or len(kinds) > 1:
            return False
        if (r.use == "general" and kinds - {"G"}) or (r.use == "infectious" and kinds & {"G"}):
            return False
    return all(where[c.booking_id] == c.room for c in children if c.fixed and c.room)


def all_seatings(children: Sequence[Seat], house: Sequence[Room]) -> Iterator[dict[str, str]]:
    """Every way to give each child a room."""

    def further(n: int, where: dict[str, str]) -> Iterator[dict[str, str]]:
        if n == len(children):
            yield dict(where)
            return
        for r in house:
            inside = [c for c in children[:n] if where[c.booking_id] == r.id]
            if len(inside) < r.places and all(c.cohort == children[n].cohort for c in inside):
                where[children[n].booking_id] = r.id
                yield from further(n + 1, where)
                del where[children[n].booking_id]

    return (where for where in further(0, {}) if allowed(where, children, house))


def watched(where: dict[str, str], house: Sequence[Room], children: Sequence[Seat]) -> int:
    """Adults for the isolation rooms in use: one each, or one for rooms that are joined. Rooms in
    which nobody sits may be opened for a cohort too, to join others."""
    owners = {where[c.booking_id]: c.cohort for c in children}
    empty = [r for r in house if r.id not in owners]
    ways = product([None, *sorted(set(owners.values()))], repeat=len(empty))
    counts = []
    for way in ways if any(r.combinable_with for r in house) else [(None,) * len(empty)]:
        opened = {r.id: cohort for r, cohort in zip(empty, way, strict=True) if cohort}
        if all(_takes(r, opened[r.id]) for r in empty if r.id in opened):
            counts.append(_adults(owners | opened, house))
    return min(counts)


def _takes(r: Room, cohort: str) -> bool:
    return r.use == "either" or (r.use == "general") == (cohort == "G")


def _adults(owners: dict[str, str], house: Sequence[Room]) -> int:
    """Joined rooms of one cohort become one by giving both the same number until none changes."""
    number = {room_id: n for n, room_id in enumerate(sorted(owners))}
    for _ in house:
        for a, b in product((r for r in house if r.id in owners), repeat=2):
            if owners[a.id] == owners[b.id] and b.id in a.combinable_with:
                number[a.id] = number[b.id] = min(number[a.id], number[b.id])
    return len(
        {number[r.id] for r in house
         if r.id in owners and r.kind == "isolation" and r.use != "general"}
    )  # fmt: skip


def together(today: Day, children: Sequence[Booking], joining: Booking) -> bool:
    """Whether all these children may be here at once, by brute force, with ``joining`` last."""
    rules, n = today.rules, len(children)
    months = {b.id: next(m for m in AGES if aged(m) == b.birthday) for b in children}
    weights = sum(1.5 if months[b.id] < 24 and rules.places.age_weights else 1 for b in children)
    babies = sum(months[b.id] < 12 for b in children)
    workers = rules.staffing.standard_workers
    house = capacity.open_rooms(today)
    adults = workers + 1 if rules.staffing.adult_per_isolation else len(house)
    if n > rules.places.official_capacity or n > 3 * workers:
        return False
    if rules.places.points is not None and weights > rules.places.points:
        return False
    cap = rules.places.age_caps
    if cap and months[joining.id] < 12 and babies > cap[0].at_most:
        return False
    if over_an_illness_cap(today, children, joining):
        return False
    everybody = seats(today, children)
    ways = all_seatings(everybody, house)
    return any(watched(where, house, everybody) <= adults for where in ways)


def over_an_illness_cap(today: Day, children: Sequence[Booking], joining: Booking) -> bool:
    """Whether the child that joins is one too many of some illnesses."""

    def counts(cap: IllnessCap, one: Booking) -> bool:
        sits_apart = illnesses.cohort(today.rules, one.illness, one.id) != "G"
        return one.illness in cap.illnesses or (not cap.illnesses and sits_apart)

    return any(
        counts(cap, joining) and sum(counts(cap, one) for one in children) > cap.at_most
        for cap in today.rules.places.illness_caps
    )


def ways_of_rounds(today: Day, but: str | None = None) -> list[list[Booking]]:
    """Every outcome of the open rounds."""
    rounds = []
    for each in today.rounds:
        asked = [b for b in today.bookings if b.round_id == each.id and b.state is State.OFFERED]
        others = [b for b in asked if b.id != but]
        places = each.places - (len(asked) - len(others))
        rounds.append([list(c) for c in combinations(others, min(places, len(others)))])
    return [[b for part in way for b in part] for way in product(*rounds)]
