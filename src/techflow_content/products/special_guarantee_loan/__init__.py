"""Loan under the national special guarantee plan."""
