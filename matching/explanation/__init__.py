"""Why a record was linked or not: the sentence, the weights, what differs, what would have sufficed."""
