"""Legal status of a patent on a day, from its dated events."""

from datetime import date

import narwhals.stable.v2 as nw

from techflow.basics import Frame, require_columns
from techflow.patents.life import term_end

EVENTS = ("filed", "published", "granted", "lapsed", "restored", "invalidated", "expired")
RENEWED = "renewed"
STATUSES = ("filed", "published", "in_force", "lapsed", "expired", "invalidated")
_KIND_DIGITS = {"1": "invention", "8": "invention", "2": "utility", "9": "utility", "3": "design"}
_LONG, _SHORT = r"^CN\d{12}\.[0-9X]$", r"^CN\d{8}\.[0-9X]$"


def legal_status(events: Frame, *, as_of: date) -> Frame:
    """Roll dated events up to the status of each patent at the end of a day.

    Args:
        events: Columns `patent_id`, `event_on` (date), `patent_event`, `patent_kind` (`invention`,
            `utility` or `utility_model`, `design`; null where unknown) and `event_unread`
            (boolean: its day or its name could not be read). Events other than those of
            `EVENTS` and `renewed` do not count.
        as_of: The day. Later events are counted and otherwise not seen.

    Returns:
        One row for each `patent_id`: `legal_status` (one of `STATUSES`), `status_since`,
        `in_force` (null where the status is), the day of each event, `term_ends_on`,
        `events_n`, `later_events_n`, `status_reason_code`. Where a patent was restored after a
        lapse it is in force again; one found invalid has never been in force again.

        Without kind, that of a Chinese application number is taken. A patent in force whose term
        is unknown has no status (`term_unknown`): it may have expired. Contradictions have none:
        `granted_before_filed`, `invalidated_before_granted`, `lapsed_and_alive_same_day`. Nor
        have `no_event_yet`, `no_status_event` (a licence, say) and `unread_event`.

    Raises:
        MissingColumn: A column is absent.

    Source:
        Patent Law of China (2020): Art. 39-40 grant, 42 term, 44 lapse for fees, 47 invalidation;
        Implementing Rules, rule 6 (restoration). A renewal shows that a patent was granted.

    Examples:
        >>> import polars as pl
        >>> rows = pl.LazyFrame({"patent_id": ["x", "x", "x"], "event_unread": [False] * 3,
        ...     "event_on": [date(2015, 1, 5), date(2018, 1, 5), date(2022, 1, 5)],
        ...     "patent_event": ["filed", "granted", "lapsed"], "patent_kind": ["invention"] * 3})
        >>> found = legal_status(nw.from_native(rows), as_of=date(2021, 1, 1)).collect()
        >>> found["legal_status"][0], found["status_since"][0], found["later_events_n"][0]
        ('in_force', datetime.date(2018, 1, 5), 1)
    """
    needed = ("patent_id", "event_on", "patent_event", "patent_kind", "event_unread")
    require_columns(events, needed, needed_by="legal_status")
    known = _known_kind(_roll_up(events, as_of))
    dated = known.with_columns(
        alive_since=nw.coalesce("granted_on", "renewed_on"),
        term_ends_on=term_end(nw.col("patent_kind"), nw.col("filed_on")),
        alive_on=nw.max_horizontal("granted_on", "restored_on", "last_renewed_on"),
    )
    judged = dated.with_columns(ends_on=nw.min_horizontal("expired_on", "term_ends_on"))
    coded = judged.with_columns(status_reason_code=_reason(as_of))
    status = coded.with_columns(legal_status=_status(as_of))
    none = nw.col("legal_status").is_null() & nw.col("status_reason_code").is_null()
    status = status.with_columns(
        status_reason_code=nw.when(none)
        .then(nw.lit("no_status_event"))
        .otherwise(nw.col("status_reason_code"))
    )
    days = [f"{event}_on" for event in EVENTS]
    in_force = nw.when(~nw.col("legal_status").is_null()).then(nw.col("legal_status") == "in_force")
    return status.select(
        "patent_id",
        "patent_kind",
        "legal_status",
        _since().alias("status_since"),
        in_force.alias("in_force"),
        *days,
        "term_ends_on",
        "events_n",
        "later_events_n",
        "status_reason_code",
    )


