"""Sampling: writes the synthetic region of `techflow.economy` into a store."""

from techflow_service.sampling.region import Sample, read_truth, write_region

__all__ = ["Sample", "read_truth", "write_region"]
