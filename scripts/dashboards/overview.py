"""The page of all homeservers."""

from __future__ import annotations

from dashboards.exporter import exporter_row
from dashboards.panels import (
    BAD, CALM, GOOD, LIFETIME_STEPS, ODD, OVERVIEW_UID, VERDICT, Column, Json, Row, bars, colored,
    curves, group_variable, link_to_server, page, pie, stat, states, steps, table,
)  # fmt: skip
from dashboards.queries import (
    SERIES, Query, by_server, each, in_group, increase, lasting, lifetime_left, metric, or_zero, own,
    quantile,
)  # fmt: skip

FEDERATION = 'role="federation"'
AVAILABILITY_STEPS = steps(BAD, (0.95, ODD), (0.99, GOOD))
AVAILABILITY = lasting("matrix_federation:probe_success:ratio_30d")
HELD = metric("probe_success")


def overview() -> Json:
    return page(
        OVERVIEW_UID,
        "Matrix federation / Overview",
        "Which homeservers others can reach, which not and why, and what will break next.",
        [group_variable()],
        [
            Row("Homeservers", [*counts(), *now()]),
            Row("Over time", over_time()),
            Row("What will break next", ahead()),
            Row("What they are", population()),
            exporter_row(),
        ],
    )


def counts() -> list[tuple[int, int, Json]]:
    probed = by_server(HELD)
    half = f"{metric('all_addresses_success')} == 0 and {HELD} == 1"
    configured = by_server(metric("target_info"), "count")
    shown = (
        stat("Working", "Homeservers that every selected exporter finds working.",
             Query(f"sum({probed})", now=True), thresholds=steps(GOOD)),
        stat("Failing", "Homeservers that at least one selected exporter finds not working.",
             Query(or_zero(f"count({probed} == 0)"), now=True), thresholds=steps(GOOD, (1, BAD))),
        stat("Only partly working", "Homeservers that work, but not at all of their addresses.",
             Query(or_zero(f"count({by_server(half)})"), now=True),
             thresholds=steps(GOOD, (1, ODD))),
        stat("With warnings", "Homeservers with a finding that does not stop federation today.",
             Query(or_zero(f"count({by_server(metric('warning_info'))})"), now=True),
             thresholds=steps(GOOD, (1, ODD))),
        stat("Never probed", "Configured homeservers of which nothing is known yet.",
             Query(or_zero(f"count({configured} unless on (server_name) "
                           f"{metric('probe_last_timestamp_seconds')})"), now=True),
             thresholds=steps(GOOD, (1, ODD))),
        stat("Configured", "All homeservers of the selected exporters and groups.",
             Query(f"count({configured})", now=True), thresholds=steps(CALM)),
    )  # fmt: skip
    return [(4, 4, panel) for panel in shown]


def now() -> list[tuple[int, int, Json]]:
    tiles = stat(
        "Now",
        "One tile a homeserver: green works, red does not. Click for its page.",
        Query(by_server(HELD), "{{server_name}}", now=True),
        show="name",
        mappings=VERDICT,
        thresholds=steps(BAD, (1, GOOD)),
        links=link_to_server("__field.labels.server_name"),
    )
    return [(24, 5, tiles), (24, 10, servers())]


def servers() -> Json:
    """One line a homeserver and exporter."""
    return table(
        "Every homeserver",
        "What each selected exporter found last. The cause is a word of docs/reasons.md; "
        "addresses are those that work of those that the name resolves to. Availability is a "
        "recording rule of deploy/prometheus.",
        COLUMNS,
        Query(each(metric("target_info"), "group"), name="group", table=True),
        Query(each(HELD), name="status", table=True),
        Query(f"1000 * {each(metric('probe_last_state_change_timestamp_seconds'))}",
              name="since", table=True),
        Query(each(metric("probe_failure_info"), "check", "reason"), name="cause", table=True),
        Query(each(metric("server_info"), "software", "version"), name="server", table=True),
        Query(destination(), name="destination", table=True),
        Query(tls_version(), name="tls", table=True),
        Query(certificate_left(), name="left", table=True),
        Query(f"min by ({SERIES}) ({in_group(lifetime_left(FEDERATION))})",
              name="share", table=True),
        Query(addresses("4"), name="ipv4", table=True),
        Query(addresses("6"), name="ipv6", table=True),
        Query(each(AVAILABILITY), name="availability", table=True),
        sort="Federation",
    )  # fmt: skip


