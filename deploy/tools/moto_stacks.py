"""Runs in ``.venv-deploy``: deploys the templates into moto's CloudFormation, one after the other.

Prints a line for each template: how many resources it made, or the error. What moto does not have
is left out of a template's copy and named: the rest is made, with its references resolved. Then the
table of services in deploy/aws/README.md is compared with the templates, and with what was made.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from pathlib import Path

import boto3
from cfnlint.decode import cfn_yaml
from moto import mock_aws
from moto.backends import list_of_moto_modules
from moto.core.common_models import CloudFormationModel

FOLDER = Path(__file__).parents[1] / "aws"
REGION = "us-east-1"
COLUMNS = 6
"""Of the table of services: service, template, resource, kind, what for, deployed into moto."""
ORDER = (
    "network",
    "storage",
    "databases",
    "cluster",
    "edge",
    "feeds",
    "watch",
    "ecs",
    "door",
    "fargate",
    "host",
)
for module in list_of_moto_modules():
    with contextlib.suppress(ImportError):  # one whose extra is not installed
        importlib.import_module(f"moto.{module}.models")


def made_by_moto(base: type = CloudFormationModel) -> set[str]:
    """Return the kinds of resources that moto's CloudFormation makes."""
    found = set()
    for model in base.__subclasses__():
        found |= {model.cloudformation_type()} | made_by_moto(model)
    return found


def with_only(template: dict, kinds: set[str]) -> tuple[dict, list[str]]:
    """Return a template with some kinds alone, without what depends on others, and what is gone."""
    resources = dict(template["Resources"])
    gone = {name for name, one in resources.items() if one["Type"] not in kinds}
    while True:
        more = {name for name, one in resources.items() if name not in gone and refers(one, gone)}
        if not more:
            break
        gone |= more
    outputs = {
        name: one for name, one in template.get("Outputs", {}).items() if not refers(one, gone)
    }
    kept = {name: one for name, one in resources.items() if name not in gone}
    return {**template, "Resources": kept, "Outputs": outputs}, sorted(gone)


def refers(value: object, names: set[str]) -> bool:
    """Tell whether a value refers to one of some resources."""
    if isinstance(value, dict):
        if value.get("Ref") in names:
            return True
        attribute = value.get("Fn::GetAtt")
        if isinstance(attribute, list) and attribute[0] in names:
            return True
        text = value.get("Fn::Sub")
        if isinstance(text, str) and any(f"${{{name}" in text for name in names):
            return True
        return any(refers(one, names) for one in value.values())
    if isinstance(value, list):
        return any(refers(one, names) for one in value)
    return False


def parameters(template: dict, known: dict[str, str]) -> list[dict[str, str]]:
    """Return the values that a template needs, from what earlier ones gave."""
    wanted = template.get("Parameters", {})
    values = {name: known[name] for name in wanted if name in known}
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


def asked_for() -> dict[str, str]:
    """Make what a shop has before any of this: a zone of its name, and a certificate."""
    names, certificates = (boto3.client(of, region_name=REGION) for of in ("route53", "acm"))
    zone = names.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]
    certificate = certificates.request_certificate(DomainName="shop.example.com")
    return {"Zone": zone["Id"].split("/")[-1], "CertificateArn": certificate["CertificateArn"]}


def untrue(templates: dict[str, dict], made: set[tuple[str, str]]) -> list[str]:
    """Return what the table of services says that is not so; a table that is not there is one."""
    found = []
    rows = 0
    for line in (FOLDER / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != COLUMNS or not cells[1].endswith(".yaml"):
            continue
        rows += 1
        service, file, name, kind, _, deployed = cells
        resource = templates.get(file.removesuffix(".yaml"), {}).get("Resources", {}).get(name)
        if resource is None or resource["Type"] != kind:
            found.append(f"README.md: {service}: {file} has no {name} that is an {kind}")
        elif (deployed == "yes") != ((file.removesuffix(".yaml"), name) in made):
            found.append(f"README.md: {service}: {name} in moto is not {deployed!r}")
    return found if rows else ["README.md has no table of services"]


def main() -> int:
    """Deploy all, in order; the outputs of one are the parameters of the next."""
    failed = 0
    kinds = made_by_moto() - {"AWS::RDS::DBInstance"}  # with a parameter group it fails there
    os.environ |= {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    known = {
        "Service": "order",
        "Image": "kibble@sha256:" + "a" * 64,
        "CloudMapNamespace": "ns-1",
        "FileSystem": "fs-1",
        "EnginesSecret": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:kibble/engines",
        "ServiceKeySecret": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:kibble/order",
        "Source": "s3://bucket/kibble.tar.gz",
        "HostImage": "ami-12c6146b",
        "FirewallArn": f"arn:aws:wafv2:{REGION}:123456789012:regional/webacl/kibble/1",
        "NodesMin": "1",
        "NodesMax": "2",
    }
    templates, there = {}, set()
    with mock_aws():
        cloud = boto3.client("cloudformation", region_name=REGION)
        known |= asked_for()
        for name in ORDER:
            template = templates[name] = cfn_yaml.load(str(FOLDER / f"{name}.yaml"))
            for one in template.get("Parameters", {}).values():
                if one["Type"].startswith("AWS::SSM::"):  # what moto does not look up
                    one["Type"] = "String"
            template.get("Outputs", {}).pop("PostgresSecret", None)  # an attribute moto has not
            for one in template["Resources"].values():
                if isinstance(one.get("Properties", {}).get("Code"), str):  # what `package` uploads
                    one["Properties"]["Code"] = {"ZipFile": "def handler(event, context): pass"}
            made, gone = with_only(json.loads(json.dumps(template)), kinds)
            try:
                cloud.create_stack(
                    StackName=f"kibble-{name}",
                    TemplateBody=json.dumps(made),
                    Parameters=parameters(made, known),
                    Capabilities=["CAPABILITY_IAM"],
                )
            except Exception as error:  # noqa: BLE001 - moto raises whatever its parts do
                print(f"{name}: {type(error).__name__}: {error}")
                failed += 1
                continue
            stack = cloud.describe_stacks(StackName=f"kibble-{name}")["Stacks"][0]
            for output in stack.get("Outputs", []):
                known[output["OutputKey"]] = output["OutputValue"]
            if name == "network":
                known["Subnets"] = known["PrivateSubnets"]
                known["Subnet"] = known["Subnets"].split(",")[0]
            listed = cloud.list_stack_resources(StackName=f"kibble-{name}")
            resources = listed["StackResourceSummaries"]
            there |= {(name, one["LogicalResourceId"]) for one in resources}
            count = len(resources)
            without_them = f"; moto has no {', '.join(gone)}" if gone else ""
            print(f"{name}: {count} of {count + len(gone)} resources{without_them}")
            failed += count != len(made["Resources"])
    wrong = untrue(templates, there)
    print("\n".join(wrong))
    return 1 if failed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
