"""Recurrent matrices: how they are drawn, and their spectral radius or norm."""
