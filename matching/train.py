"""What tonight's sure matches teach about the rest.

Where the four fields agree, how often do place and parents agree? A file whose communes are the employers' says little
with a commune; one that copies the registry's says much. The four fields themselves keep their stated m here: among
records chosen because they agree nothing is learned about disagreeing.
"""

import polars as pl

from matching.model import Comparison, Model

_LEAST = 1e-4
"""Never believed to be impossible."""


def with_counted_evidence(model: Model, levels: pl.DataFrame) -> Model:
    """The model with m of the fields that nobody is asked to correct, counted over `levels`.

    Shape of `levels`: a row an agreed record, a level number a field (`compare.compare`). The stated m counts as
    much as `prior.stated_records` records would.
    """
    counted = {
        field.field: _counted(field, model, levels[field.field]) for field in model.comparison if field.column is None
    }
    weights = model.weights.model_copy(update={"levels": {**model.weights.levels, **counted}})
    return model.model_copy(update={"weights": weights})


def _counted(field: Comparison, model: Model, levels: pl.Series) -> dict[str, tuple[float, float]]:
    stated = model.weights.levels[field.field]
    trust = model.weights.prior.stated_records
    seen = {label: int((levels == field.number(label)).sum()) for label in stated}
    total = sum(seen.values()) + trust
    return {label: (max(_LEAST, (seen[label] + m * trust) / total), u) for label, (m, u) in stated.items()}
