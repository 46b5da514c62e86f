"""What deploy/ holds for each platform, judged by the platform's own schema or program where that can be had."""

import json
import re
import shlex
import shutil
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlencode

import botocore.session
import kubernetes_validate
import pytest
import yaml
from botocore.validate import ParamValidator
from cycle_results import ALL, LOOKED, after
from typer.main import get_command

from iamsync.cli import app
from iamsync.daemon.board import Seen
from iamsync.daemon.metrics import CONTENT_TYPE, families, metrics_text

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
UNITS = sorted((DEPLOY / "systemd").glob("*"))
RULES: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "rules.yaml").read_text("utf-8"))
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "iamsync.json").read_text("utf-8"))
OTHERS = {"Kustomization", "ServiceMonitor", "PrometheusRule"}
"""Kinds that Kubernetes itself does not know."""


def manifests() -> Iterator[Any]:
    for file in sorted(KUBERNETES.rglob("*.yaml")):
        if file.parent.name != "desired":
            yield from yaml.safe_load_all(file.read_text("utf-8"))


MANIFESTS = list(manifests())


def pods() -> list[Any]:
    templates = [one["spec"]["template"] for one in MANIFESTS if one["kind"] == "Deployment"]
    jobs = [one["spec"]["jobTemplate"]["spec"]["template"] for one in MANIFESTS if one["kind"] == "CronJob"]
    return [one["spec"] for one in (*templates, *jobs)]


def commands() -> list[list[str]]:
    """Each command line of iamsync in deploy/."""
    units = [unit.read_text("utf-8") for unit in UNITS]
    starts = [shlex.split(words)[1:] for unit in units for words in re.findall(r"^ExecStart=(.*)", unit, re.MULTILINE)]
    task = json.loads((DEPLOY / "ecs" / "task-definition.json").read_text("utf-8"))
    return [*starts, *(one["containers"][0]["args"] for one in pods()), task["containerDefinitions"][0]["command"]]


def test_each_command_is_one_that_iamsync_has(tmp_path: Path) -> None:
    assert len(commands()) == 5
    for name, *arguments in commands():
        command = get_command(app).commands[name]  # type: ignore[attr-defined]  # the program is a group of commands
        command.make_context(name, [re.sub(r"^(/etc|%[SL])/.*", str(tmp_path / "file"), one) for one in arguments])


def test_each_variable_is_one_that_iamsync_reads() -> None:
    options = get_command(app).commands["run"].params  # type: ignore[attr-defined]  # as above
    known = {name for one in options for name in ([one.envvar] if isinstance(one.envvar, str) else one.envvar or ())}

    given = {entry["name"] for pod in pods() for entry in pod["containers"][0].get("env", ())}

    assert given
    assert given <= known


@pytest.mark.parametrize(
    "manifest",
    [one for one in MANIFESTS if one["kind"] not in OTHERS],
    ids=lambda one: f"{one['kind']}-{one['metadata']['name']}",
)
def test_kubernetes_knows_each_field(manifest: Any) -> None:  # noqa: ANN401 - YAML
    kubernetes_validate.validate(manifest, "1.32", strict=True)


def test_pods_have_what_the_restricted_standard_demands() -> None:
    """Pod Security Standards, "Restricted"."""
    assert len(pods()) == 2
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def of_kind(kind: str, folder: str) -> list[Any]:
    files = sorted((KUBERNETES / folder).glob("*.yaml"))
    return [one for file in files for one in yaml.safe_load_all(file.read_text("utf-8")) if one["kind"] == kind]


def patched(kind: str) -> Any:  # noqa: ANN401 - YAML
    """The object of the base with the patches of the overlay `ha` (RFC 6902: add and replace)."""
    (found,), (overlay,) = of_kind(kind, "base"), of_kind("Kustomization", "ha")
    for patch in overlay["patches"]:
        for step in yaml.safe_load(patch["patch"]) if patch["target"]["kind"] == kind else ():
            *way, last = step["path"].removeprefix("/").split("/")
            place = found
            for name in way:
                place = place[int(name) if isinstance(place, list) else name]
            if last == "-":
                place.append(step["value"])
            else:
                assert (step["op"] == "replace") == (last in place), step
                place[last] = step["value"]
    return found


