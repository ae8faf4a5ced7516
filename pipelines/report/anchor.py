"""Words for the audit log's head that a night's outputs print: kept elsewhere, it fixes the log up to there."""

from pipelines.config import Run
from pipelines.workspace import tree_heads
from pipelines.workspace.tree_heads import TreeHead

NONE = "Ngoài một đêm: không có đầu nhật ký kiểm toán / outside a night: there is no head of the audit log"


def sentence(run: Run) -> str:
    """The head in one sentence, Vietnamese and English."""
    head = tree_heads.of_run(run)
    if head is None:
        return NONE
    return f"Nhật ký kiểm toán khi đêm bắt đầu / audit log as the night began: {words(head)}"


def words(head: TreeHead) -> str:
    """Size, root and signature of a head, for both languages."""
    told = f"{head.size} mục (entries), SHA-256 {head.root}"
    return f"{told}, Ed25519 {head.key}: {head.signature}" if head.signature else f"{told}, chưa ký (unsigned)"
