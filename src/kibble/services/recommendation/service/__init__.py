"""Recommendation's use cases: give advice, record what happens, keep the item model fresh."""

from kibble.services.recommendation.service.advice import RecommendationService, SuggestionKind
from kibble.services.recommendation.service.recording import Recorder
from kibble.services.recommendation.service.refreshing import ModelKeeper, RefreshPolicy
from kibble.services.recommendation.service.remembering import RememberedGraph
from kibble.services.recommendation.service.sharing import SharedModelKeeper

__all__ = [
    "ModelKeeper",
    "RecommendationService",
    "Recorder",
    "RefreshPolicy",
    "RememberedGraph",
    "SharedModelKeeper",
    "SuggestionKind",
]
