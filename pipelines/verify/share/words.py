"""Why a tenant got its places on a day, in sentences with the numbers: Vietnamese, and English beside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pipelines.verify.share.allocation import Places
from pipelines.verify.share.override import Override


@dataclass(frozen=True)
class Granted:
    """A tenant's places on a day, and among how many they were divided."""

    tenant: str
    day: date
    policy: str
    cap: int
    places: Places
    wanted: int
    """What waited for the tenant, and what it had asked that day already."""
    tenants: int
    """Among how many the cap was divided."""
    all_places: int
    """What all of them got together."""
    override: Override | None = None


@dataclass(frozen=True)
class Sentence:
    """One sentence in both languages."""

    vi: str
    en: str


def why(granted: Granted) -> list[Sentence]:
    """First what the tenant got, then each part with its ground, their sum, and what waits on."""
    parts = {name: count for name, count in vars(granted.places).items() if count}
    told = [_got(granted), *(_PARTS[name](granted, count) for name, count in parts.items())]
    if len(parts) > 1:
        added = " + ".join(_n(count) for count in parts.values())
        total = granted.places.total
        told.append(Sentence(f"Cộng lại: {added} = {_n(total)}.", f"Together: {_en(added)} = {total:,}."))
    return [*told, _left(granted), _country(granted)]


def _got(granted: Granted) -> Sentence:
    total = granted.places.total
    return Sentence(
        f"Ngày {granted.day:%d/%m/%Y}, «{granted.tenant}» được {_n(total)} chỗ trong hạn mức {_n(granted.cap)} của cả "
        f"nước, trên {_n(granted.wanted)} câu của đơn vị.",
        f"On {granted.day}, «{granted.tenant}» got {total:,} of the country's {granted.cap:,} places, "
        f"for {granted.wanted:,} questions of its own.",
    )


def _floor(granted: Granted, count: int) -> Sentence:
    if granted.policy == "max-min":
        return Sentence(
            f"{_n(count)} chỗ do chia đều hạn mức cho {_n(granted.tenants)} đơn vị; ai cần ít hơn thì phần thừa chia "
            "tiếp.",
            f"{count:,} from dividing the cap evenly among {granted.tenants:,} tenants; "
            "what one does not need goes on.",
        )
    return Sentence(
        f"{_n(count)} chỗ từ phần sàn: một nửa hạn mức chia đều cho {_n(granted.tenants)} đơn vị, để đơn vị nhỏ được "
        "hỏi ngay trong ngày; ai cần ít hơn thì phần thừa chia tiếp.",
        f"{count:,} from the floor: half of the cap divided evenly among {granted.tenants:,} tenants, so that small "
        "ones are served the same day; what one does not need goes on.",
    )


def _aged(granted: Granted, count: int) -> Sentence:
    if granted.policy == "fifo":
        return Sentence(f"{_n(count)} chỗ vì đến trước.", f"{count:,} for having come first.")
    return Sentence(
        f"{_n(count)} chỗ vì chờ lâu: phần còn lại của hạn mức dành cho ngày chờ lâu nhất trước, trong cùng một ngày "
        "thì chia đều.",
        f"{count:,} for waiting long: the rest of the cap goes to the oldest day first, evenly inside a day.",
    )


def _size(granted: Granted, count: int) -> Sentence:
    if granted.policy == "largest-first":
        return Sentence(
            f"{_n(count)} chỗ vì tồn nhiều: đơn vị tồn nhiều nhất được hỏi hết trước.",
            f"{count:,} for its size: the largest backlog is served whole first.",
        )
    return Sentence(
        f"{_n(count)} chỗ theo tỷ lệ số câu đang chờ.", f"{count:,} in proportion to the questions that wait."
    )


def _override(granted: Granted, count: int) -> Sentence:
    order = granted.override
    if order is None:
        return Sentence(f"{_n(count)} chỗ theo lệnh ưu tiên có thời hạn.", f"{count:,} by an order for a deadline.")
    percent = f"{float(100 * order.limit):g}"
    return Sentence(
        f"{_n(count)} chỗ theo lệnh ưu tiên đến hạn {order.deadline:%d/%m/%Y}, nhiều nhất {percent.replace('.', ',')} "
        f"% hạn mức mỗi ngày; người chịu trách nhiệm: {order.by}; lý do: {order.reason}.",
        f"{count:,} by an order for the deadline {order.deadline}, at most {percent} % of the cap a day; "
        f"ordered by {order.by}: {order.reason}.",
    )


def _left_over(_granted: Granted, count: int) -> Sentence:
    return Sentence(
        f"{_n(count)} chỗ lẻ do làm tròn, phần lẻ lớn nhất trước; bằng nhau thì mỗi ngày đến lượt đơn vị khác.",
        f"{count:,} left over by rounding, the largest fraction first; among equals the turn moves on each day.",
    )


def _earlier(_granted: Granted, count: int) -> Sentence:
    return Sentence(
        f"{_n(count)} chỗ đã dùng trước đó trong ngày, khi phần của đơn vị còn lớn hơn; không ai phải trả lại.",
        f"{count:,} already used that day, when its share was larger; nobody gives places back.",
    )


def _left(granted: Granted) -> Sentence:
    left = granted.wanted - granted.places.total
    if not left:
        return Sentence("Mọi câu của đơn vị đều được hỏi trong ngày.", "All of its questions have a place that day.")
    return Sentence(f"{_n(left)} câu chờ sang ngày sau.", f"{left:,} wait for another day.")


def _country(granted: Granted) -> Sentence:
    full = granted.all_places >= granted.cap
    vi = "dùng hết hạn mức" if full else "không ai còn câu nào chờ"
    en = "all of the cap" if full else "nobody has anything left to ask"
    return Sentence(
        f"Cả nước: {_n(granted.tenants)} đơn vị được {_n(granted.all_places)} chỗ, {vi}.",
        f"The country: {granted.tenants:,} tenants got {granted.all_places:,} places, {en}.",
    )


_PARTS: dict[str, Callable[[Granted, int], Sentence]] = {
    "floor": _floor,
    "aged": _aged,
    "size": _size,
    "override": _override,
    "left_over": _left_over,
    "earlier": _earlier,
}


def _n(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _en(text: str) -> str:
    return text.replace(".", ",")