ADDRESSES_IN_COLOUR = colored(mappings=[
    {"type": "regex", "options": {"pattern": pattern, "result": {"color": color, "index": index}}}
    for index, (pattern, color) in enumerate([(r"/^0\/[1-9]/", BAD), (r"/^(\d+)\/\1$/", GOOD),
                                              (r"/^\d+\/\d+$/", ODD)])
])  # fmt: skip

COLUMNS = (
    Column("server_name", "Homeserver", {"links": link_to_server("__value.text")}),
    Column("group", "Group"),
    Column("instance", "Seen by"),
    Column("Value #status", "Federation", colored(mappings=VERDICT)),
    Column("Value #since", "Since", {"unit": "dateTimeFromNow"}),
    Column("reason", "Cause", colored(thresholds=steps(BAD))),
    Column("check", "Failed check"),
    Column("software", "Software"),
    Column("version", "Version"),
    Column("method", "Discovered by"),
    Column("destination", "Leads to"),
    Column("tls_version", "TLS"),
    Column("Value #left", "Certificate ends in",
           colored(unit="dtdurations", thresholds=steps(BAD, (0, "text")))),
    Column("Value #share", "of its lifetime",
           colored(unit="percentunit", thresholds=LIFETIME_STEPS, decimals=0)),
    Column("ipv4", "IPv4", ADDRESSES_IN_COLOUR),
    Column("ipv6", "IPv6", ADDRESSES_IN_COLOUR),
    Column("Value #availability", "30 days",
           colored(unit="percentunit", decimals=2, thresholds=AVAILABILITY_STEPS)),
)  # fmt: skip


def destination() -> str:
    joined = f'label_join({metric("discovery_info")}, "destination", ":", "host", "port")'
    return each(joined, "method", "destination")


def tls_version() -> str:
    """`version` is the label of the software as well, so this one gets a name of its own."""
    info = metric("tls_info", FEDERATION)
    return each(f'label_join({info}, "tls_version", "", "version")', "tls_version")


def certificate_left() -> str:
    ends = metric("tls_earliest_certificate_expiry_timestamp_seconds", FEDERATION)
    return each(f"({ends} - time())")


def addresses(ip_version: str) -> str:
    """A label that reads 1/2, for one working address of two."""
    version = f'ip_version="{ip_version}"'
    works = f'count_values by ({SERIES}) ("works", {metric("addresses_healthy", version)})'
    total = f'count_values by ({SERIES}) ("total", {metric("addresses", version)})'
    both = f"{works} * on ({SERIES}) group_left (total) {total}"
    name = f"ipv{ip_version}"
    return each(f'label_join({both}, "{name}", "/", "works", "total")', name)


def over_time() -> list[tuple[int, int, Json]]:
    failures = f"sum by (check, reason) ({increase(own('check_failures_total'))}) > 0"
    kinds = metric("addresses", 'ip_version=~"4|6"')
    healthy = metric("addresses_healthy", 'ip_version=~"4|6"')
    return [
        (24, 9, states(
            "Who worked when",
            "Green: federation worked, as every selected exporter saw it. Red: it did not.",
            Query(by_server(HELD), "{{server_name}}"), mappings=VERDICT)),
        (12, 9, curves(
            "Failed checks by reason",
            "How often each check failed with which reason, over all homeservers of the selected "
            "exporters, whatever their group.",
            Query(failures, "{{reason}} ({{check}})"), stacked=True, as_bars=True)),
        (12, 9, curves(
            "Addresses that work",
            "Over all homeservers, by IP version; dashed: all that they resolve to.",
            Query(f"sum by (ip_version) ({in_group(healthy)})", "IPv{{ip_version}}"),
            Query(f"sum by (ip_version) ({in_group(kinds)})", "IPv{{ip_version}}, all"),
            min=0, overrides=[grey_dashes("IPv4, all"), grey_dashes("IPv6, all")])),
        (12, 8, curves(
            "Duration of probes, the ten slowest",
            "Part of the time that a probe may take; at 100 % it is given up and fails.",
            Query(f"topk(10, {by_server(share_of_timeout(), 'max')})", "{{server_name}}"),
            unit="percentunit", min=0, limits=steps("transparent", (1, BAD)))),
        (12, 8, curves(
            "Duration of phases",
            "The time within which nine of ten probes have passed a phase, at their slowest "
            "address, over all homeservers of the selected exporters.",
            Query(quantile(0.9, own("phase_duration_seconds_bucket"), "phase"), "{{phase}}"),
            unit="s", min=0)),
    ]  # fmt: skip


