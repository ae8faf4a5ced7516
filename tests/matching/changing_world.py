"""A registry and a sector's list, both small and full of namesakes, that change from night to night by a seed."""

import random

from tests.matching.tables import person, record

NAMES = ("Nguyễn Văn An", "Nguyễn Văn Ân", "Trần Thị Bình", "Trần Bình", "Lê Minh Tú", "Nguyễn Văn Nam")
DATES = ("1990-05-06", "1990-06-05", "1991-05-06", "1990", "2001-02-03")
PLACES = (("01", "00001"), ("01", "00004"), ("79", "26734"))


class World:
    """A registry and a sector that change from night to night."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.people = {f"0010900000{at:02}": self.person(f"0010900000{at:02}") for at in range(0, 60, 2)}
        self.records = [self.record() for _ in range(60)]

    def person(self, person_id: str) -> dict[str, object]:
        name, date, (province, commune) = (self.random.choice(each) for each in (NAMES, DATES, PLACES))
        old = [f"0010800000{self.random.randrange(20):02}"] if self.random.random() < 0.2 else []
        others = [self.random.choice(NAMES)] if self.random.random() < 0.1 else []
        return person(
            person_id, name, date, self.random.choice(("Nam", "Nữ")), old_ids=old, other_names=others,
            province_code=province, commune_code=commune, mother_name=self.random.choice((None, *NAMES)),
            status=self.random.choice(("alive", "alive", "deceased")),
        )  # fmt: skip

    def record(self) -> dict[str, object]:
        about = self.random.choice(list(self.people.values()))
        said = {name: about[name] for name in ("full_name", "date_of_birth", "sex", "person_id")}
        if self.random.random() < 0.7:
            said["person_id"] = self.random.choice((None, f"0010900000{self.random.randrange(60):02}", "001080000007"))
        if self.random.random() < 0.4:
            said["full_name"] = self.random.choice((*NAMES, "Lê Minh Tu", None))
        if self.random.random() < 0.3:
            said["date_of_birth"] = self.random.choice((*DATES, None))
        return record(
            *said.values(), province_code=about["province_code"], commune_code=about["commune_code"],
            mother_name=self.random.choice((None, about["mother_name"])),
        )  # fmt: skip

    def change_records(self, count: int) -> None:
        for _ in range(count):
            at = self.random.randrange(len(self.records))
            match self.random.randrange(4):
                case 0:
                    self.records[at] = self.record()
                case 1:
                    self.records.insert(at, self.record())
                case 2:
                    self.records.append(dict(self.records[at]))
                case 3:
                    del self.records[at]

    def change_people(self, count: int) -> None:
        for _ in range(count):
            person_id = f"0010900000{self.random.randrange(60):02}"
            if person_id in self.people and self.random.random() < 0.4:
                del self.people[person_id]
            elif person_id in self.people and self.random.random() < 0.4:
                self.people[person_id] |= {"status": "emigrated", "updated_at": "2026"}
            else:
                self.people[person_id] = self.person(person_id)
