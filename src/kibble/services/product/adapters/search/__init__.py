"""What the search engines share, so that they find and rank alike: groups, texts, keys, pages."""
