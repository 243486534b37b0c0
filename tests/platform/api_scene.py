"""Members and cases that examples of the API speak of: the number of the example -> the row."""

import hashlib
from datetime import UTC, date, datetime, timedelta

CALLERS = {
    "officer": "credit_officer",
    "firm": "firm",
    "operator": "operator",
    "head": "branch_head",
    "park": "park",
}
REFUSED = {"verdict": "insufficient", "grade": None, "limit_lcy": None, "limit_reason_code": None}
CASH = {"statements": [{"period_end_on": "2025-12-31", "revenue_lcy": 5000000.0}]}
POOL = {
    "accounts_fen": [{"kind": "available", "party": "city", "fen": 900}],
    "entries_n": 1,
    "claims": {},
    "caps": [],
    "limits": {},
    "scheme": "v1",
    "faults_n": 0,
    "proved_at": "2026-11-27T09:00:00+00:00",
    "head_hash": hashlib.sha256(b"").hexdigest(),
}


def set_scene(world, run=None):
    """A bank with an officer and a head, a firm that a machine refused, an operator, a park."""
    run, bank = run or world.run(), world.org()
    firm_id = f"sample:firm-000001-{bank.pk}"
    _set_firm(world, run, firm_id)
    found = {
        "run": run,
        "firm_id": firm_id,
        "bank": bank,
        "officer": world.member("credit_officer", bank),
        "head": world.member("branch_head", bank, authority_cny=10**8),
        "firm": world.member("firm", world.org("firm", firm_id)),
        "operator": world.member("operator", world.org("platform")),
        "park": world.member("park", world.org("park")),
    }
    world.consent(firm_id, bank)
    world.models.Study.objects.using("owner").create(
        kind="pool", subject="sample-pool", org=found["operator"].org, as_of=run.as_of,
        made_at=datetime.now(UTC), body=POOL,
    )  # fmt: skip
    found["known"] = _set_cases(world, run, found)
    return found


def _set_firm(world, run, firm_id):
    row = {"search": "锐维", "limit_lcy": 3.4e6, "grade": "TF4", "grade_rank": 4}
    row |= {"verdict": "graded", "rate_pa": 0.04, "currency": "CNY"}
    world.models.Firm.objects.using("owner").create(firm_id=firm_id, name="深圳锐维科技有限公司")
    world.models.Standing.objects.using("owner").create(
        run=run, firm_id=firm_id, name="深圳锐维", **row
    )
    for part, body in (("grade", {"assessment": [REFUSED]}), ("cash", CASH)):
        world.models.Sheet.objects.using("owner").create(
            run=run, firm_id=firm_id, part=part, body=body
        )


def _set_cases(world, run, found):
    firm_id, bank, other = found["firm_id"], found["bank"], world.org()
    seat = world.member("guarantor", world.org("guarantor"))
    ended = world.consent(firm_id, seat.org, "guarantee")
    end = (date.today() + timedelta(days=200)).isoformat()

    def asked(org, firm_id):
        return world.models.ConsentRequest.objects.using("owner").create(
            org=org, asked=firm_id, purpose="credit", parts=["grade", "identity"], until_on=end,
            asked_by=found["officer"].person,
        ).pk  # fmt: skip

    def contest(part):
        return world.models.Contest.objects.using("owner").create(
            firm_id=firm_id, part=part, item="missing", old_value="", claimed_value="1",
            reason="年报附注", opened_by=found["firm"].person, opened_at=datetime.now(UTC),
            due_on=end,
        ).pk  # fmt: skip

    def review(org):
        return world.models.Review.objects.using("owner").create(
            firm_id=firm_id, org=org, run=run, refused="limit", told=REFUSED, reason="已补发票",
            opened_by=found["firm"].person,
        ).pk  # fmt: skip

    return {
        ("firm_id", "sample:firm-000001"): firm_id,
        ("org", 3): bank.pk,
        ("text", "2026-1"): "test",
        ("until_on", "2027-06-30"): end,
        ("consent", 41): ended.pk,
        ("request_id", 51): asked(bank, firm_id),
        ("request_id", 52): asked(other, firm_id),
        ("request_id", 53): asked(bank, "own:A-002"),
        ("contest", 61): contest("cash"),
        ("contest", 62): contest("grade"),
        ("review", 71): review(other),
        ("review", 72): review(bank),
        ("application", 81): apply(found["firm"], bank),
    }


def caller_of(one):
    """Whose key an operation's example is run with."""
    if one["operationId"] == "figures_pool":
        return "operator"  # whose the pool of the scene is
    roles = one["x-roles"]
    return next(name for name, role in CALLERS.items() if not roles or role in roles)


def request_of(known, address, one):
    """Address and body of an operation's example, with numbers of rows that are there."""
    for told in one["parameters"]:
        if told["in"] == "path":
            value = told["example"]
            value = known.get((told["name"], value), value)
            address = address.replace(f"{{{told['name']}}}", str(value))
    assert "{" not in address
    content = one.get("requestBody", {}).get("content", {})
    body = next(iter(content.values()), {}).get("example") or {}
    return address, {
        name: value if isinstance(value, list) else known.get((name, value), value)
        for name, value in body.items()
    }


def apply(firm, bank, amount_cny=3_000_000):
    """A firm's application, made as the pages make it."""
    from techflow_service.platform import lending
    from techflow_service.platform.context import speaking_as

    with speaking_as(firm):
        return lending.apply(
            firm, org_id=bank.pk, amount_cny=amount_cny, term_months=12, purpose="采购研发设备",
            token=f"scene-{firm.pk}-{bank.pk}-{amount_cny}",
        ).pk  # fmt: skip
