"""Good files spoilt at random, by a seed: whatever comes out, nothing crashes, hangs or loses a row."""
