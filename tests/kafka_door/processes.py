"""`usage-ledger serve` as it is shipped, on a ledger and topics of the test's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Self

import httpx

from usage_ledger.embedded.ports import free_port
from usage_ledger.settings import Settings
from waiting import eventually

_TOLD = ("kafka_bootstrap_servers", "events_topic", "outcomes_topic", "commands_group", "log_level")
_DSNS = ("postgres_appender_dsn", "postgres_reader_dsn")


class Serve:
    """One process. Its log is a file, because who reads a pipe has to read it to the end."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.log = log
        self._port = free_port()
        with log.open("wb") as stderr:
            command = [sys.executable, "-m", "usage_ledger", "serve"]
            self.process = subprocess.Popen(command, env=_environment(settings, self._port), stderr=stderr)

    def __enter__(self) -> Self:
        eventually(self.is_ready)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def metric(self, name: str) -> dict[str, float]:
        """Values of a metric by their labels, as Prometheus writes them."""
        lines = httpx.get(f"{self.url}/metrics").text.splitlines()
        found = (re.fullmatch(rf"usage_ledger_{name}(?:{{(.*)}})? (\S+)", line) for line in lines)
        return {match[1] or "": float(match[2]) for match in found if match}

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As a supervisor does it; answers the exit code."""
        self.process.terminate()
        return self.process.wait(60)

    def logged(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def _environment(settings: Settings, port: int) -> dict[str, str]:
    told = {name: str(getattr(settings, name)) for name in _TOLD}
    told |= {name: getattr(settings, name).get_secret_value() for name in _DSNS}
    told |= {"http_port": str(port), "shards": str(settings.shards)}
    told["commands_topics"] = json.dumps(settings.model_dump(mode="json")["commands_topics"])
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("USAGE_LEDGER_")}
    return {**inherited, **{f"USAGE_LEDGER_{name.upper()}": value for name, value in told.items()}}
