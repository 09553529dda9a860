"""What is drawn: reservoirs, reservoirs in series, monomials."""