def test_of_two_replicas_each_may_take_the_one_lease_and_nothing_else() -> None:
    deployment, claim = patched("Deployment"), patched("PersistentVolumeClaim")
    (lease,), (role,), (binding,) = (of_kind(kind, "ha") for kind in ("Lease", "Role", "RoleBinding"))
    (account,) = of_kind("ServiceAccount", "base")
    pod = deployment["spec"]["template"]["spec"]
    given = {one["name"]: one["value"] for one in pod["containers"][0]["env"]}

    for one in (deployment, claim):
        kubernetes_validate.validate(one, "1.32", strict=True)
    assert deployment["spec"]["replicas"] == 2
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert pod["automountServiceAccountToken"] is True
    assert given["IAMSYNC_LEASE"] == lease["metadata"]["name"]
    assert role["rules"] == [
        {
            "apiGroups": ["coordination.k8s.io"],
            "resources": ["leases"],
            "resourceNames": [lease["metadata"]["name"]],
            "verbs": ["get", "update"],
        }
    ]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert [one["name"] for one in binding["subjects"]] == [account["metadata"]["name"]]
    assert pod["serviceAccountName"] == account["metadata"]["name"]
    ports = {
        (port["protocol"], port["port"])
        for policy in (*of_kind("NetworkPolicy", "base"), *of_kind("NetworkPolicy", "ha"))
        for rule in policy["spec"]["egress"]
        for port in rule["ports"]
    }
    assert {("TCP", 443), ("TCP", 6443)} <= ports


@pytest.mark.parametrize("overlay", ["base", "cronjob", "ha", "monitoring"])
def test_kustomize_puts_each_overlay_together(overlay: str) -> None:
    if (kubectl := shutil.which("kubectl")) is None:
        pytest.skip("needs kubectl")
    made = subprocess.run(
        [kubectl, "kustomize", str(KUBERNETES / overlay)], capture_output=True, text=True, check=False
    )
    if "unknown command" in made.stderr:
        pytest.skip("needs a kubectl that has kustomize")
    assert made.returncode == 0, made.stderr
    objects = [one for one in yaml.safe_load_all(made.stdout) if one["kind"] not in OTHERS]
    for one in objects:
        kubernetes_validate.validate(one, "1.32", strict=True)
    kinds = {one["kind"] for one in objects}
    assert ("Deployment" in kinds, "CronJob" in kinds) == (overlay != "cronjob", overlay == "cronjob")
    (maps,) = (one["metadata"]["name"] for one in objects if one["kind"] == "ConfigMap")
    assert f"name: {maps}\n" in made.stdout.replace(f"  name: {maps}\n  namespace", "", 1)


@pytest.mark.parametrize(
    ("service", "operation", "file"),
    [("ecs", "RegisterTaskDefinition", "task-definition"), ("scheduler", "CreateSchedule", "schedule")],
)
def test_aws_takes_the_parameters(service: str, operation: str, file: str) -> None:
    model = botocore.session.get_session().get_service_model(service).operation_model(operation)

    given = json.loads((DEPLOY / "ecs" / f"{file}.json").read_text("utf-8"))
    assert model.input_shape is not None

    assert ParamValidator().validate(given, model.input_shape).generate_report() == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_units(unit: Path, tmp_path: Path) -> None:
    if (analyze := shutil.which("systemd-analyze")) is None:
        pytest.skip("needs systemd-analyze")
    for one in UNITS:
        (tmp_path / one.name).write_text(one.read_text("utf-8").replace("/opt/iamsync/bin/iamsync", "/bin/true"))
    verified = subprocess.run([analyze, "verify", tmp_path / unit.name], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".service"], ids=lambda unit: unit.name)
