"""Our own design: a layered pool with caps that is filled up again."""
