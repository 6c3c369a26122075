"""A real Prometheus scrapes the endpoint and answers every question of the Grafana dashboard."""

import asyncio
import json
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request

import pytest
from serving import ask_all, prompts

import qwen_course as qc
from qwen_course.grafana import queries


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def prometheus(tmp_path):
    """Return a function: url of an endpoint -> a function that asks a Prometheus which scrapes it each second."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("prometheus is not installed; .ci/run installs it (Debian: apt-get install prometheus)")
    started = []

    def start(url: str):
        place = urllib.parse.urlsplit(url).netloc
        job = {"job_name": "qwen", "scrape_interval": "1s", "static_configs": [{"targets": [place]}]}
        config = {"scrape_configs": [job]}
        (tmp_path / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
        address = f"127.0.0.1:{free_port()}"
        command = [program, f"--config.file={tmp_path / 'prometheus.yml'}", f"--storage.tsdb.path={tmp_path / 'data'}"]
        command += [f"--web.listen-address={address}", "--log.level=error"]
        with open(tmp_path / "log", "w") as log:
            started.append(subprocess.Popen(command, stdout=log, stderr=log))

        def ask(question: str) -> list[dict]:
            query = urllib.parse.urlencode({"query": question})
            with urllib.request.urlopen(f"http://{address}/api/v1/query?{query}", timeout=30) as answer:
                said = json.load(answer)
            assert said["status"] == "success"
            return said["data"]["result"]

        return ask

    yield start
    for process in started:
        process.terminate()
        process.wait(30)


def wait_for(ask, question: str, seconds: float = 90.0) -> list[dict]:
    for _ in range(int(seconds / 0.5)):
        try:
            if found := ask(question):
                return found
        except OSError:  # it has not started yet
            pass
        time.sleep(0.5)
    raise AssertionError(f"Prometheus has no answer to {question}")


@pytest.mark.slow
def test_a_real_prometheus_scrapes_the_endpoint_and_answers_the_dashboards_queries(prometheus, loaded):
    qwen = loaded("qwen3")
    monitor = qc.QwenMonitor(qwen)

    async def load(n: int) -> None:
        sizes = {"max_concurrent": 4, "max_queue": 50, "timeout_seconds": 60}
        async with qc.QwenService(qwen, **sizes, guard=qc.Guard(max_characters=300), monitor=monitor) as service:
            await ask_all(service, [*prompts(n), "x" * 400], max_new_tokens=4)

    with monitor.serve() as endpoint:
        ask = prometheus(endpoint.url)
        wait_for(ask, "up == 1")  # the counters are known at zero before anything happens
        asyncio.run(load(20))
        wait_for(ask, 'sum(qwen_course_requests_total{outcome="answered"}) == 20')
        monitor.canaries(0.75)
        wait_for(ask, "qwen_course_canaries_right_ratio == 0.75")  # a later scrape
        (sent,) = ask("sum(qwen_course_requests_total)")
        assert float(sent["value"][1]) == 21
        wait_for(ask, 'sum(rate(qwen_course_requests_total{outcome="answered"}[30s])) > 0')
        for title, questions in queries(qc.grafana_dashboard(), interval="30s").items():
            answers = [ask(question) for question in questions]
            if title == "Memory":
                assert answers[0] and not answers[1], "no GPU here"
                continue
            assert all(answers), f"{title}: {questions}"
            values = [float(one["value"][1]) for answer in answers for one in answer]
            assert all(value >= 0 for value in values), f"{title}: {values}"  # and so none is NaN
        (refused,) = ask('qwen_course_requests_total{outcome="refused",error_type="InputTooLong"}')
        assert refused["value"][1] == "1" and refused["metric"]["gen_ai_request_model"] == monitor.model
        names = {label for one in ask('{job="qwen"}') for label in one["metric"]}
        assert names <= {
            "__name__", "job", "instance", "le", "outcome", "error_type", "finish_reason", "gen_ai_operation_name",
            "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_token_modality",
        }  # fmt: skip
