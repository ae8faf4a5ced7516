"""Explains a record's decision: the sentence, the weights, the differences, the correction that would have sufficed."""
