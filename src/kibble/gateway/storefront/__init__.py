"""The storefront and the back office: their files, and a first view of each page."""
