"""Ask Foundry Local, in the environment that it needs for itself: see `benchmarks/edge.py`, which calls this file.

    python -m venv build/foundry && build/foundry/bin/pip install foundry-local-sdk psutil
    python -m benchmarks.edge --foundry build/foundry/bin/python

Reads {"folder": ..., "questions": [...], "limit": ...} from stdin and writes what was said, as JSON, to stdout. The
folder is what `export_onnx` writes. Nothing is fetched: the model is registered in the local catalogue.
"""

import json
import sys
import tempfile
import time
from importlib.metadata import version

import psutil
from foundry_local_sdk import (
    CatalogType,
    ChatSession,
    Configuration,
    FoundryLocalManager,
    MessageItem,
    ModelInfoBuilder,
    Request,
    RequestOptions,
    SearchOptions,
    TextItem,
)


def main() -> None:
    task, process = json.load(sys.stdin), psutil.Process()
    with tempfile.TemporaryDirectory() as place:
        options = Configuration("qwen-course", app_data_dir=place, disable_nonessential_telemetry=True)
        FoundryLocalManager.initialize(options)
        catalog = FoundryLocalManager.instance.get_catalog(CatalogType.LOCAL)
        about = ModelInfoBuilder().set_string_property("task", "chat-completion")
        model = catalog.register_model(task["folder"], "pocket:1", about)
        library, start = process.memory_info().rss, time.perf_counter()
        model.load()
        loaded, replies = time.perf_counter() - start, []
        for question in task["questions"]:
            with ChatSession(model) as session:  # a new one for each: it keeps its history
                search = SearchOptions(temperature=0.0, max_output_tokens=task["limit"])
                session.set_options(RequestOptions(search=search))
                with Request().add_item(MessageItem.user(question)) as request:
                    with session.process_request(request) as response:
                        texts = [_text(item) for item in response]
                        replies.append({"text": "".join(texts), "prompt_tokens": response.get_usage().prompt_tokens})
        memory = process.memory_info().rss
        model.unload()
        FoundryLocalManager.instance.close()
    print(
        json.dumps(
            {
                "engine": f"foundry-local-sdk {version('foundry-local-sdk')}",
                "load_seconds": loaded,
                "library_bytes": library,
                "memory_bytes": memory,
                "replies": replies,
            }
        )
    )


def _text(item) -> str:
    if isinstance(item, TextItem):
        return item.text
    return item.get_simple_text() if isinstance(item, MessageItem) and item.is_simple_text() else ""


if __name__ == "__main__":
    main()
