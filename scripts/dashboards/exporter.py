"""The row about the exporter itself."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.panels import (
    BAD, CALM, GOOD, ODD, Column, Json, Row, colored, curves, dashed, stat, states, steps, table,
    words,
)  # fmt: skip
from dashboards.queries import Query, increase, own, quantile, rate, series

INSTANCE = "{{instance}}"
LOADED = words({0: ("refused", BAD), 1: ("loaded", GOOD)})
ROUTE = words({0: ("no route", ODD), 1: ("route", GOOD)})


def exporter_row() -> Row:
    return Row("The exporter itself", [*state(), *load(), *traffic(), *process()], collapsed=True)


def state() -> list[tuple[int, int, Json]]:
    tick = own("scheduler_last_tick_timestamp_seconds")
    return [
        (4, 4, stat("Homeservers", "How many each exporter watches.",
                    Query(own("targets"), INSTANCE, now=True), thresholds=steps(CALM))),
        (4, 4, stat("Last tick", "Since the probe loop last showed that it runs.",
                    Query(f"time() - {tick}", INSTANCE, now=True), unit="s",
                    thresholds=steps(GOOD, (60, ODD), (120, BAD)))),
        (4, 4, stat("Configuration", "Whether the last attempt to load it succeeded. Where it was "
                    "refused, the one before is in force, and the log says why.",
                    Query(own("config_last_reload_successful"), INSTANCE, now=True),
                    mappings=LOADED)),
        (12, 4, table(
            "Builds", "Version of each exporter, and since when its configuration is in force. "
            "Exporters with equal hashes have equal configurations.", BUILD_COLUMNS,
            Query(f"max by (instance, version, revision, compiler) ({own('build_info')})",
                  name="build", table=True),
            Query(f"max by (instance) ({own('config_hash')})", name="hash", table=True),
            Query("1000 * max by (instance) "
                  f"({own('config_last_reload_success_timestamp_seconds')})",
                  name="loaded", table=True),
            sort="Instance")),
    ]  # fmt: skip


BUILD_COLUMNS = (
    Column("instance", "Instance"),
    Column("version", "Version"),
    Column("revision", "Revision"),
    Column("compiler", "Compiler"),
    Column("Value #hash", "Hash of the configuration", {"unit": "hex"}),
    Column("Value #loaded", "In force since", colored(unit="dateTimeAsIso")),
)


def load() -> list[tuple[int, int, Json]]:
    lag = own("probe_lag_seconds_bucket")
    return [
        (8, 7, curves(
            "Probes under way", "Those started minus those finished; dashed: how many may be.",
            Query(f"sum by (instance) ({own('probes_in_flight')})", INSTANCE),
            Query(f"max({own('probes_in_flight_max')})", "most"), min=0,
            overrides=[dashed("most")])),
        (8, 7, curves(
            "Queue", "Probes that are due and wait for a place. More than none for long: raise "
            "probe.max_in_flight, or probe less often.",
            Query(f"sum by (instance) ({own('probe_queue_length')})", INSTANCE), min=0)),
        (8, 7, curves(
            "Lag", "Start of a probe minus the time at which it was due.",
            Query(quantile(0.5, lag, "instance"), "half, {{instance}}"),
            Query(quantile(0.99, lag, "instance"), "99 %, {{instance}}"), unit="s", min=0)),
        (8, 7, curves(
            "Probes", "Probes finished each second.",
            Query(f"sum by (instance) ({rate(own('probes_finished_total'))})", INSTANCE),
            unit="ops", min=0)),
        (8, 7, curves(
            "Skipped probes", "Probes that were due while the previous one of the same homeserver "
            "still ran.",
            Query(f"sum by (instance) ({increase(own('probes_skipped_total'))})", INSTANCE),
            as_bars=True, min=0)),
        (8, 7, states(
            "Network of the exporter", "Whether its machine has a route to that IP version at all.",
            Query(own("network_available"), "IPv{{ip_version}}, {{instance}}"), mappings=ROUTE)),
    ]  # fmt: skip


def traffic() -> list[tuple[int, int, Json]]:
    return [
        (8, 7, curves(
            "DNS questions", "Asked each second, by how they ended.",
            Query(f"sum by (outcome) ({rate(own('dns_queries_total'))})", "{{outcome}}"),
            unit="ops", stacked=True, min=0)),
        (8, 7, curves(
            "HTTP requests", "Served each second; scrapes are among them.",
            Query(f"sum by (handler, code) ({rate(own('http_requests_total'))})",
                  "{{handler}} {{code}}"), unit="reqps", stacked=True, min=0)),
        (8, 7, curves(
            "Log messages", "Messages written, by level.",
            Query(f"sum by (level) ({increase(own('log_messages_total'))})", "{{level}}"),
            stacked=True, as_bars=True, min=0)),
    ]  # fmt: skip


def process() -> list[tuple[int, int, Json]]:
    return [
        (6, 7, curves("Memory", "Resident memory of the process.",
                      Query(of_exporters("process_resident_memory_bytes"), INSTANCE),
                      unit="bytes", min=0)),
        (6, 7, curves("CPU", "Processors kept busy.",
                      Query(of_exporters("process_cpu_seconds_total", rate), INSTANCE),
                      min=0)),
        (6, 7, curves("File descriptors", "Open; dashed: how many may be.",
                      Query(of_exporters("process_open_fds"), INSTANCE),
                      Query(f"min({of_exporters('process_max_fds')})", "most"), min=0,
                      overrides=[dashed("most")])),
        (6, 7, curves("Failed writes of the state file", "Only with --state.file.",
                      Query(increase(own("state_file_write_failures_total")), INSTANCE),
                      as_bars=True, min=0)),
    ]  # fmt: skip


def of_exporters(name: str, function: Callable[[str], str] = str) -> str:
    """All programs have such metrics: only those of exporters, whatever the variable `job` says."""
    return f"{function(series(name))} and on (job, instance) {own('build_info')}"
