"""`make bench-pricing`: prices, tools, the credit decision, the market match and plans.

Last line: one JSON object, the figures of `bench-pricing-rates`, `bench-pricing-tools`,
`bench-pricing-allocation`, `bench-matching` and `bench-pricing-plan` together.
"""

import json

from bench import matching, pricing_allocation, pricing_plan, pricing_rates, pricing_tools


def measured() -> dict:
    """Every figure of the five benches."""
    return {
        **pricing_rates.measured(),
        **pricing_tools.measured(),
        **pricing_allocation.measure_allocation(),
        **matching.measured(),
        **pricing_plan.measure(),
    }


if __name__ == "__main__":
    print(json.dumps(measured()))
