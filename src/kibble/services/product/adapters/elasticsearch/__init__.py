"""The distributed search engine: Elasticsearch, or OpenSearch, which speaks the same."""

from kibble.services.product.adapters.elasticsearch.control import named_here
from kibble.services.product.adapters.elasticsearch.index import ElasticsearchSearchIndex

__all__ = ["ElasticsearchSearchIndex", "named_here"]
