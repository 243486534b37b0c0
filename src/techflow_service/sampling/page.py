"""The page about the synthetic region, with every parameter of its mechanism."""

from pathlib import Path
from typing import Any

from techflow.economy import DEMO, YARDSTICK, parameters

PAGE = Path("docs/economy.md")
HEAD = """# The sample economy

`techflow sample` writes a synthetic region of technology firms as the dictionary's own tables.
Made by `make docs` from the declared mechanism; do not edit.

**What it is for.** Trying the program without anybody's data (`--config demo`, the default: 2,000
firms in every state of evidence, from single invoices along a supply network to almost nothing);
tests of recovery (what was planted must be found again) and of scale (`--config yardstick`: up to
5,000,000 firms, each with three statements, twelve monthly aggregates and its patents).

**What it is not.** Evidence about the world. Rates of default, loan terms and the value of
technology in it are what we put in; nothing learned from it holds anywhere else. So firm names
start with 示例· and `Sample ·`, ids with `sample:`, patent numbers with `XX` (no such office),
sources say "synthetic sample, not evidence about the world", credit codes are null, and the
command refuses a store that holds real evidence.

## How a firm comes about

1. **Traits.** Two standard normal numbers nobody can observe: quality and technology
   (correlation 0.2). Sector, region, life stage, age and size are drawn by shares.
2. **Traces.** Quality moves growth, margin, leverage and the steadiness of sales; technology moves
   R&D share, R&D staff, patents and their claims. Accounts are whole yuan, so assets are exactly
   liabilities plus equity, and retained earnings roll forward with net income. Single invoices
   add up to the monthly sales; a sale inside the sample is the other firm's purchase.
3. **Default.** One-year log-odds = intercept + stage - 0.8 quality - strength x technology, where
   `--technology-flow` plants the strength (0, 1 or 2, log-odds per standard deviation) and the
   intercept keeps the mean rate. The firm defaults if `Phi(asset) < pd`, with
   `asset = sqrt(0.06) Z_year + sqrt(0.06) Z_year,sector + sqrt(0.88) own`
   (Vasicek 2002): before the factors are known its probability is exactly `pd`; given them, firms
   of a year and sector fall together. Three years are in the store, the fourth is sealed.
4. **Flaws** (demo). Sources that stop, statements restated later, invoice numbers that occur twice,
   void invoices, credit notes, rows in quarantine.

A regression on one year's defaults sees that year's factors: the intercept shifts by year and
sector, and slopes grow by about 1 / sqrt(0.88). The recovery tests therefore either switch the
factors off or hold them at their true values.

**Reproducible.** Philox generators keyed by seed, topic and chunk of firms: the same seed and
number give the same rows, and a smaller sample is the beginning of a larger one.

**Truth.** The sealed file (next to the store, or `--truth`) has per firm the traits, true index and
`pd`, next year's factor part and outcome; in its metadata the planted parameters and all factors.
`techflow_service.sampling.read_truth` opens it.

## How near to real firms

`tests/economy/shapes.csv` holds quartiles of 425 Chinese SMEs' invoices and of Korean and Polish
accounts, `totals.csv` published ratios (loan take-up of specialised SMEs 73 %, growth of technology
SME loans 19.8 %, patents per R&D yuan); tests hold the sample to them within stated
tolerances. Furthest off: retained earnings (half an interquartile range less), R&D share of
manufacturing sales (5.4 % against 3.1 %: the published one includes large assemblers).

## Mechanism

Triples go with the life stages start-up, growth, stable; quadruples with the kinds of evidence
invoices, accounts, start-up, bare. `proposal`: ours. A second value is the demo's.
Spreads of single noises that no other number depends on stand in the code.

| parameter | value | demo | unit | source |
|---|---|---|---|---|
"""
SHORT_MAX = 60


def _show(value: Any) -> str:
    text = str(value)
    return text if len(text) <= SHORT_MAX else f"{len(value)} entries, see the code"


def render_page() -> str:
    """The whole page as Markdown."""
    rows = [
        (row["name"], _show(row["value"]), _show(demo["value"]), row["unit"], row["source"])
        for row, demo in zip(parameters(YARDSTICK), parameters(DEMO), strict=True)
    ]
    lines = [
        f"| `{name}` | {value} | {'' if demo == value else demo} | {unit} | {source} |\n"
        for name, value, demo, unit, source in rows
    ]
    return HEAD + "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(render_page(), "utf8")
