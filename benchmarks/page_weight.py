"""How many bytes the report page and everything it loads weigh, compressed."""

import gzip
import re

from benchmarks.portal import running_portal


def measure() -> dict[str, object]:
    weights: dict[str, float] = {}
    with running_portal() as portal:
        page = portal.get("/report")
        weights["/report"] = _kb(page)
        loaded = set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', page))
        for path in sorted(found.decode() for found in loaded):
            weights[path] = _kb(portal.get(path))
        for path in ("/report/keyring.json", "/report/routing.json"):
            weights[path] = _kb(portal.get(path))
    return {
        "report_page_kb": round(sum(weights.values()), 1),
        "report_page_parts_kb": weights,
    }


def _kb(content: bytes) -> float:
    return round(len(gzip.compress(content, 9)) / 1000, 1)
