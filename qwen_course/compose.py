"""Model server, gateway, Prometheus and Grafana as one compose file, with all that these four read."""

import json
from pathlib import Path

from .api_keys import ApiKeys
from .grafana import grafana_dashboard
from .vllm_flags import VLLM_VERSION, vllm_command

_COMPOSE = """\
# Start: QWEN_COURSE=/folder/of/the/course GRAFANA_PASSWORD=... docker compose up
# Only the gateway and Grafana can be reached, and only from this host: put a proxy with TLS in front.
services:
  vllm:
    image: vllm/vllm-openai:v{version}
    command: {command}
    ipc: host
    volumes: ["weights:/root/.cache/huggingface"]
    deploy: {{resources: {{reservations: {{devices: [{{driver: nvidia, count: {gpus}, capabilities: [gpu]}}]}}}}}}
    healthcheck:
      test: [CMD, python3, -c, "import urllib.request as r; r.urlopen('http://localhost:8000/health')"]
      start_period: 30m
  gateway:
    build:
      context: ${{QWEN_COURSE:?the folder of the course}}
      dockerfile_inline: |
        FROM python:3.12-slim
        COPY . /course
        RUN pip install --no-cache-dir /course
    command: [python, -m, qwen_course.gateway_server, "http://vllm:8000/v1", --keys, /run/keys.json, --host, 0.0.0.0]
    volumes: ["./secrets/keys.json:/run/keys.json:ro"]
    ports: ["127.0.0.1:8000:8000"]
    depends_on: {{vllm: {{condition: service_healthy}}}}
  prometheus:
    image: prom/prometheus:v3.5.0
    volumes:
      - ./prometheus.yml:/etc/prometheus/prometheus.yml:ro
      - ./secrets/prometheus.key:/etc/prometheus/gateway.key:ro
      - series:/prometheus
  grafana:
    image: grafana/grafana:12.2.0
    environment: {{GF_SECURITY_ADMIN_PASSWORD: "${{GRAFANA_PASSWORD:?a password}}"}}
    volumes:
      - ./grafana/datasource.yml:/etc/grafana/provisioning/datasources/prometheus.yml:ro
      - ./grafana/dashboards.yml:/etc/grafana/provisioning/dashboards/course.yml:ro
      - ./grafana/dashboard.json:/var/lib/grafana/dashboards/qwen.json:ro
    ports: ["127.0.0.1:3000:3000"]
volumes: {{weights: {{}}, series: {{}}}}
"""
_PROMETHEUS = """\
global: {scrape_interval: 15s}
scrape_configs:
  - job_name: gateway
    authorization: {credentials_file: /etc/prometheus/gateway.key}
    static_configs: [{targets: ["gateway:8000"]}]
  - job_name: vllm
    static_configs: [{targets: ["vllm:8000"]}]
"""
_DATASOURCE = """\
apiVersion: 1
datasources:
  - {name: Prometheus, type: prometheus, access: proxy, url: "http://prometheus:9090", isDefault: true}
"""
_DASHBOARDS = """\
apiVersion: 1
providers:
  - {name: course, type: file, options: {path: /var/lib/grafana/dashboards}}
"""


def write_compose(folder: str | Path, repo_id: str, *, max_model_len: int, gpus: int = 1) -> Path:
    """Write a new folder with compose.yaml and its files, and return it. Raises FileExistsError if it is there already.

    `secrets/keys.json` has one key, Prometheus' own; make those of the clients with ApiKeys. Introduced in notebook 07.
    """
    command = vllm_command(repo_id, max_model_len=max_model_len, gpus=gpus)[2:]  # the image itself runs `vllm serve`
    folder = Path(folder)
    folder.mkdir(parents=True)
    (folder / "secrets").mkdir(mode=0o700)
    (folder / "grafana").mkdir()
    keys = ApiKeys()
    # Prometheus runs as another user, who reads the file through its mount; the folder keeps all others out
    (folder / "secrets" / "prometheus.key").write_text(keys.new("prometheus"), encoding="utf-8")
    keys.save(folder / "secrets" / "keys.json")
    compose = _COMPOSE.format(version=VLLM_VERSION, command=json.dumps(command), gpus=gpus)
    for name, text in {
        "compose.yaml": compose,
        "prometheus.yml": _PROMETHEUS,
        "grafana/datasource.yml": _DATASOURCE,
        "grafana/dashboards.yml": _DASHBOARDS,
        "grafana/dashboard.json": json.dumps(grafana_dashboard(), indent=1),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
