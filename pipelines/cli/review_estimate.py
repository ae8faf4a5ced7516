"""`sachsong review estimate`: how precise and how complete the links are, by reviewers' answers to random samples."""

from pipelines.cli.options import DEFAULT_WORKSPACE, Json, Workspace
from pipelines.cli.options import settings as settings_of


def estimate(workspace: Workspace = DEFAULT_WORKSPACE, as_json: Json = False) -> None:
    """Độ tin cậy của liên kết, ước lượng từ mẫu ngẫu nhiên / precision and recall, by random samples."""
    from pipelines.cli.show import estimate as show_estimate
    from pipelines.review import sample

    show_estimate.show(sample.estimate(settings_of(workspace)), as_json=as_json)
