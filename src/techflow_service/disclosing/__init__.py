"""Disclosure check of a book: from files or a store to tables and a page."""
