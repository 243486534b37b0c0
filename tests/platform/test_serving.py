"""Starting the platform: what is kept, what is refused, what is started again."""

import os
import socket
import stat
import sys
import time

import pytest

from techflow.basics import InvalidInput
from techflow_service.platform.keeping import check_port, keys_of, sole
from techflow_service.platform.processes import Process, Program


def test_keys_are_drawn_once_and_for_their_owner_alone(tmp_path):
    keys = keys_of(tmp_path / "platform")
    assert keys_of(tmp_path / "platform") == keys
    mode = (tmp_path / "platform" / "keys.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert len(keys.secret) >= 50
    assert [one.name for one in (tmp_path / "platform").iterdir()] == ["keys.json"]
    (tmp_path / "platform" / "keys.json").write_text("{}")
    with pytest.raises(InvalidInput, match=r"keys\.json"):
        keys_of(tmp_path / "platform")


def test_a_folder_is_served_once_at_a_time(tmp_path):
    with sole(tmp_path), pytest.raises(InvalidInput, match=str(os.getpid())), sole(tmp_path):
        pass
    with sole(tmp_path):
        pass


def test_a_port_in_use_is_refused_in_words():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InvalidInput, match="--port"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


def test_what_dies_is_begun_anew_and_what_keeps_dying_is_given_up(monkeypatch):
    from techflow_service.platform import processes

    monkeypatch.setattr(processes, "WAIT_MAX_SECONDS", 0.01)
    sleeper = Process(Program("sleeper", [sys.executable, "-c", "input()"], dict(os.environ)))
    first = sleeper.running.pid
    sleeper.running.kill()
    sleeper.running.wait()
    while sleeper.running.poll() is not None:
        assert sleeper.look()
        time.sleep(0.01)
    assert sleeper.running.pid != first
    sleeper.stop()
    dying = Process(Program("dying", ["/bin/false"], dict(os.environ)))
    while dying.look():
        time.sleep(0.01)
    assert dying.deaths_n == processes.DEATHS_MAX + 1
