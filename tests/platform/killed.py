"""The platform that `test_kill` kills: `python -m tests.platform.killed FOLDER PORT`."""

import sys
from datetime import timedelta
from pathlib import Path

from techflow_service.cli.serve import mend
from techflow_service.clock import now
from techflow_service.ledger.embedded import start_server
from techflow_service.platform.processes import keep
from techflow_service.platform.starting import Platform


def fill():
    """Twenty firms that agreed with one bank; the cookie of its officer."""
    from django.test import Client

    from techflow_service.platform import models

    run = models.Run.objects.using("owner").create(as_of="2026-06-30", loaded_at=now(), record={})
    text = models.ConsentText.objects.using("owner").create(
        version="test", since_on="2026-01-01", text_zh="同意", text_en="Agreed"
    )
    org = models.Organisation.objects.using("owner").create(
        kind="bank", name_zh="行", name_en="Bank"
    )
    person = models.Person.objects.using("owner").create(username="officer")
    models.Membership.objects.using("owner").create(person=person, org=org, role="credit_officer")
    for number in range(20):
        firm_id = f"test:kill-{number}"
        models.Firm.objects.using("owner").create(firm_id=firm_id, name=firm_id)
        models.Sheet.objects.using("owner").create(run=run, firm_id=firm_id, part="grade", body={})
        models.Consent.objects.using("owner").create(
            firm_id=firm_id, org=org, purpose="credit", parts=["identity", "grade"], text=text,
            since_at=now(), until_at=now() + timedelta(days=1),
        )  # fmt: skip
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"sessionid={client.cookies['sessionid'].value}"


def main():
    """Serve until told to end."""
    home, port = Path(sys.argv[1]), int(sys.argv[2])
    platform = Platform.prepare(start_server(home / "db"), home / "platform")
    sys.stdout.write(fill() + "\n")
    sys.stdout.flush()
    programs = platform.programs("127.0.0.1", port, 2)
    sys.exit(keep(list(programs.values()), lambda: mend(home / "db")))


if __name__ == "__main__":
    main()
