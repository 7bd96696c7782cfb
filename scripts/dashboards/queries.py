"""PromQL of the dashboards. Every selector obeys the variables `job` and `instance`."""

from __future__ import annotations

import dataclasses

EXPORTER = 'job=~"$job", instance=~"$instance"'
GROUP = 'group=~"$group"'
ONE_SERVER = 'server_name="$server_name"'
SERIES = "job, instance, server_name"


@dataclasses.dataclass(frozen=True)
class Query:
    """One query of a panel: its values over time, those of `now`, or those as a `table`."""

    expression: str
    legend: str = ""
    name: str = ""
    now: bool = False
    table: bool = False


def series(name: str, *matchers: str) -> str:
    return f"{name}{{{', '.join((EXPORTER, *matchers))}}}"


def metric(name: str, *matchers: str) -> str:
    return series(f"matrix_federation_{name}", *matchers)


def own(name: str, *matchers: str) -> str:
    """Of the exporter itself."""
    return metric(f"exporter_{name}", *matchers)


def of_server(name: str, *matchers: str) -> str:
    return metric(name, ONE_SERVER, *matchers)


def in_group(expression: str) -> str:
    """Only homeservers of the chosen groups: the group is a label of target_info alone."""
    return f"{expression} and on ({SERIES}) {metric('target_info', GROUP)}"


def by_server(expression: str, aggregate: str = "min") -> str:
    """One series a homeserver, whichever exporters watch it."""
    return f"{aggregate} by (server_name) ({in_group(expression)})"


def each(expression: str, *labels: str) -> str:
    """One series a homeserver and exporter, with further labels, for a table."""
    return f"max by ({', '.join((SERIES, *labels))}) ({in_group(expression)})"


def or_zero(expression: str) -> str:
    """0 where nothing is counted; nothing where no homeserver is known, as while no exporter is scraped."""
    return f"{expression} or 0 * count({in_group(metric('target_info'))})"


def lasting(name: str, *matchers: str) -> str:
    """A series recorded every five minutes, which is as far back as Prometheus looks."""
    return f"last_over_time({series(name, *matchers)}[11m])"


def rate(counter: str) -> str:
    return f"rate({counter}[$__rate_interval])"


def increase(counter: str) -> str:
    return f"increase({counter}[$__rate_interval])"


def quantile(share: float, histogram: str, *labels: str) -> str:
    buckets = f"sum by ({', '.join(('le', *labels))}) ({rate(histogram)})"
    return f"histogram_quantile({share}, {buckets})"


def lifetime_left(*matchers: str) -> str:
    """The part of a certificate's lifetime that is left: below 0 it has expired."""
    end = metric("tls_certificate_not_after_timestamp_seconds", *matchers)
    start = metric("tls_certificate_not_before_timestamp_seconds", *matchers)
    return f"({end} - time()) / ({end} - {start})"
