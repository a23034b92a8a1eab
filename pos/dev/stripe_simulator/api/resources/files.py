"""Files: what is handed in as evidence. The simulator keeps their size and name, never their content."""

from __future__ import annotations

from pos.dev.stripe_simulator.api.routing import Call, handles
from pos.dev.stripe_simulator.errors import ApiError
from pos.dev.stripe_simulator.provenance import documented
from pos.dev.stripe_simulator.state.store import Json

_KINDS = {b"%PDF": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}
_LARGEST = 5_000_000


@handles("post", "/v1/files")
@documented("A file comes as multipart/form-data with its purpose; evidence is a PDF, PNG or JPEG of at most 5 MB.")
def create(call: Call) -> Json:
    """Keep a file."""
    world = call.world
    if "file" not in call.files:
        raise ApiError(400, "Invalid file: must be sent as multipart/form-data", param="file")
    name, content = call.files["file"]
    kind = next((kind for head, kind in _KINDS.items() if content.startswith(head)), None)
    if kind is None:
        raise ApiError(400, "The file type is not accepted.", param="file")
    if len(content) > _LARGEST:
        raise ApiError(400, "The file is too large.", param="file")
    identifier = world.new_id("file")
    return world.store.put(
        {
            "id": identifier,
            "object": "file",
            "created": world.now(),
            "expires_at": None,
            "filename": name,
            "links": None,
            "purpose": call.params["purpose"],
            "size": len(content),
            "title": None,
            "type": kind,
            "url": None,
        }
    )


@handles("get", "/v1/files/{}")
@documented("A file by its id, without its content.")
def retrieve(call: Call) -> Json:
    """One file."""
    return call.world.find("file", call.ids[0], "file")
