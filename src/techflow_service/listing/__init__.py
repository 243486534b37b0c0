"""Listing and exit: from files to tables and pages."""
