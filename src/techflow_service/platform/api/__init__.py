"""The API at /api/v1: what the pages do, for programs. Same gate, same readings, same questions."""
