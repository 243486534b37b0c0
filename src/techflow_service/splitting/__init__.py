"""A file of loans through a scheme: who pays what when."""

from techflow_service.splitting.running import split_file
from techflow_service.splitting.wording import tell_split

__all__ = ["split_file", "tell_split"]
