"""What Shipping decides: packing, zones, prices, delivery days, the life of a shipment."""
