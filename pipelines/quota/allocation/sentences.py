"""Explains a tenant's places on a day in sentences with the numbers: Vietnamese, and English beside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from pipelines.quota.allocation.allocate import Places
from pipelines.quota.allocation.override import Override
from pipelines.quota.allocation.weights import USUAL

Order = Mapping[str, str]
"""An order's author, time and reason: `given_by`, `given_at`, `reason`."""


@dataclass(frozen=True)
class Grant:
    """A tenant's places on a day, and the number of tenants that shared the cap."""

    tenant: str
    day: date
    policy: str
    cap: int
    places: Places
    wanted: int
    """Questions that waited for the tenant, and those it had asked on that day."""
    tenants: int
    """Number of tenants that shared the cap."""
    all_places: int
    """Places of all tenants together."""
    override: Override | None = None
    policy_order: Order | None = None
    """Order that chose the policy; None: the default, which nobody ordered."""
    weight: Fraction = USUAL
    weight_order: Order | None = None
    all_weights: Fraction | None = None
    """Sum of all tenants' weights; None if each has the usual one."""


@dataclass(frozen=True)
class Sentence:
    """One sentence in both languages."""

    vi: str
    en: str


def why(granted: Grant) -> list[Sentence]:
    """Sentences: what the tenant got by which terms, then each part with its reason, their sum, and what still
    waits.
    """
    parts = {name: count for name, count in vars(granted.places).items() if count}
    told = [_got(granted), _policy(granted)]
    if granted.all_weights is not None:
        told.append(_weight(granted, granted.all_weights))
    told += [_PARTS[name](granted, count) for name, count in parts.items()]
    if len(parts) > 1:
        added = " + ".join(_n(count) for count in parts.values())
        total = granted.places.total
        told.append(Sentence(f"Cộng lại: {added} = {_n(total)}.", f"Together: {_en(added)} = {total:,}."))
    return [*told, _left(granted), _country(granted)]


def _got(granted: Grant) -> Sentence:
    total = granted.places.total
    return Sentence(
        f"Ngày {granted.day:%d/%m/%Y}, «{granted.tenant}» được {_n(total)} lượt trong hạn mức {_n(granted.cap)} của cả "
        f"nước, trên {_n(granted.wanted)} yêu cầu của đơn vị.",
        f"On {granted.day}, «{granted.tenant}» got {total:,} of the country's {granted.cap:,} places, "
        f"for {granted.wanted:,} questions of its own.",
    )


def _policy(granted: Grant) -> Sentence:
    order = granted.policy_order
    if order is None:
        return Sentence(
            f"Cách chia: «{granted.policy}», mặc định, không có lệnh khác.",
            f"The policy: «{granted.policy}», the default, nothing else was ordered.",
        )
    vi, en = _ordered(order)
    return Sentence(f"Cách chia: «{granted.policy}», {vi}.", f"The policy: «{granted.policy}», {en}.")


def _weight(granted: Grant, of: Fraction) -> Sentence:
    told_vi, told_en = _ordered(granted.weight_order) if granted.weight_order else ("như thường lệ", "as usual")
    idle = granted.policy == "fifo"
    return Sentence(
        f"Trọng số của đơn vị: {granted.weight} trên tổng {of} của mọi đơn vị, {told_vi}"
        + ("; cách chia này không xét trọng số." if idle else "."),
        f"The tenant's weight: {granted.weight} of {of} of all tenants, {told_en}"
        + ("; this policy does not look at weights." if idle else "."),
    )


def _ordered(order: Order) -> tuple[str, str]:
    by, at, reason = order["given_by"], order["given_at"], order["reason"]
    return f"theo lệnh của {by} lúc {at}, lý do: {reason}", f"ordered by {by} at {at}: {reason}"


def _evenly(granted: Grant) -> tuple[str, str]:
    return ("đều", "evenly") if granted.all_weights is None else ("theo trọng số", "by weight")


