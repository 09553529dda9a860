"""Every Numba-compiled loop of the library, by family, and nothing but them."""
