"""A worker of its own: what `techflow serve` starts beside the web server."""

from techflow_service.platform.working import work

if __name__ == "__main__":
    work()
