"""Words of the SQL dialects that cards are exported to. It needs no extra."""

from collections.abc import Mapping

DOUBLES: Mapping[str, str] = {
    "duckdb": "DOUBLE",
    "postgres": "DOUBLE PRECISION",
    "spark": "DOUBLE",
}
NOT_A_NUMBER: Mapping[str, str] = {
    "duckdb": "isnan({})",
    "postgres": "{} = 'NaN'",
    "spark": "isnan({})",
}
