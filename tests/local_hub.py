"""A hub on this machine: a folder over real HTTP, as the Hugging Face Hub and ModelScope serve it or on a bad line."""

import hashlib
import json
import re
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

COMMIT = "c0ffee" + "0" * 34
REPO = "course/pocket"


class LocalHub:
    """What the server does now: `cut` bytes of a weight file per request (None: all), `spoil` to flip one byte."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cut, self.spoil, self.ranges, self.requests = folder, None, False, [], 0

    def files(self) -> list[dict]:
        return [self.entry(path) for path in sorted(self.folder.iterdir()) if path.is_file()]

    def scope_files(self) -> list[dict]:
        paths = [path for path in sorted(self.folder.iterdir()) if path.is_file()]
        return [
            {
                "Path": path.name,
                "Name": path.name,
                "Type": "blob",
                "Size": path.stat().st_size,
                "Sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in paths
        ] + [{"Path": "assets", "Name": "assets", "Type": "tree", "Size": 0, "Sha256": ""}]

    def entry(self, path: Path) -> dict:
        content = path.read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        entry = {"rfilename": path.name, "path": path.name, "type": "file", "size": len(content)}
        entry |= {"blobId": blob, "oid": blob}
        if path.suffix == ".safetensors":
            digest = hashlib.sha256(content).hexdigest()
            entry["lfs"] = {"sha256": digest, "oid": digest, "size": len(content), "pointerSize": 134}
        return entry


@contextmanager
def local_hub(folder: Path):
    hub = LocalHub(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments):
            pass

        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            hub.requests += 1
            path = self.path.partition("?")[0]
            if path == f"/api/models/{REPO}/revision/{COMMIT}":
                return self.reply(json.dumps({"id": REPO, "sha": COMMIT, "siblings": hub.files()}).encode())
            if path == f"/api/models/{REPO}/tree/{COMMIT}":
                return self.reply(json.dumps(hub.files()).encode())
            if path == f"/api/v1/models/{REPO}/repo/files":
                return self.reply(json.dumps({"Code": 200, "Data": {"Files": hub.scope_files()}}).encode())
            if path == f"/api/v1/models/{REPO}/repo":
                name = parse_qs(self.path.partition("?")[2])["FilePath"][0]
                return self.file(hub.folder / name)
            found = re.fullmatch(f"/{REPO}/resolve/{COMMIT}/([\\w.-]+)", path)
            if not found or not (hub.folder / found[1]).is_file():
                return self.reply(b"{}", status=404)
            self.file(hub.folder / found[1])

        def file(self, path):
            content, entry = path.read_bytes(), hub.entry(path)
            lfs = entry.get("lfs")
            headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{(lfs or entry)["oid"]}"', "Accept-Ranges": "bytes"}
            if lfs:
                headers |= {"X-Linked-Etag": f'"{lfs["oid"]}"', "X-Linked-Size": str(len(content))}
            start, status, size = 0, 200, len(content)
            if asked := re.match(r"bytes=(\d+)-", self.headers.get("Range", "")):
                start, status = int(asked[1]), 206
                headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
            if lfs and self.command == "GET":
                hub.ranges.append(start)
                if hub.spoil:
                    content = content[:-1] + bytes([content[-1] ^ 1])
            self.reply(content[start:], status=status, headers=headers, cut=hub.cut if lfs else None)

        def reply(self, body, *, status=200, headers=None, cut=None):
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            self.wfile.write(body if cut is None else body[:cut])
            if cut is not None and cut < len(body):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
