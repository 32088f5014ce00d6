"""Runs every measurement, prints the figures and writes them to `benchmarks/latest.json`."""

import json
import platform
from pathlib import Path

from benchmarks import casework, endpoints, envelope, freeze, page_weight, plan, trend_words

LATEST = Path(__file__).with_name("latest.json")
TARGETS = {
    "seal_4k_3_vs_sealedbox": ("at most", 3.0),
    "stream_seal_vs_bare": ("at least", 0.85),
    "stream_open_vs_bare": ("at least", 0.85),
    "stream_rss_over_idle_mib": ("at most", 32.0),
    "post_envelope_cpu_ms": ("at most", 8.0),
    "worst_anonymous_cpu_ms": ("at most", 15.0),
    "errors_at_64": ("at most", 0),
    "report_page_kb": ("at most", 110.0),
    "plan_page_all_cpu_ms": ("at most", 50.0),
    "plan_page_narrow_cpu_ms": ("at most", 50.0),
    "inbox_growth": ("at most", 1.5),
    "inbox_newest_growth": ("at most", 1.5),
    "inbox_unread_growth": ("at most", 1.5),
    "work_growth": ("at most", 1.5),
    "case_growth": ("at most", 1.5),
    "search_growth": ("at most", 1.5),
    "search_rare_growth": ("at most", 1.5),
    "search_build_2000_s": ("at most", 3.0),
    "search_slowest_query_ms": ("at most", 50.0),
    "freeze_10000_slips_s": ("at most", 30.0),
    "trend_false_arrows": ("at most", 0.02),
    "trend_false_arrows_restless": ("at most", 0.03),
    "trend_power_largest_doubles": ("at least", 0.9),
}


def main() -> None:
    figures: dict[str, object] = {}
    for part in (envelope, page_weight, endpoints, freeze, trend_words, plan, casework):
        print(f"measuring: {part.__doc__.splitlines()[0]}", flush=True)
        figures |= part.measure()
    figures["machine"] = f"{platform.machine()}, {platform.python_version()}"
    LATEST.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for name, value in sorted(figures.items()):
        print(f"{name:40} {value}")
    print()
    for name, (bound, target) in TARGETS.items():
        value = figures[name]
        held = value <= target if bound == "at most" else value >= target
        print(f"{'held  ' if held else 'MISSED'} {name}: {value} ({bound} {target})")


main()
