"""QuantLib's ISDA engine on the contracts of `bench.pricing_tools`. Last line: one JSON object.

The engine without bias and with piecewise forwards is exact between nodes; instruments, curves and
engines are made beforehand, so only the calculation of each contract is timed. `built` counts all.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import QuantLib as ql

REPEATS = 5
YEAR, SHORT = ql.Actual365Fixed(), ql.Actual360()


def contracts(found: dict, today: ql.Date, exact: bool) -> list[ql.CreditDefaultSwap]:
    """An instrument with its own hazard curve and engine for each row."""
    days = [today + int(d) for d in found["curve_days"]]
    forwards = [float(r) for r in found["curve_rates"]]
    curve = ql.ForwardCurve([today, *days], [forwards[0], *forwards], YEAR)
    curve.enableExtrapolation()
    handle = ql.YieldTermStructureHandle(curve)
    nodes = [today, *(today + int(d) for d in found["hazard_days"])]
    made = []
    for rates, ends, lgd in zip(found["hazards"], found["ends"], found["lgd"], strict=True):
        dates = sorted({int(d) for d in ends})
        schedule = ql.Schedule([today + d for d in dates], ql.NullCalendar(), ql.Unadjusted)
        swap = ql.CreditDefaultSwap(
            ql.Protection.Buyer,
            1.0,
            1.0,
            schedule,
            ql.Unadjusted,
            SHORT,
            True,
            True,
            ql.Date(),
            ql.FaceValueClaim(),
            SHORT,
            False,
        )
        hazard = ql.HazardRateCurve(nodes, [float(rates[0]), *map(float, rates)], YEAR)
        hazard.enableExtrapolation()
        default = ql.DefaultProbabilityTermStructureHandle(hazard)
        if exact:
            engine = ql.IsdaCdsEngine(
                default,
                float(1.0 - lgd),
                handle,
                False,
                ql.IsdaCdsEngine.Taylor,
                ql.IsdaCdsEngine.NoBias,
                ql.IsdaCdsEngine.Piecewise,
            )
        else:
            engine = ql.MidPointCdsEngine(default, float(1.0 - lgd), handle)
        swap.setPricingEngine(engine)
        made.append(swap)
    return made


def values(swaps: list[ql.CreditDefaultSwap]) -> np.ndarray:
    return np.array([[one.defaultLegNPV(), -one.couponLegNPV()] for one in swaps])


def main(folder: Path) -> None:
    found = dict(np.load(folder / "contracts.npz"))
    today = ql.Date(int(found["serial"]))
    ql.Settings.instance().evaluationDate = today
    times: dict[str, list[float]] = {"exact": [], "midpoint": [], "built": []}
    for _ in range(REPEATS):
        begun = time.process_time()
        swaps = contracts(found, today, exact=True)
        start = time.process_time()
        legs = values(swaps)
        done = time.process_time()
        times["exact"].append(done - start)
        times["built"].append(done - begun)
        swaps = contracts(found, today, exact=False)
        start = time.process_time()
        values(swaps)
        times["midpoint"].append(time.process_time() - start)
    np.save(folder / "peer.npy", legs)
    print(json.dumps({"cpu_s": times, "contracts_n": len(legs), "version": ql.__version__}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
