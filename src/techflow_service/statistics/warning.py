"""Early warning over an output folder of `techflow assess`: read and measure."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from techflow.basics import InvalidInput
from techflow.credit import Words
from techflow.flow import WarningRules, warn_fields, warning_rows
from techflow.flow.warning import CURRENCIES, UNNAMED
from techflow.region.statistics.warning import Watch
from techflow.region.statistics.warning_groups import OTHER
from techflow.region.statistics.warning_signals import FORMS, GROWTH
from techflow_service.assessing.updating import read_run
from techflow_service.models import read_model

FILE = "warning.toml"
NEEDED = ("assessment.parquet", "profile.parquet")
TABLED = ("id", "rules", "signal")
SPOKEN = {
    UNNAMED: Words("未注明领域", "Field not stated"),
    OTHER: Words("其余小领域合计", "Small fields together"),
    None: Words("合计", "All fields shown"),
}


@dataclass(frozen=True, slots=True)
class Run:
    """What a folder says.

    Attributes:
        as_of: Its day.
        rows: What each firm adds to the signals.
        others_n: Firms left out, since all is known in another currency.
    """

    as_of: str
    rows: list[dict[str, Any]]
    others_n: int


@dataclass(frozen=True, slots=True)
class Warned:
    """What was measured.

    Attributes:
        spec: The content.
        currency: Of the amounts.
        run: The folder.
        before: The earlier folder, if any.
        figures: Result of `warn_fields`.
    """

    spec: Mapping[str, Any]
    currency: str
    run: Run
    before: Run | None
    figures: list[dict[str, Any]]

    @property
    def firms(self) -> Counter[str]:
        """Firms by field."""
        return Counter(row["field"] for row in self.run.rows)

    @property
    def withheld(self) -> dict[str, int]:
        """Fields with too few firms to be told of, and how many firms they have."""
        least = self.spec["rules"]["firms_n_min"]
        return {name: n for name, n in sorted(self.firms.items()) if n < least}

    @property
    def need_unknown_n(self) -> int:
        """Firms of which need, own funds, debt or limit is unknown."""
        return sum(row["need_lcy"] is None or row["unmet_lcy"] is None for row in self.run.rows)

    @property
    def silent_n(self) -> int:
        """Figures of fields of enough firms that are withheld all the same."""
        least = self.spec["rules"]["firms_n_min"]
        told = {(row["field"], row["signal"]) for row in self.figures}
        signals = [
            name
            for name in self.spec["signal"]
            if not FORMS[name].total_only and (self.before or name != GROWTH)
        ]
        fields = [name for name, n in self.firms.items() if n >= least]
        return sum((field, name) not in told for field in fields for name in signals)

    def having(self, *statuses: str) -> list[dict[str, Any]]:
        """Figures of these statuses."""
        return [row for row in self.figures if row["status"] in statuses]


def field_words(name: str | None) -> Words:
    """A field in both languages; a name written as `zh / en` is taken apart.

    Args:
        name: The field; None is the total.

    Examples:
        >>> field_words("航空器 / Aircraft").en
        'Aircraft'
    """
    if name in SPOKEN:
        return SPOKEN[name]
    zh, bar, en = str(name).partition(" / ")
    return Words(zh, en if bar else zh)


def read_content(path: Path | None = None) -> dict[str, Any]:
    """The thresholds that come along, or a file of the same form.

    Args:
        path: Own file.

    Raises:
        InvalidInput: It cannot be read, is no TOML or lacks a table.
    """
    try:
        data = tomllib.loads(path.read_text("utf8")) if path else read_model(FILE)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{path} is no TOML that can be read: {error}") from error
    absent = [name for name in TABLED if name not in data]
    if absent:
        raise InvalidInput(f"{path or FILE} needs {', '.join(absent)}; got {', '.join(data)}")
    known = set(read_model(FILE)["rules"])
    if lost := sorted(known - set(data["rules"])):
        raise InvalidInput(f"{path} needs {', '.join(lost)} in [rules]")
    return data


def read_rules(spec: Mapping[str, Any]) -> WarningRules:
    """Thresholds and rules as the library takes them.

    Args:
        spec: Result of `read_content`.

    Raises:
        InvalidInput: A signal has no such name, or a rule is out of range.
    """
    rules, signals = spec["rules"], spec["signal"]
    watch = Watch(
        {name: one["threshold"] for name, one in signals.items() if "threshold" in one},
        frozenset(name for name, one in signals.items() if one["kind"] == "micro"),
        warn_firms_n_min=rules["warn_firms_n_min"],
        draws_n=rules["draws_n"],
        level=rules["level"],
        seed=rules["seed"],
    )
    return WarningRules(watch, rules["firms_n_min"], rules["changed_n_min"])


def read_folder(folder: Path, *, currency: str, weak_pd: float) -> Run:
    """An output folder of `techflow assess`.

    Args:
        folder: The folder.
        currency: Amounts in any other currency do not count.
        weak_pd: Default probability from which a grade is weak.

    Raises:
        InvalidInput: It is none, or no firm has amounts in the currency.
    """
    record = read_run(folder)
    for name in NEEDED:
        if not (folder / name).is_file():
            raise InvalidInput(f"{folder} holds no {name}; run `techflow assess` again")
    assessment, profile = (pl.scan_parquet(folder / name) for name in NEEDED)
    frames = (nw.from_native(assessment), nw.from_native(profile))
    made = warning_rows(*frames, currency=currency, weak_pd=weak_pd)
    rows = made.collect().to_native().to_dicts()
    seen = sorted(
        {
            *assessment.select("currency").collect().to_series().drop_nulls(),
            *(
                one
                for name in list(CURRENCIES.values())[1:]
                for one in profile.select(name).collect().to_series().drop_nulls()
            ),
        }
    )
    if currency not in seen:
        raise InvalidInput(
            f"{folder} has no amounts in {currency}; it has {', '.join(seen) or 'none at all'}; "
            "choose one with --currency"
        )
    whole = assessment.select(pl.len()).collect().item()
    return Run(str(record["as_of"]), rows, whole - len(rows))


def measure(
    folder: Path, *, before: Path | None, currency: str, model: Path | None = None
) -> Warned:
    """Every signal of every field.

    Args:
        folder: Output folder of `techflow assess`.
        before: An earlier one.
        currency: Of the amounts.
        model: Own content.

    Raises:
        InvalidInput: A folder is no assessment, or the earlier one is not earlier.
    """
    spec = read_content(model)
    how = {"currency": currency, "weak_pd": spec["rules"]["weak_pd"]}
    run = read_folder(folder, **how)
    was = read_folder(before, **how) if before else None
    if was and was.as_of >= run.as_of:
        raise InvalidInput(
            f"--before must be an earlier assessment than {run.as_of}; got {was.as_of}"
        )
    figures = warn_fields(run.rows, read_rules(spec), before=was.rows if was else ())
    return Warned(spec, currency, run, was, figures)
