"""The words by which staff find a customer."""

from __future__ import annotations

from kibble.kernel.words import distinct, fold, name_parts
from kibble.services.customer.model.customer import Customer


def words_of(customer: Customer) -> tuple[str, ...]:
    """Return a customer's words: the id, the username, the e-mail, the name's parts, the phone."""
    profile = customer.profile
    phone = profile.phone.e164 if profile.phone else None
    words = [customer.id, fold(customer.username), fold(customer.email)]
    words += name_parts(profile.name or "")
    words += [phone.removeprefix("+1"), phone] if phone else []
    return distinct(words)
