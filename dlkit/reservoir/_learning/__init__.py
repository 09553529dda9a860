"""What estimators share between a driver and a readout."""
