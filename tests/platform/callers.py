"""Members who call the API by a key."""

import json
from datetime import UTC, datetime, timedelta

SCOPES = ("read:firms", "read:own", "write:consent", "write:lending", "bulk")


class Caller:
    """A member with a key; calling it sends a request."""

    def __init__(self, world, member, scopes=SCOPES, **fields):
        from techflow_service.platform.api.keys import digest_of

        self.key = f"tf_test_{member.pk}_{'-'.join(scopes)}_{len(fields)}"
        base = {"expires_at": datetime.now(UTC) + timedelta(days=1)}
        self.row = world.models.ApiKey.objects.using("owner").create(
            person_id=member.person_id,
            membership=member,
            digest=digest_of(self.key),
            scopes=list(scopes),
            **base | fields,
        )
        self.client, self.member = world.client(), member

    def __call__(self, method, address, body=None, **headers):
        told = {"Authorization": f"Bearer {self.key}"} | headers
        content = None if body is None else json.dumps(body)
        return self.client.generic(
            method, f"/api/v1/{address}", content or "", "application/json", headers=told
        )

    def send(self, address, files, key=None):
        """POST a form: texts, and files as (name, content)."""
        from django.core.files.uploadedfile import SimpleUploadedFile

        told = {"Authorization": f"Bearer {self.key}"}
        told |= {} if key is None else {"Idempotency-Key": key}
        data = {
            name: SimpleUploadedFile(*value) if isinstance(value, tuple) else value
            for name, value in files.items()
        }
        return self.client.post(f"/api/v1/{address}", data, headers=told)


def is_problem(answer, status, kind=None):
    """The answer is a problem in both languages; what it says."""
    told = answer.json()
    assert answer.status_code == status, told
    assert answer["Content-Type"] == "application/problem+json"
    assert told["title"].isascii()
    assert not told["title_zh"].isascii()
    assert kind is None or told["type"] == f"urn:techflow:{kind}"
    return told
