#!/usr/bin/env python3
"""Writes managed-policies.json.z: the policies that AWS manages, from the PyPI package moto.

    pip install moto && python3 managed-policies.py

One JSON object a line, sorted by ARN, the whole deflated in zlib's format. The document is a string, so that
its elements keep the order AWS gave them.
"""

import datetime
import json
import pathlib
import zlib

from moto.iam.aws_managed_policies import aws_managed_policies_data


def seconds(date: str) -> int:
    return int(datetime.datetime.fromisoformat(date).timestamp())


def line(name: str, policy: dict) -> str:
    return json.dumps(
        {
            # First, so that a line is found by how it starts.
            "arn": f"arn:aws:iam::aws:policy{policy['Path']}{name}",
            "name": name,
            "path": policy["Path"],
            "version": int(policy["DefaultVersionId"].removeprefix("v")),
            "created": seconds(policy["CreateDate"]),
            "updated": seconds(policy["UpdateDate"]),
            "document": json.dumps(policy["Document"], separators=(",", ":"), ensure_ascii=False),
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


policies = json.loads(aws_managed_policies_data)
lines = sorted(line(name, policy) for name, policy in policies.items())
target = pathlib.Path(__file__).with_name("managed-policies.json.z")
target.write_bytes(zlib.compress("\n".join(lines).encode(), 9))
print(f"{len(lines)} policies, {target.stat().st_size} bytes in {target.name}")
