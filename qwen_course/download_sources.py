"""Where weights come from: what a repository holds at one commit, with sizes, checksums and addresses.

ModelScope's two addresses are those that its own client uses (modelscope 1.40.2 with modelscope_hub 0.5.1).
"""

import os
from dataclasses import dataclass, field
from fnmatch import fnmatch
from urllib.parse import quote, urlencode

from .hub import FILES


@dataclass(frozen=True)
class RemoteFile:
    """One file of a repository: size in bytes, and a checksum that is a "sha256", or the name of a "git" blob."""

    name: str
    size: int
    kind: str
    checksum: str
    url: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)  # may hold the user's token


def hub_files(repo_id: str, revision: str) -> list[RemoteFile]:
    """Return the files of a commit on the Hugging Face Hub, or on the one that HF_ENDPOINT names."""
    from huggingface_hub import HfApi, hf_hub_url
    from huggingface_hub.utils import build_hf_headers

    files = []
    for one in HfApi().model_info(repo_id, revision=revision, files_metadata=True).siblings or []:
        if _wanted(one.rfilename):
            kind, checksum = ("git", one.blob_id) if one.lfs is None else ("sha256", one.lfs.sha256)
            url = hf_hub_url(repo_id, one.rfilename, revision=revision)
            files.append(RemoteFile(one.rfilename, one.size, kind, checksum, url, build_hf_headers()))
    return files


def modelscope_files(repo_id: str, revision: str) -> list[RemoteFile]:
    """Return the files of a commit on ModelScope, or on the server that MODELSCOPE_ENDPOINT names."""
    from huggingface_hub.utils import get_session

    endpoint = os.environ.get("MODELSCOPE_ENDPOINT", "").rstrip("/") or "https://modelscope.cn"
    base = f"{endpoint}/api/v1/models/{quote(repo_id)}/repo"
    answer = get_session().get(f"{base}/files", params={"Revision": revision, "Recursive": "True"})
    answer.raise_for_status()
    files = []
    for one in answer.json()["Data"]["Files"]:
        if one.get("Type") != "tree" and _wanted(one["Path"]):
            url = f"{base}?{urlencode({'Revision': revision, 'FilePath': one['Path']})}"
            files.append(RemoteFile(one["Path"], one["Size"], "sha256", one["Sha256"], url))
    return files


SOURCES = {"hub": hub_files, "modelscope": modelscope_files}


def _wanted(name: str) -> bool:
    inside = not name.startswith("/") and ".." not in name.split("/")  # nothing is written outside of the folder
    return inside and any(fnmatch(name, pattern) for pattern in FILES)
