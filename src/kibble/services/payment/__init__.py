"""Payment: takes the money of an order once, and gives it back when it must."""