def grey_dashes(name: str) -> Json:
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [
            {"id": "custom.lineStyle", "value": {"dash": [10, 10], "fill": "dash"}},
            {"id": "color", "value": {"mode": "fixed", "fixedColor": "gray"}},
        ],
    }


def share_of_timeout() -> str:
    return f"{metric('probe_duration_seconds')} / {metric('probe_timeout_seconds')}"


def ahead() -> list[tuple[int, int, Json]]:
    left = by_server(lifetime_left(FEDERATION))
    last, interval = metric("probe_last_timestamp_seconds"), metric("probe_interval_seconds")
    late = f"(time() - {last}) / {interval}"
    return [
        (12, 10, bars(
            "Lifetime left of certificates, the shortest",
            "The first certificate of the chain to end, as a part of its lifetime. Renewal is "
            "due when a third is left: below a quarter one was missed; at 0 it has expired.",
            Query(f"bottomk(15, {left})", "{{server_name}}", now=True), unit="percentunit", min=0,
            max=1, thresholds=LIFETIME_STEPS, links=link_to_server("__field.labels.server_name"))),
        (12, 10, bars(
            "Availability over 30 days, the lowest",
            "Part of the time in which federation worked, by a recording rule of "
            "deploy/prometheus; needs the rules.",
            Query(f"bottomk(15, {by_server(AVAILABILITY)})", "{{server_name}}", now=True),
            unit="percentunit", min=0, max=1, decimals=2,
            thresholds=AVAILABILITY_STEPS,
            links=link_to_server("__field.labels.server_name"))),
        (12, 9, table(
            "Warnings",
            "Findings that do not stop federation today. `matrix-federation-exporter explain WORD` "
            "says what each means and how to mend it.",
            WARNING_COLUMNS,
            Query(each(metric("warning_info"), "warning"), name="warning", table=True),
            sort="Warning")),
        (12, 9, bars(
            "Age of results, the oldest",
            "Time since the last probe, in intervals between probes. Above three, what else is "
            "shown of a homeserver is old.",
            Query(f"topk(15, {by_server(late, 'max')})", "{{server_name}}", now=True), unit="short",
            min=0, max=3, decimals=1, thresholds=steps(GOOD, (2, ODD), (3, BAD)))),
    ]  # fmt: skip


WARNING_COLUMNS = (
    Column("warning", "Warning"),
    Column("server_name", "Homeserver", {"links": link_to_server("__value.text")}),
    Column("instance", "Seen by"),
)


def population() -> list[tuple[int, int, Json]]:
    software = metric("server_info")
    discovery = by_method(metric("discovery_info"))
    validity = f"({metric('signing_keys_valid_until_timestamp_seconds')} - time())"
    offset = f"abs({metric('clock_offset_seconds')})"
    return [
        (8, 8, pie(
            "Software", "What the homeservers say that they are.",
            Query(f"count by (software) ({once(software, 'software')})", "{{software}}",
                  now=True))),
        (8, 8, pie(
            "Versions", "Software with its version.",
            Query(f"count by (software, version) ({once(software, 'software', 'version')})",
                  "{{software}} {{version}}", now=True))),
        (8, 8, pie(
            "Ways of discovery", "How others find the homeservers: .well-known, SRV or port 8448.",
            Query(discovery, "{{method}}", now=True))),
        (12, 8, curves(
            "Validity of signing keys, the shortest",
            "For how long others still accept the keys. Homeservers renew this again and again; "
            "at 0 their messages are refused.",
            Query(f"bottomk(10, {by_server(validity)})", "{{server_name}}"),
            unit="s", limits=steps("transparent", (0, "transparent")))),
        (12, 8, curves(
            "Clocks, the ten furthest off",
            "The homeservers' Date header minus the exporter's clock, without its sign.",
            Query(f"topk(10, {by_server(offset, 'max')})",
                  "{{server_name}}"),
            unit="s", limits=steps("transparent", (60, ODD)))),
    ]  # fmt: skip


def once(info: str, *labels: str) -> str:
    """Each homeserver once, whichever exporters watch it."""
    return f"max by ({', '.join(('server_name', *labels))}) ({in_group(info)})"


def by_method(info: str) -> str:
    return f"count by (method) ({once(info, 'method')})"