def _floor(granted: Grant, count: int) -> Sentence:
    how_vi, how_en = _evenly(granted)
    if granted.policy == "max-min":
        return Sentence(
            f"{_n(count)} lượt do chia {how_vi} hạn mức cho {_n(granted.tenants)} đơn vị; đơn vị cần ít hơn thì phần "
            "thừa chia tiếp.",
            f"{count:,} from dividing the cap {how_en} among {granted.tenants:,} tenants; "
            "what one does not need goes on.",
        )
    return Sentence(
        f"{_n(count)} lượt từ mức tối thiểu: một nửa hạn mức chia {how_vi} cho {_n(granted.tenants)} đơn vị, để đơn vị "
        "nhỏ được gửi ngay trong ngày; đơn vị cần ít hơn thì phần thừa chia tiếp.",
        f"{count:,} from the floor: half of the cap divided {how_en} among {granted.tenants:,} tenants, so that small "
        "ones are served the same day; what one does not need goes on.",
    )


def _aged(granted: Grant, count: int) -> Sentence:
    if granted.policy == "fifo":
        return Sentence(f"{_n(count)} lượt vì đến trước.", f"{count:,} for having come first.")
    how_vi, how_en = _evenly(granted)
    return Sentence(
        f"{_n(count)} lượt vì chờ lâu: phần còn lại của hạn mức dành cho ngày chờ lâu nhất trước, trong cùng một ngày "
        f"thì chia {how_vi}.",
        f"{count:,} for waiting long: the rest of the cap goes to the oldest day first, {how_en} inside a day.",
    )


def _size(granted: Grant, count: int) -> Sentence:
    times_vi, times_en = ("", "") if granted.all_weights is None else (" nhân trọng số", " times its weight")
    if granted.policy == "largest-first":
        return Sentence(
            f"{_n(count)} lượt vì tồn nhiều: đơn vị tồn nhiều nhất{times_vi} được gửi hết trước.",
            f"{count:,} for its size: the largest backlog{times_en} is served whole first.",
        )
    return Sentence(
        f"{_n(count)} lượt theo tỷ lệ số yêu cầu đang chờ{times_vi}.",
        f"{count:,} in proportion to the questions that wait{times_en}.",
    )


def _override(granted: Grant, count: int) -> Sentence:
    order = granted.override
    if order is None:
        return Sentence(f"{_n(count)} lượt theo lệnh ưu tiên có thời hạn.", f"{count:,} by an order for a deadline.")
    percent = f"{float(100 * order.limit):g}"
    return Sentence(
        f"{_n(count)} lượt theo lệnh ưu tiên đến hạn {order.deadline:%d/%m/%Y}, nhiều nhất {percent.replace('.', ',')} "
        f"% hạn mức mỗi ngày; người chịu trách nhiệm: {order.by}; lý do: {order.reason}.",
        f"{count:,} by an order for the deadline {order.deadline}, at most {percent} % of the cap a day; "
        f"ordered by {order.by}: {order.reason}.",
    )


def _left_over(_granted: Grant, count: int) -> Sentence:
    return Sentence(
        f"{_n(count)} lượt lẻ do làm tròn, phần lẻ lớn nhất trước; bằng nhau thì mỗi ngày đến lượt đơn vị khác.",
        f"{count:,} left over by rounding, the largest fraction first; among equals the turn moves on each day.",
    )


def _earlier(_granted: Grant, count: int) -> Sentence:
    return Sentence(
        f"{_n(count)} lượt đã dùng trước đó trong ngày, khi phần của đơn vị còn lớn hơn; không phải trả lại.",
        f"{count:,} already used that day, when its share was larger; nobody gives places back.",
    )


def _left(granted: Grant) -> Sentence:
    left = granted.wanted - granted.places.total
    if not left:
        return Sentence(
            "Mọi yêu cầu của đơn vị đều được gửi trong ngày.", "All of its questions have a place that day."
        )
    return Sentence(f"{_n(left)} yêu cầu chờ sang ngày sau.", f"{left:,} wait for another day.")


def _country(granted: Grant) -> Sentence:
    full = granted.all_places >= granted.cap
    vi = "dùng hết hạn mức" if full else "không đơn vị nào còn yêu cầu chờ"
    en = "all of the cap" if full else "nobody has anything left to ask"
    return Sentence(
        f"Cả nước: {_n(granted.tenants)} đơn vị được {_n(granted.all_places)} lượt, {vi}.",
        f"The country: {granted.tenants:,} tenants got {granted.all_places:,} places, {en}.",
    )


_PARTS: dict[str, Callable[[Grant, int], Sentence]] = {
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
