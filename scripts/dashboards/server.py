"""The page of one homeserver."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.panels import (
    BAD, CALM, CHECKED, DATA_SOURCE, GOOD, LIFETIME_STEPS, ODD, SERVER_UID, VERDICT, Column, Json,
    Row, colored, curves, dashed, page, server_variable, stat, states, steps, table, words,
)  # fmt: skip
from dashboards.queries import ONE_SERVER, Query, increase, lasting, lifetime_left, of_server

INSTANCE = "{{instance}}"
REACHED = words({0: ("fails", BAD), 1: ("works", GOOD)})
PRESENT = words({1: ("present", ODD)})


def server() -> Json:
    return page(
        SERVER_UID,
        "Matrix federation / Server",
        "One homeserver: whether others can reach it, why not, and since when.",
        [server_variable()],
        [
            Row("Now", [*verdict(), *identity()]),
            Row("Checks", checks()),
            Row("Addresses and durations", network()),
            Row("Certificates", certificates()),
            Row("Signing keys, clock and changes", keys()),
        ],
        annotations=[state_changes()],
    )


def state_changes() -> Json:
    """A mark at every moment that the metric has named."""
    changed = of_server("probe_last_state_change_timestamp_seconds")
    return {
        "name": "Changes between working and not working",
        "datasource": DATA_SOURCE,
        "enable": True,
        "hide": False,
        "iconColor": "purple",
        "expr": f"1000 * max by (instance) ({changed})",
        "step": "1m",
        "titleFormat": "Began to work, or to fail",
        "textFormat": "as {{instance}} saw it",
        "useValueForTime": True,
    }


def verdict() -> list[tuple[int, int, Json]]:
    since = of_server("probe_last_state_change_timestamp_seconds")
    last = of_server("probe_last_timestamp_seconds")
    interval = of_server("probe_interval_seconds")
    cause = of_server("probe_failure_info")
    available = lasting("matrix_federation:probe_success:ratio_30d", ONE_SERVER)
    return [
        (4, 4, stat("Federation", "Whether other homeservers can reach this one.",
                    Query(of_server("probe_success"), INSTANCE, now=True), mappings=VERDICT)),
        (4, 4, stat("Since", "When it began to work, or to fail.",
                    Query(f"1000 * {since}", INSTANCE, now=True), unit="dateTimeFromNow",
                    background=False)),
        (6, 4, stat("Cause", "The first failing check that decides, and why. `explain` of the "
                    "exporter says how to mend it.",
                    Query(cause, "{{reason}} ({{check}})", now=True), show="name",
                    thresholds=steps(BAD))),
        (3, 4, stat("Failures in a row", "Failed probes since the last successful one.",
                    Query(of_server("probe_consecutive_failures"), INSTANCE, now=True),
                    thresholds=steps(GOOD, (1, ODD), (3, BAD)))),
        (3, 4, stat("Availability, 30 days", "Part of the time in which federation worked, by a "
                    "recording rule of deploy/prometheus; needs the rules.",
                    Query(available, INSTANCE, now=True), unit="percentunit", decimals=2,
                    thresholds=steps(BAD, (0.95, ODD), (0.99, GOOD)))),
        (4, 4, stat("Last probe", "In intervals between probes. Above three, what is shown here "
                    "is old.",
                    Query(f"(time() - {last}) / {interval}", INSTANCE, now=True), decimals=1,
                    thresholds=steps(GOOD, (2, ODD), (3, BAD)))),
    ]  # fmt: skip


def identity() -> list[tuple[int, int, Json]]:
    federation = 'role="federation"'
    shown: Sequence[tuple[int, str, str, str, str]] = (
        (5, "Software", "What the homeserver says that it is.", "{{software}} {{version}}",
         of_server("server_info")),
        (8, "Leads to", "Where discovery leads other homeservers, and by which step.",
         "{{host}}:{{port}} ({{method}}, step {{step}})", of_server("discovery_info")),
        (7, "TLS", "Version and cipher suite that were negotiated.", "{{version}} {{cipher}}",
         of_server("tls_info", federation)),
        (4, "Group", "That of the configuration.", "{{group}}", of_server("target_info")),
    )  # fmt: skip
    return [(width, 3, stat(title, description, Query(query, text, now=True), show="name",
                            background=False, thresholds=steps(CALM)))
            for width, title, description, text, query in shown]  # fmt: skip


def checks() -> list[tuple[int, int, Json]]:
    passed = f"min by (check) ({of_server('check_success')})"
    verdicts = of_server("probe_success")
    warnings = f"max by (warning) ({of_server('warning_info')})"
    causes = f"max by (check, reason) ({of_server('probe_failure_info')})"
    return [
        (24, 4, states("Federation over time", "As each selected exporter saw it.",
                       Query(verdicts, INSTANCE), mappings=VERDICT)),
        (24, 17, states("Checks over time", "Red where any selected exporter found a check "
                        "failed. No colour: there was nothing to judge. docs/checks.md says what "
                        "each means and which of them decide.",
                        Query(passed, "{{check}}"), mappings=CHECKED)),
        (12, 6, states("Causes over time", "The root cause, while federation did not work.",
                       Query(causes, "{{reason}} ({{check}})"),
                       mappings=words({1: ("failing", BAD)}))),
        (12, 6, states("Warnings over time", "Findings that do not stop federation.",
                       Query(warnings, "{{warning}}"), mappings=PRESENT)),
    ]  # fmt: skip


def network() -> list[tuple[int, int, Json]]:
    phases = f"max by (phase) ({of_server('phase_duration_seconds')})"
    status = f"max by (endpoint) ({of_server('http_status_code')})"
    healthy = f"min by (ip_version) ({of_server('addresses_healthy')})"
    all_of_them = f"max by (ip_version) ({of_server('addresses')})"
    return [
        (12, 8, curves("Duration of phases", "Of the last probe, at the slowest address, as the "
                       "slowest exporter saw it; dashed: how long a probe may take.",
                       Query(phases, "{{phase}}"),
                       Query(f"min({of_server('probe_timeout_seconds')})", "timeout"),
                       unit="s", stacked=True, min=0, overrides=[dashed("timeout")])),
        (12, 8, curves("Duration of probes", "Of the last probe, whole.",
                       Query(of_server("probe_duration_seconds"), INSTANCE), unit="s", min=0)),
        (8, 7, curves("Addresses", "Those that work, by IP version; dashed: all that the name "
                      "resolves to.",
                      Query(healthy, "IPv{{ip_version}}"),
                      Query(all_of_them, "IPv{{ip_version}}, all"), min=0, decimals=0,
                      overrides=[dashed("IPv4, all", "gray"), dashed("IPv6, all", "gray")])),
        (8, 7, table("Each address", "Only with metrics.per_address in the configuration.",
                     ADDRESS_COLUMNS,
                     Query(of_address("address_success"), name="works", table=True),
                     sort="Address")),
        (8, 7, states("HTTP status", "At the first address that answered. .well-known is 404 "
                      "where there is none, which is no mistake.",
                      Query(status, "{{endpoint}}"),
                      thresholds=steps(CALM, (200, GOOD), (300, CALM), (400, ODD), (500, BAD)))),
    ]  # fmt: skip


def of_address(name: str) -> str:
    return f"max by (instance, ip, port) ({of_server(name)})"


ADDRESS_COLUMNS = (
    Column("ip", "Address"),
    Column("port", "Port"),
    Column("Value #works", "Now", colored(mappings=REACHED)),
    Column("instance", "Seen by"),
)


def certificates() -> list[tuple[int, int, Json]]:
    end = of_server("tls_certificate_not_after_timestamp_seconds")
    start = of_server("tls_certificate_not_before_timestamp_seconds")
    info = of_server("tls_certificate_info")
    names = "subject_cn, issuer_cn, serial_number"
    chain = table(
        "Chain", "What the homeserver (federation) and the host of its .well-known file present, "
        "whether or not it is accepted; position 0 is the leaf. Earliest dates over the addresses.",
        CHAIN_COLUMNS,
        Query(f"max by (instance, role, position, {names}) ({info})", name="info", table=True),
        Query(f"1000 * {of_chain(start)}", name="start", table=True),
        Query(f"1000 * {of_chain(end)}", name="end", table=True),
        Query(of_chain(lifetime_left(ONE_SERVER)), name="left", table=True),
        sort="Position",
    )  # fmt: skip
    return [
        (24, 8, chain),
        (12, 8, curves("Lifetime left", "Of each presented certificate, as a part of its "
                       "lifetime. Below a quarter a renewal was missed; at 0 it has expired.",
                       Query(f"min by (role, position) ({lifetime_left(ONE_SERVER)})",
                             "{{role}}, {{position}}"),
                       unit="percentunit", max=1,
                       limits=steps("transparent", (0, BAD), (0.25, "transparent")))),
        (12, 8, curves("Different certificates", "Leaf certificates over the addresses. More than "
                       "one: the addresses disagree, most often after a renewal that left one out.",
                       Query("max by (role) "
                             f"({of_server('tls_distinct_leaf_certificates')})", "{{role}}"),
                       min=0, decimals=0, limits=steps("transparent", (2, ODD)))),
    ]  # fmt: skip


def of_chain(expression: str) -> str:
    return f"min by (instance, role, position) ({expression})"


CHAIN_COLUMNS = (
    Column("role", "Of"),
    Column("position", "Position"),
    Column("subject_cn", "Subject"),
    Column("issuer_cn", "Issuer"),
    Column("Value #start", "Valid from", {"unit": "dateTimeAsIso"}),
    Column("Value #end", "Valid until", {"unit": "dateTimeAsIso"}),
    Column("Value #left", "Lifetime left",
           colored(unit="percentunit", decimals=0, thresholds=LIFETIME_STEPS)),
    Column("serial_number", "Serial number"),
    Column("instance", "Seen by"),
)  # fmt: skip


def keys() -> list[tuple[int, int, Json]]:
    until = of_server("signing_keys_valid_until_timestamp_seconds")
    cache = of_server("well_known_cache_lifetime_seconds")
    records = f"max by (record) ({of_server('srv_records')})"
    return [
        (8, 7, curves("Signing keys", "Keys that the homeserver offers, current and old.",
                      Query(f"max by (state) ({of_server('signing_keys')})", "{{state}}"), min=0,
                      decimals=0)),
        (8, 7, curves("Validity of the signing keys", "For how long others still accept them. It "
                      "falls and is renewed again and again; at 0 messages are refused.",
                      Query(f"{until} - time()", INSTANCE), unit="s",
                      limits=steps("transparent", (0, "transparent"), (3600, "transparent")))),
        (8, 7, curves("Clock", "The homeserver's Date header minus the exporter's clock.",
                      Query(of_server("clock_offset_seconds"), INSTANCE), unit="s",
                      limits=steps(ODD, (-60, "transparent"), (60, ODD)))),
        (12, 7, curves("Changes", "Another destination, another leaf certificate, a new signing "
                       "key.",
                       Query(changes("discovery_changes_total"), "destination"),
                       Query(changes("tls_certificate_changes_total", 'role="federation"'),
                             "certificate"),
                       Query(changes("tls_certificate_changes_total", 'role="well_known"'),
                             "certificate of .well-known"),
                       Query(changes("signing_key_changes_total"), "signing key"),
                       as_bars=True, min=0)),
        (6, 7, stat("SRV records", "Records found, for each name that discovery asked for.",
                    Query(records, "{{record}}", now=True), background=False)),
        (6, 7, stat("Delegation is cached for", "How long others keep the answer of the "
                    ".well-known host, also one that says that there is none.",
                    Query(cache, INSTANCE, now=True), unit="s", background=False)),
    ]  # fmt: skip


def changes(counter: str, *matchers: str) -> str:
    return f"max({increase(of_server(counter, *matchers))})"
