"""Signs heads of the audit log and publishes them: what is printed outside the workspace fixes the log up to there.

A head is signed by Ed25519 over the text of a C2SP checkpoint. The key lies outside the workspace: whoever can rewrite
the workspace cannot sign for it. Without a key heads are unsigned, and every place that shows one says so.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.workspace import audit_log, key_files, state

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "sachsong"
"""First line of what is signed."""
BY = "sachsong"
"""Author of the entries that nobody gave by hand."""


class TreeHead(BaseModel):
    """A head of the log as it is published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(ge=0)
    root: str = Field(pattern="^[0-9a-f]{64}$")
    key: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    """Public key of the signature; null: unsigned."""
    signature: str | None = Field(default=None, pattern="^[0-9a-f]{128}$")

    def is_signed(self) -> bool:
        """Whether the signature is that of its key over this head."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        if self.key is None or self.signature is None:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key)).verify(
                bytes.fromhex(self.signature), _checkpoint(self.size, self.root)
            )
        except InvalidSignature:
            return False
        return True


def signed(head: audit_log.Head, key_file: Path) -> TreeHead:
    """The head, signed if there is a key. Errors: BadInput if the key cannot be used."""
    private = _private(key_file)
    if private is None:
        return TreeHead(size=head.size, root=head.root)
    signature = private.sign(_checkpoint(head.size, head.root))
    public = private.public_key().public_bytes_raw()
    return TreeHead(size=head.size, root=head.root, key=public.hex(), signature=signature.hex())


def publish(connection: Connection, run_id: str, when: Literal["begun", "finished"], key_file: Path) -> TreeHead:
    """The head of the log, which is itself in the log from now on."""
    head = signed(audit_log.head(connection), key_file)
    audit_log.append(connection, "head", {"run_id": run_id, "when": when, **head.model_dump()}, BY)
    return head


def published(connection: Connection, run_id: str, when: Literal["begun", "finished"]) -> TreeHead | None:
    """The head of the log as the run last began or was finished; None if it did not."""
    found = (entry.details for entry in audit_log.entries(connection, "head"))
    fitting = [details for details in found if (details["run_id"], details["when"]) == (run_id, when)]
    return _head_of(fitting[-1]) if fitting else None


def of_run(run: Run) -> TreeHead | None:
    """The head that the run's outputs print: the log as it was when the run began; None outside a night."""
    if not run.settings.has_state:
        return None
    with state.opened(run.settings) as engine, state.reading(engine) as connection:
        return published(connection, run.run_id, "begun")


def current(settings: Settings) -> TreeHead:
    """The head of the log as it is, signed if there is a key."""
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return signed(audit_log.head(connection), settings.signing_key_file)


def _head_of(details: Mapping[str, Any]) -> TreeHead:
    return TreeHead.model_validate({name: details[name] for name in TreeHead.model_fields})


def make_key(key_file: Path) -> str:
    """The public key of a new signing key, whose file only its owner may read. Errors: BadInput if there is one."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    if not key_files.make(key_file, pem):
        raise BadInput(
            "key_exists",
            f"Đã có khóa ký «{key_file}»; khóa cũ không bị ghi đè / there is a signing key, it is not replaced.",
        )
    return private.public_key().public_bytes_raw().hex()


def public_key(key_file: Path) -> str | None:
    """The public half of the signing key; None if there is no key. Errors: BadInput if the key cannot be used."""
    private = _private(key_file)
    return private.public_key().public_bytes_raw().hex() if private else None


def _private(key_file: Path) -> "Ed25519PrivateKey | None":
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = key_files.read(key_file)
    if pem is None:
        return None
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as fault:
        raise BadInput(
            "bad_key", f"Không đọc được khóa ký «{key_file}» (Ed25519, PEM) / the signing key cannot be read."
        ) from fault
    if not isinstance(private, Ed25519PrivateKey):
        raise BadInput("bad_key", f"«{key_file}» không phải khóa Ed25519 / is no Ed25519 key.")
    return private


def _checkpoint(size: int, root: str) -> bytes:
    return f"{ORIGIN}\n{size}\n{base64.b64encode(bytes.fromhex(root)).decode()}\n".encode()
