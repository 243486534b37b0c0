"""QuantLib's American options on the warrants of `bench.pricing_tools`. Last line: one JSON object.

A jump to default adds the hazard to the discount rate and to the growth of a living firm; what is
left is a Black-Scholes option, exercised at the end or at any time (QdFp engine, high precision).
"""

import json
import sys
from pathlib import Path

import numpy as np
import QuantLib as ql

DAYS = ql.Actual365Fixed()


def flat(today: ql.Date, rate: float) -> ql.YieldTermStructureHandle:
    return ql.YieldTermStructureHandle(ql.FlatForward(today, rate, DAYS))


def value(today: ql.Date, row: np.ndarray) -> tuple[float, float]:
    """European and American value of a call."""
    spot, strike, days, sigma, growth, rate, hazard = row
    process = ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(float(spot))),
        flat(today, float(rate - growth)),
        flat(today, float(rate + hazard)),
        ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(today, ql.NullCalendar(), float(sigma), DAYS)
        ),
    )
    payoff, end = ql.PlainVanillaPayoff(ql.Option.Call, float(strike)), today + int(days)
    found = []
    for exercise, engine in (
        (ql.EuropeanExercise(end), ql.AnalyticEuropeanEngine(process)),
        (
            ql.AmericanExercise(today, end),
            ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.highPrecisionScheme()),
        ),
    ):
        option = ql.VanillaOption(payoff, exercise)
        option.setPricingEngine(engine)
        found.append(option.NPV())
    return found[0], found[1]


def main(folder: Path) -> None:
    today = ql.Date(22, 6, 2026)
    ql.Settings.instance().evaluationDate = today
    table = np.load(folder / "warrants.npy")
    np.save(folder / "peer_warrants.npy", np.array([value(today, row) for row in table]))
    print(json.dumps({"warrants_n": len(table)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
