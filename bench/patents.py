"""`make bench-patents`: forward citations of titles nobody trained on. Last line: one JSON object.

The card is fitted again five times, each time without the titles it is tested on; documents that
repeat a title and abstract count once.
"""

import json
import os
from pathlib import Path

from techflow_service.scoring import read_rows
from techflow_service.training.citations import measure_citations, read_labelled

DATA = Path(os.environ.get("TECHFLOW_DATA", "../shared/data"))
FILE = "cn_patents/rare_earth_patents_dev.csv.gz"
NORMAL_95 = 1.959963984540054


def main() -> None:
    found = measure_citations(*read_labelled(read_rows(DATA / FILE)))
    reach = NORMAL_95 * found["auc_se"]
    figures = {
        "citation_auc": found["auc"],
        "citation_auc_low": found["auc"] - reach,
        "citation_auc_high": found["auc"] + reach,
        "citation_deviance_explained": found["deviance_explained"],
        "citation_mean_p_over_rate": found["mean_p_over_rate"],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