def _roll_up(events: Frame, as_of: date) -> Frame:
    seen = nw.col("event_on") <= nw.lit(as_of)
    event, day = nw.col("patent_event"), nw.col("event_on")
    marked = events.with_columns(
        *(
            nw.when(seen & (event == name)).then(day).alias(f"{name}_on")
            for name in (*EVENTS, RENEWED)
        ),
        seen_n=nw.when(seen).then(nw.lit(1)).otherwise(nw.lit(0)),
        later_n=nw.when(day > nw.lit(as_of)).then(nw.lit(1)).otherwise(nw.lit(0)),
        unread_n=nw.when(nw.col("event_unread")).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    first = ("filed", "published", "granted", "invalidated", "expired", RENEWED)
    return marked.group_by("patent_id").agg(
        *(nw.col(f"{name}_on").min() for name in first),
        nw.col("lapsed_on").max(),
        nw.col("restored_on").max(),
        nw.col("renewed_on").max().alias("last_renewed_on"),
        nw.col("patent_kind").min().alias("kind_low"),
        nw.col("patent_kind").max().alias("kind_high"),
        nw.col("seen_n").sum().cast(nw.Int64).alias("events_n"),
        nw.col("later_n").sum().cast(nw.Int64).alias("later_events_n"),
        nw.col("unread_n").sum().cast(nw.Int64).alias("unread_n"),
    )


def _known_kind(frame: Frame) -> Frame:
    """The kind all events agree on, else that of a Chinese application number."""
    number = nw.col("patent_id")
    digit = (
        nw.when(number.str.contains(_LONG))
        .then(number.str.slice(6, 1))
        .otherwise(nw.when(number.str.contains(_SHORT)).then(number.str.slice(4, 1)))
    )
    written = nw.lit(None, nw.String)
    for code, name in _KIND_DIGITS.items():
        written = nw.when(digit == code).then(nw.lit(name)).otherwise(written)
    one = nw.when(nw.col("kind_low") == nw.col("kind_high")).then(nw.col("kind_low"))
    kind = nw.when(nw.col("kind_low").is_null()).then(written).otherwise(one)
    return frame.with_columns(patent_kind=kind)


def _reason(as_of: date) -> nw.Expr:
    filed, granted = nw.col("filed_on"), nw.col("alive_since")
    lapsed, alive = nw.col("lapsed_on"), nw.col("alive_on")
    ended = nw.col("ends_on") <= nw.lit(as_of)
    alive_now = ~granted.is_null() & (lapsed.is_null() | (lapsed < alive))
    checks = {
        "unread_event": nw.col("unread_n") > 0,
        "no_event_yet": nw.col("events_n") == 0,
        "granted_before_filed": granted < filed,
        "invalidated_before_granted": nw.col("invalidated_on") < granted,
        "lapsed_and_alive_same_day": (lapsed == alive) & nw.col("invalidated_on").is_null(),
        "term_unknown": alive_now
        & nw.col("invalidated_on").is_null()
        & nw.col("term_ends_on").is_null()
        & ~ended.fill_null(False),
    }
    found = nw.lit(None, nw.String)
    for code, wrong in reversed(checks.items()):
        found = nw.when(wrong).then(nw.lit(code)).otherwise(found)
    return found


def _status(as_of: date) -> nw.Expr:
    lapsed, alive, ends = (nw.col(n) for n in ("lapsed_on", "alive_on", "ends_on"))
    steps = {
        "invalidated": ~nw.col("invalidated_on").is_null(),
        # What lapsed before its term ended did not expire.
        "lapsed": ~lapsed.is_null()
        & (alive.is_null() | (lapsed > alive))
        & (ends.is_null() | (lapsed < ends)),
        "expired": ends <= nw.lit(as_of),
        "in_force": ~nw.col("alive_since").is_null(),
        "published": ~nw.col("published_on").is_null(),
        "filed": ~nw.col("filed_on").is_null(),
    }
    found = nw.lit(None, nw.String)
    for status, holds in reversed(steps.items()):
        found = nw.when(holds).then(nw.lit(status)).otherwise(found)
    return nw.when(nw.col("status_reason_code").is_null()).then(found)


def _since() -> nw.Expr:
    """Day the status began; a patent restored is in force since then."""
    begun = {
        "invalidated": nw.col("invalidated_on"),
        "lapsed": nw.col("lapsed_on"),
        "expired": nw.col("ends_on"),
        "in_force": nw.max_horizontal("alive_since", "restored_on"),
        "published": nw.col("published_on"),
        "filed": nw.col("filed_on"),
    }
    found: nw.Expr = nw.lit(None, nw.Date)
    for status, day in begun.items():
        found = nw.when(nw.col("legal_status") == status).then(day).otherwise(found)
    return found
