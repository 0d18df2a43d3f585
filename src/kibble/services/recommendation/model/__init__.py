"""Products, the edges between customers and them, and the item model that is built from those.

``builder`` and ``similarity`` need SciPy and are imported only where a model is built.
"""

from kibble.services.recommendation.model.behaviour import (
    Erasure,
    Profile,
    Purchase,
    PurchasedLine,
    Trace,
    View,
)
from kibble.services.recommendation.model.edges import Edges
from kibble.services.recommendation.model.item_model import ItemModel
from kibble.services.recommendation.model.products import Card, ProductNumber, Withdrawal
from kibble.services.recommendation.model.suggestion import Pick, Reason, Suggestion, below, rank
from kibble.services.recommendation.model.tuning import Tuning

__all__ = [
    "Card",
    "Edges",
    "Erasure",
    "ItemModel",
    "Pick",
    "ProductNumber",
    "Profile",
    "Purchase",
    "PurchasedLine",
    "Reason",
    "Suggestion",
    "Trace",
    "Tuning",
    "View",
    "Withdrawal",
    "below",
    "rank",
]
