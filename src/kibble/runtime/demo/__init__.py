"""The demo shop: what it sells, and how its pictures are drawn."""
