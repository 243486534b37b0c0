"""The report: one self-contained page made from the output folder of an assessment."""

from techflow_service.report.writing import write_report

__all__ = ["write_report"]
