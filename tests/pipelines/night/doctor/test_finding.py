"""What the doctor says of an error."""

from pipelines.errors import BadInput
from pipelines.night.doctor.finding import of_error


def test_an_errors_own_sentence_is_the_finding() -> None:
    found = of_error("registry", BadInput("no_registry", "chưa nạp / not loaded"))
    assert (found.grade, found.found, found.title) == ("fault", "chưa nạp / not loaded", "Dữ liệu dân cư / registry")
