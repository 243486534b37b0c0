"""`make bench-patents`: citations of unseen titles, and value. Last line: one JSON object.

The card is fitted again five times, each time without the titles it is tested on, and tried on
three files: each text once (`citation_auc`), the set less rows that repeat entirely
(`citation_auc_repeated_texts_kept`), each title once (`citation_auc_titles_once`).
"""

import json
import os
from pathlib import Path

from bench import patent_indicators, patents_value
from techflow_service.scoring import read_rows
from techflow_service.training.citations import measure_citations, read_labelled

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
FILE = "cn_patents/rare_earth_patents_dev.csv.gz"
NORMAL_95 = 1.959963984540054


KINDS = {"all": "_repeated_texts_kept", "texts_once": "", "titles_once": "_titles_once"}


def figures(end, found):
    reach, auc = NORMAL_95 * found["auc_se"], found["auc"]
    area = f"citation_auc{end}"
    return {
        area: auc,
        f"{area}_low": auc - reach,
        f"{area}_high": auc + reach,
        f"citation_deviance_explained{end}": found["deviance_explained"],
        f"citation_mean_p_over_rate{end}": found["mean_p_over_rate"],
        f"citation_expected_over_mean{end}": found["expected_over_mean"],
    }


def measured_citations():
    found = measure_citations(*read_labelled(read_rows(DATA / FILE)))
    return {
        name: value
        for kind, end in KINDS.items()
        for name, value in figures(end, found[kind]).items()
    }


def main() -> None:
    found = {**measured_citations(), **patent_indicators.measured(), **patents_value.measured()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
