"""The engines and carriers behind Shipping's ports."""
