"""Measures of reservoirs: stability, capacity, gradients."""
