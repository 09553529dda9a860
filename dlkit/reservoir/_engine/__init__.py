"""The lane engine: runs what is drawn over packed sequences."""
