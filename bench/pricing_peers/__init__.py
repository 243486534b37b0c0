"""Programs of others that `bench.pricing_rates` times, each in an environment of its own."""
