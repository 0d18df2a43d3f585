"""Order: carts, promotions, orders, and the purchase from the first click to the last parcel."""
