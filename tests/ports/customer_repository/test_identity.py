"""What every ``CustomerRepository`` does with what identifies people."""

from __future__ import annotations

import dataclasses
import random
from datetime import timedelta
from typing import Any

import pytest

from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import CustomerId
from kibble.platform.persistence.changes import Changes
from kibble.services.customer.model import (
    STAFF_LIFETIME,
    Ceremony,
    Client,
    Erasure,
    Factors,
    Grant,
    Passkey,
    Revocation,
    Session,
    StaffMember,
    read_refresh_token,
)
from kibble.services.customer.repository import CustomerRepository
from tests.ports.customer_repository.test_customer_repository import NOW

SUE = StaffMember.hire(
    "m1", username="Sue", name="Sue", roles=("support", "finance"), password_hash="$h$", now=NOW
)
FACTORS = Factors(
    id="a1",
    totp_secret="SECRET",
    totp_since=NOW,
    last_step=7,
    recovery=("d1", "d2"),
    passkeys=(
        Passkey(credential_id="c", public_key="k", sign_count=3, name="Phone", created_at=NOW),
    ),
)
WALKIES = Client(
    id="k1",
    name="Walkies",
    redirect_uris=("https://app.example/cb",),
    scopes=("openid",),
    grants=("authorization_code",),
    created_at=NOW,
)
GRANT = Grant(
    id="g1",
    client_id="k1",
    account_id="a1",
    redirect_uri="https://app.example/cb",
    challenge="x" * 43,
    scopes=("openid",),
    nonce=None,
    authenticated_at=NOW,
    second_factor=False,
    expires_at=NOW + timedelta(minutes=1),
)


def begun(session_id: str = "s1", account_id: str = "a1", seed: int = 1) -> tuple[Session, str]:
    return Session.begin(
        session_id,
        account_id,
        STAFF_LIFETIME,
        NOW,
        random.Random(seed),
        scopes=("orders:read",),
        agent="a browser",
    )


async def save(repository: CustomerRepository, *aggregates: Any) -> None:
    changes = Changes()
    for aggregate in aggregates:
        changes.save(aggregate)
    await repository.commit(changes)


async def test_staff_are_found_by_username_in_any_case_and_listed(
    repository: CustomerRepository,
) -> None:
    sue, adam = dataclasses.replace(SUE), dataclasses.replace(SUE, id="m2", username="adam")
    await save(repository, sue, adam)
    assert await repository.staff_by_username("sUE") == sue
    assert await repository.staff_member("m2") == adam
    assert await repository.staff() == [adam, sue]
    assert await repository.staff_by_username("eve") is None
    assert await repository.staff_member("m3") is None


async def test_two_members_of_staff_do_not_share_a_username(
    repository: CustomerRepository,
) -> None:
    await save(repository, dataclasses.replace(SUE))
    with pytest.raises(StaleVersion):
        await save(repository, dataclasses.replace(SUE, id="m2", username="SUE"))


async def test_a_session_is_found_by_its_handle_its_id_and_its_account(
    repository: CustomerRepository,
) -> None:
    session, token = begun()
    other, _ = begun("s2", "a2", seed=2)
    await save(repository, session, other)
    handle, _ = read_refresh_token(token)
    assert await repository.session_by_handle(handle) == session
    assert await repository.session("s1") == session
    assert await repository.sessions_of("a1") == [session]
    assert await repository.session_by_handle("nobody") is None
    assert await repository.sessions_of("a3") == []


async def test_of_two_who_renew_a_session_at_once_one_runs_again(
    repository: CustomerRepository,
) -> None:
    session, token = begun()
    await save(repository, session)
    _, secret = read_refresh_token(token)
    one, other = await repository.session("s1"), await repository.session("s1")
    assert one is not None
    assert other is not None
    first = one.renew(secret, NOW, random.Random(3))
    other.renew(secret, NOW, random.Random(4))
    await save(repository, one)
    with pytest.raises(StaleVersion):
        await save(repository, other)
    again = await repository.session("s1")
    assert again is not None
    assert again.renew(secret, NOW, random.Random(5)) == first


async def test_an_ended_session_is_revoked_in_the_same_commit(
    repository: CustomerRepository,
) -> None:
    session, _ = begun()
    await save(repository, session)
    changes = Changes()
    changes.remove(session)
    until = NOW + timedelta(minutes=10)
    revocation = Revocation(id="s1", revoked_at=NOW, until=until)
    changes.save(revocation)
    await repository.commit(changes)
    assert await repository.session("s1") is None
    assert await repository.revocations(NOW) == [revocation]
    assert await repository.revocations(until) == []


async def test_factors_clients_and_codes_come_back_as_they_were(
    repository: CustomerRepository,
) -> None:
    factors, client, grant = (
        dataclasses.replace(FACTORS),
        dataclasses.replace(WALKIES),
        dataclasses.replace(GRANT),
    )
    await save(repository, factors, client, grant)
    assert await repository.factors("a1") == factors
    assert await repository.client("k1") == client
    assert await repository.clients() == [client]
    assert await repository.grant("g1") == grant
    assert await repository.factors("a2") is None
    assert await repository.client("k2") is None
    assert await repository.grant("g2") is None


async def test_a_ceremony_comes_back_until_it_is_used_or_over(
    repository: CustomerRepository,
) -> None:
    used, over = Ceremony.begin("c1", NOW, "a1"), Ceremony.begin("c2", NOW)
    await save(repository, used, over)
    assert await repository.ceremony(used.id) == used
    changes = Changes()
    changes.remove(used)
    await repository.commit(changes)
    assert await repository.ceremony(used.id) is None
    assert await repository.ceremony(over.id) == over
    await repository.forget_expired(over.until)
    assert await repository.ceremony(over.id) is None


async def test_erasures_are_due_until_all_is_proven(repository: CustomerRepository) -> None:
    first, second = (
        Erasure.begin(CustomerId(name), {"order": {"orders": 2}}, 3, NOW) for name in ("c1", "c2")
    )
    changes = Changes()
    changes.save(first)
    changes.save(second)
    await repository.commit(changes)
    later = NOW + timedelta(seconds=2)
    assert await repository.erasures_due(NOW, 9) == []
    assert len(await repository.erasures_due(later, 9)) == 2
    assert first.look({"order": {}}, later) is False
    done = Changes()
    done.save(first)
    await repository.commit(done)
    assert await repository.erasures_due(later, 9) == [second]
    assert await repository.erasure(CustomerId("c1")) == first
    assert await repository.erasures(9) == [second, first]
    assert await repository.erasure(CustomerId("c3")) is None


async def test_of_two_who_use_a_code_at_once_one_runs_again(
    repository: CustomerRepository,
) -> None:
    await save(repository, dataclasses.replace(GRANT))
    one, other = await repository.grant("g1"), await repository.grant("g1")
    assert one is not None
    assert other is not None
    one.session_id, other.session_id = "s1", "s2"
    await save(repository, one)
    with pytest.raises(StaleVersion):
        await save(repository, other)


async def test_what_has_ended_is_forgotten(repository: CustomerRepository) -> None:
    session, _ = begun()
    grant = dataclasses.replace(GRANT)
    revocation = Revocation(id="s0", revoked_at=NOW, until=NOW + timedelta(minutes=10))
    await save(repository, session, grant, revocation, dataclasses.replace(SUE))
    assert await repository.forget_expired(NOW) == 0
    assert await repository.forget_expired(revocation.until) == 1
    assert await repository.forget_expired(session.ends_at) == 1
    assert await repository.forget_expired(grant.remembered_until) == 1
    assert await repository.sessions_of("a1") == []
    assert await repository.staff() != []
