"""Cells: what the units of a reservoir make of their input and their past."""
