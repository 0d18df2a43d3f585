"""Payment's use cases: what is asked for, and what goes on in the background."""

from kibble.services.payment.service.payments import PaymentService
from kibble.services.payment.service.processing import PaymentProcessor
from kibble.services.payment.service.reconciliation import Reconciler, Reconciliation
from kibble.services.payment.service.wallet import Wallet

__all__ = ["PaymentProcessor", "PaymentService", "Reconciler", "Reconciliation", "Wallet"]
