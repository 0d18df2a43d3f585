"""The embedded search engine: tantivy (https://github.com/quickwit-oss/tantivy-py)."""

from kibble.services.product.adapters.tantivy.index import TantivySearchIndex

__all__ = ["TantivySearchIndex"]
