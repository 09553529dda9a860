"""What every forecaster shares, whatever predicts: calendars, units, bounds."""
