"""Read policy folders: `rule.py`, `params.toml`, `cases.toml`, and `facts.toml` on the way."""

import importlib.util
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import techflow_content
from techflow.basics import InvalidInput, TechflowError
from techflow.policy import Facts, Law, Params, Policy, check_law

RULE_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TechflowError,
    TypeError,
    ValueError,
)
"""What the code of a rule's author can raise while it is read."""
ROOT = Path(techflow_content.__file__).parent / "policies"
"""Where the policies of the package live."""


def load_laws(root: Path = ROOT) -> dict[str, Law]:
    """Every policy folder below a folder, by policy id.

    Args:
        root: Folder to search; a policy's id is its path below it, with dots.

    Raises:
        InvalidInput: A folder is incomplete or its id is not its path.
    """
    facts = load_facts(root)
    laws = [load_law(path.parent, root, facts) for path in sorted(root.rglob("rule.py"))]
    return {law.id: law for law in laws}


def titles_of(laws: Mapping[str, Law]) -> dict[str, tuple[str, str]]:
    """Chinese and English title of each law, for laws that use another's answer.

    Args:
        laws: Policy id -> law.
    """
    return {name: (law.policy.zh, law.policy.en) for name, law in laws.items()}


def load_law(folder: Path, root: Path = ROOT, facts: Facts | None = None) -> Law:
    """One policy folder.

    Args:
        folder: Holds `rule.py` and `params.toml`.
        root: Folder that the policy's id is relative to.
        facts: Dictionary of facts, if already read.

    Raises:
        InvalidInput: A file is missing or the id is not the path.
    """
    policy = _load_policy(folder / "rule.py")
    wanted = ".".join(folder.relative_to(root).parts)
    if policy.id != wanted:
        raise InvalidInput(f"{folder / 'rule.py'}: id must be {wanted}; got {policy.id}")
    params = _load_params(folder / "params.toml")
    return Law(policy, params, facts or load_facts(root))


def load_draft(folder: Path, law: Law) -> Law:
    """A draft of a law: a folder anywhere, with the same id.

    Args:
        folder: Holds `rule.py` and `params.toml`, and `facts.toml` for facts that are new.
        law: The law it would replace; its facts are known to the draft.

    Raises:
        InvalidInput: The folder is incomplete, its rule cannot be read, its id is another, or a
            static check fails.
    """
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is not a folder; a draft holds rule.py and params.toml")
    absent = [name for name in ("rule.py", "params.toml") if not (folder / name).is_file()]
    if absent:
        raise InvalidInput(f"{folder} is incomplete; a draft also holds {', '.join(absent)}")
    policy = _load_policy(folder / "rule.py")
    if policy.id != law.id:
        raise InvalidInput(f"{folder / 'rule.py'} must have the id {law.id}; got {policy.id}")
    params = _load_params(folder / "params.toml")
    draft = Law(policy, params, law.facts | load_facts(folder))
    if problems := check_law(draft):
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise InvalidInput(f"the draft in {folder} is wrong: {problems[0]}{more}")
    return draft


def load_facts(root: Path = ROOT) -> Facts:
    """Every `facts.toml` below a folder, together.

    Args:
        root: Folder to search.

    Raises:
        InvalidInput: One name has two meanings.
    """
    return _merge(Facts.from_data(read_toml(path)) for path in sorted(root.rglob("facts.toml")))


def load_cases(folder: Path) -> list[dict[str, Any]]:
    """The cases of one policy folder, each with its full input.

    A case starts from the file's `[base]`, takes `input` over it, and forgets the facts named in
    `unknown`; `own` keeps its own input, `base` what it started from.

    Args:
        folder: Holds `cases.toml`.
    """
    content = tomllib.loads(_read(folder / "cases.toml"))
    base = content.get("base", {})
    return [
        {**case, "input": _input(base, case), "own": case.get("input", {}), "base": base}
        for case in content.get("case", ())
    ]


def _input(base: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    merged = {**base, **case.get("input", {})}
    return {name: value for name, value in merged.items() if name not in case.get("unknown", ())}


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file with decimals kept exact.

    Args:
        path: The file.

    Raises:
        InvalidInput: It is missing or not TOML.
    """
    try:
        return tomllib.loads(_read(path), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path} is not TOML: {error}") from None


def _read(path: Path) -> str:
    if not path.is_file():
        raise InvalidInput(f"{path} is missing; a policy folder holds rule.py, params.toml, cases")
    return path.read_text("utf8")


def _merge(parts: Iterable[Facts]) -> Facts:
    merged = Facts({})
    for part in parts:
        merged = merged | part
    return merged


def _load_params(path: Path) -> Params:
    try:
        return Params.from_data(read_toml(path))
    except InvalidInput as error:
        where = "" if str(path) in str(error) else f"{path}: "
        raise InvalidInput(f"{where}{error}") from None


def _load_policy(path: Path) -> Policy:
    name = "techflow_policy_" + "_".join(path.parent.parts[-3:])
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise InvalidInput(f"{path} is missing")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except RULE_ERRORS as error:
        why = f"{type(error).__name__}: {error}"
        raise InvalidInput(f"{path} cannot be read: {why}") from error
    policy = getattr(module, "POLICY", None)
    if not isinstance(policy, Policy):
        raise InvalidInput(f"{path} must define POLICY, a techflow.policy.Policy")
    return policy