def test_systemd_calls_the_services_well_protected(unit: Path) -> None:
    if (analyze := shutil.which("systemd-analyze")) is None:
        pytest.skip("needs systemd-analyze")
    judged = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=15", unit], capture_output=True, text=True, check=False
    )
    assert judged.returncode == 0, judged.stdout[-200:]


def test_the_alarms_of_the_operator_are_those_of_prometheus() -> None:
    (rule,) = (one for one in MANIFESTS if one["kind"] == "PrometheusRule")

    assert rule["spec"] == RULES


def test_the_monitor_scrapes_a_port_that_the_service_has() -> None:
    (monitor,) = (one for one in MANIFESTS if one["kind"] == "ServiceMonitor")
    (service,) = (one for one in MANIFESTS if one["kind"] == "Service")

    assert {one["port"] for one in monitor["spec"]["endpoints"]} <= {one["name"] for one in service["spec"]["ports"]}


def queries() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return [*panels, *(rule["expr"] for group in RULES["groups"] for rule in group["rules"])]


def test_promtool_takes_the_alarms() -> None:
    if (promtool := shutil.which("promtool")) is None:
        pytest.skip("needs promtool")
    checked = subprocess.run(
        [promtool, "check", "rules", DEPLOY / "prometheus" / "rules.yaml"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_each_alarm_has_its_place_in_the_handbook() -> None:
    page = (DEPLOY.parent / "docs" / "deploy.md").read_text("utf-8")

    assert [rule["alert"] for group in RULES["groups"] for rule in group["rules"] if rule["alert"] not in page] == []


def samples() -> set[str]:
    seen = Seen(status=after([*ALL, LOOKED]), calls={("iam", "GetUser", "ok"): 1})
    return {one.name for family in families(seen) for one in family.samples}


def test_queries_ask_for_metrics_that_there_are() -> None:
    asked = {name for query in queries() for name in re.findall(r"iamsync_[a-z_]+", query)}

    assert len(queries()) > 20
    assert asked <= samples()


@pytest.mark.slow
def test_prometheus_takes_the_metrics_and_answers_the_queries(tmp_path: Path) -> None:
    """A Prometheus that has read the metrics of a loop knows what each panel asks for."""
    prometheus, promtool = shutil.which("prometheus"), shutil.which("promtool")
    if prometheus is None or promtool is None:
        pytest.skip("needs prometheus")
    text = metrics_text(Seen(status=after(ALL), calls={("iam", "GetUser", "ok"): 1}))
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with Served(text) as loop, running(prometheus, tmp_path, loop.port) as server:
        loop.asked.wait(120)
        loop.asked.clear()
        loop.asked.wait(120)  # the answer before this one is stored
        answers = {query: asked(server, query) for query in queries()}
    assert {query: one["error"] for query, one in answers.items() if one["status"] != "success"} == {}
    panels = queries()[: -len(RULES["groups"][0]["rules"])]
    at_once = [one for one in panels if "[" not in one and "next_cycle" not in one and "pending" not in one]
    assert {query for query in at_once if not answers[query]["data"]["result"]} == set()


class Served:
    """The metrics of a loop, on loopback, and whether somebody has asked for them."""

    def __init__(self, text: str) -> None:
        self.asked = asked = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", CONTENT_TYPE)
                self.end_headers()
                self.wfile.write(text.encode())
                asked.set()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def running(prometheus: str, folder: Path, target: int) -> Iterator[str]:
    """The URL of a Prometheus that reads the metrics at a port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    job = {"job_name": "iamsync", "scrape_interval": "1s", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}
    (folder / "prometheus.yaml").write_text(yaml.safe_dump({"scrape_configs": [job]}))
    command = [prometheus, f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={folder / 'data'}"]
    with subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL) as server:
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def asked(server: str, query: str) -> Any:  # noqa: ANN401 - JSON
    """What Prometheus answers."""
    try:
        with urllib.request.urlopen(f"{server}/api/v1/query?{urlencode({'query': query})}") as answer:  # noqa: S310 - loopback
            return json.load(answer)
    except HTTPError as error:
        return json.load(error)
