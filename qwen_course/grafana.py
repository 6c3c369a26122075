"""The Grafana dashboard for QwenMonitor's metrics, as a file to import, and its questions to Prometheus.

It is in Grafana's classic dashboard model, which every version imports: Dashboards, New, Import. Data source and model
are chosen at its top.
"""

import json
from pathlib import Path

_FILE = Path(__file__).with_name("grafana_dashboard.json")


def grafana_dashboard() -> dict:
    """Return the dashboard that the package ships, for `json.dump`. Introduced in notebook 06."""
    return json.loads(_FILE.read_text(encoding="utf-8"))


def queries(dashboard: dict, *, model: str = ".*", interval: str = "5m") -> dict[str, list[str]]:
    """Return panel title -> its PromQL, with Grafana's variables filled in: what Prometheus really gets to answer."""
    return {
        panel["title"]: [
            target["expr"].replace("$__rate_interval", interval).replace("$model", model) for target in panel["targets"]
        ]
        for panel in dashboard["panels"]
        if "targets" in panel
    }
