"""The guide's manifest for Kubernetes fits the schema of Dask's operator. Nothing here runs a cluster."""

import copy
import re
from importlib.metadata import PackageNotFoundError, files

import pytest
import yaml
from jsonschema import Draft202012Validator
from test_instructors import GUIDE

MANIFEST = yaml.safe_load(next(iter(re.findall(r"```yaml\n(.*?)```", GUIDE, re.S))))


def strict(schema):
    """Return a schema that allows no other fields than it names: `kubectl` refuses them, too."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and not schema.get("x-kubernetes-preserve-unknown-fields"):
        closed.setdefault("additionalProperties", False)
    return closed


@pytest.fixture(scope="module")
def validator():
    try:
        packaged = files("dask-kubernetes")
    except PackageNotFoundError:
        pytest.skip("dask-kubernetes is not installed: pip install -e '.[kubernetes]'")
    (path,) = (file for file in packaged if file.match("crds/daskcluster.yaml"))
    (version,) = yaml.safe_load(path.read_text())["spec"]["versions"]
    schema = version["schema"]["openAPIV3Schema"]
    for name in ("apiVersion", "kind", "metadata"):  # every object has them; a definition need not say so
        schema["properties"].setdefault(name, {})
    return Draft202012Validator(strict(schema))


def faults(validator, manifest) -> list[str]:
    return [error.message for error in validator.iter_errors(manifest)]


def test_the_manifest_fits_the_operators_schema(validator):
    assert (MANIFEST["apiVersion"], MANIFEST["kind"]) == ("kubernetes.dask.org/v1", "DaskCluster")
    assert not faults(validator, MANIFEST)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("spec", "worker", "replicas"), "fifty"),
        (("spec", "worker", "spec", "containers", 0, "ressources"), {}),
        (("spec", "scheduler", "service", "ports", 0, "port"), "8786"),
    ],
)
def test_the_schema_finds_a_wrong_type_and_a_misspelt_field(validator, place, value):
    broken = copy.deepcopy(MANIFEST)
    inner = broken
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    assert faults(validator, broken)


def test_the_service_leads_to_the_scheduler_of_this_cluster_by_ports_that_it_names():
    scheduler = MANIFEST["spec"]["scheduler"]
    named = {port["name"] for port in scheduler["spec"]["containers"][0]["ports"]}
    assert {port["targetPort"] for port in scheduler["service"]["ports"]} <= named
    assert scheduler["service"]["selector"]["dask.org/cluster-name"] == MANIFEST["metadata"]["name"]
