"""Panels and pages as Grafana's JSON, with what all of them have in common."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboards.queries import EXPORTER, Query

Json = dict[str, Any]

DATA_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
TAG = "matrix-federation"
OVERVIEW_UID = "matrix-federation-overview"
SERVER_UID = "matrix-federation-server"
COLUMNS = 24
SCHEMA_VERSION = 39  # of Grafana 10.4, the oldest that these pages are written for
NOTHING = "none"
KEEP = "${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&${__url_time_range}"
GOOD, ODD, BAD, CALM, PALE = "green", "orange", "red", "blue", "text"


def link_to_server(name: str) -> list[Json]:
    """From a value to the page of its homeserver; `name` is Grafana's expression of its name."""
    url = f"/d/{SERVER_UID}?{KEEP}&var-server_name=${{{name}:percentencode}}"
    return [{"title": "Show this homeserver", "url": url}]


def words(meanings: Mapping[int, tuple[str, str]]) -> list[Json]:
    """Values shown as a word in a colour."""
    options = {
        str(value): {"text": text, "color": color, "index": index}
        for index, (value, (text, color)) in enumerate(meanings.items())
    }
    return [{"type": "value", "options": options}]


VERDICT = words({0: ("fails", BAD), 1: ("works", GOOD)})
CHECKED = words({0: ("failed", BAD), 1: ("passed", GOOD)})


def steps(first: str, *further: tuple[float, str]) -> Json:
    """Colours by value: `first` up to the first limit, and so on."""
    listed: list[Json] = [{"color": first, "value": None}]
    listed += [{"color": color, "value": limit} for limit, color in further]
    return {"mode": "absolute", "steps": listed}


LIFETIME_STEPS = steps(BAD, (0.1, ODD), (0.25, GOOD))


def targets(queries: Sequence[Query]) -> Iterator[Json]:
    for number, query in enumerate(queries):
        yield {
            "refId": query.name or chr(ord("A") + number),
            "datasource": DATA_SOURCE,
            "editorMode": "code",
            "expr": query.expression,
            "format": "table" if query.table else "time_series",
            "instant": query.now or query.table,
            "range": not (query.now or query.table),
            "legendFormat": query.legend or "__auto",
        }


def panel(
    kind: str,
    title: str,
    description: str,
    queries: Sequence[Query],
    *,
    unit: str,
    options: Json,
    overrides: Sequence[Json] = (),
    transformations: Sequence[Json] = (),
    **defaults: Any,
) -> Json:
    """`defaults` are those of Grafana's field configuration."""
    colors = {"thresholds": steps(PALE), "mappings": [], "color": {"mode": "thresholds"}}
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATA_SOURCE,
        "targets": list(targets(queries)),
        "fieldConfig": {
            "defaults": {"unit": unit, "noValue": NOTHING, **colors, **defaults},
            "overrides": list(overrides),
        },
        "options": options,
        "transformations": list(transformations),
    }


def reduce_to_last(fields: str = "") -> Json:
    return {"calcs": ["lastNotNull"], "fields": fields, "values": False}


def stat(title: str, description: str, *queries: Query, unit: str = "short", show: str = "auto",
         background: bool = True, **defaults: Any) -> Json:  # fmt: skip
    """Large words or numbers; `show` is Grafana's text mode."""
    options = {
        "colorMode": "background" if background else "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": reduce_to_last(),
        "textMode": show,
        "wideLayout": True,
    }
    return panel("stat", title, description, queries, unit=unit, options=options, **defaults)


def bars(title: str, description: str, *queries: Query, unit: str, **defaults: Any) -> Json:
    """One horizontal bar a series."""
    options = {
        "displayMode": "gradient",
        "minVizHeight": 14,
        "minVizWidth": 8,
        "namePlacement": "auto",
        "orientation": "horizontal",
        "reduceOptions": reduce_to_last(),
        "showUnfilled": True,
        "sizing": "auto",
        "valueMode": "color",
    }
    return panel("bargauge", title, description, queries, unit=unit, options=options, **defaults)


def pie(title: str, description: str, *queries: Query) -> Json:
    options = {
        "displayLabels": [],
        "legend": legend("table", "right", values=["value"]),
        "pieType": "donut",
        "reduceOptions": reduce_to_last(),
        "tooltip": {"mode": "single", "sort": "none"},
    }
    palette = {"mode": "palette-classic"}
    return panel("piechart", title, description, queries, unit="short", options=options,
                 color=palette)  # fmt: skip


def states(title: str, description: str, *queries: Query, unit: str = "short",
           **defaults: Any) -> Json:  # fmt: skip
    """What held when: one line a series."""
    options = {
        "alignValue": "left",
        "legend": legend("list", "bottom"),
        "mergeValues": True,
        "rowHeight": 0.85,
        "showValue": "never",
        "tooltip": {"mode": "single", "sort": "none"},
    }
    return panel("state-timeline", title, description, queries, unit=unit, options=options,
                 **defaults)  # fmt: skip


def curves(title: str, description: str, *queries: Query, unit: str = "short",
           stacked: bool = False, as_bars: bool = False, limits: Json | None = None,
           overrides: Sequence[Json] = (), **defaults: Any) -> Json:  # fmt: skip
    """Values over time; `limits` are drawn as lines."""
    custom = {
        "drawStyle": "bars" if as_bars else "line",
        "fillOpacity": 60 if as_bars else 20 if stacked else 0,
        "lineWidth": 1,
        "showPoints": "never",
        "stacking": {"group": "A", "mode": "normal" if stacked else "none"},
        "thresholdsStyle": {"mode": "dashed" if limits else "off"},
    }
    if limits:
        defaults["thresholds"] = limits
    options = {
        "legend": legend("list", "bottom"),
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return panel("timeseries", title, description, queries, unit=unit, options=options,
                 overrides=overrides, color={"mode": "palette-classic"}, custom=custom,
                 **defaults)  # fmt: skip


def legend(mode: str, placement: str, values: Sequence[str] = ()) -> Json:
    return {"calcs": [], "displayMode": mode, "placement": placement, "showLegend": True,
            **({"values": list(values)} if values else {})}  # fmt: skip


def dashed(name: str, color: str = BAD) -> Json:
    """A series that is a limit of the others: drawn above them, not stacked onto them."""
    return override(name, {
        "custom.stacking": {"group": "A", "mode": "none"},
        "custom.lineStyle": {"dash": [10, 10], "fill": "dash"},
        "custom.fillOpacity": 0,
        "color": {"mode": "fixed", "fixedColor": color},
    })  # fmt: skip


def override(field: str, properties: Mapping[str, Any]) -> Json:
    return {
        "matcher": {"id": "byName", "options": field},
        "properties": [{"id": name, "value": value} for name, value in properties.items()],
    }


@dataclasses.dataclass(frozen=True)
class Column:
    """Of a table: the field that it shows, its heading, and how it looks."""

    field: str
    heading: str
    look: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def colored(**look: Any) -> Json:
    return {"custom.cellOptions": {"type": "color-text"}, **look}


def table(title: str, description: str, columns: Sequence[Column], *queries: Query,
          sort: str, descending: bool = False) -> Json:  # fmt: skip
    """Queries side by side, joined by the labels that all of them have; other fields are hidden."""
    fields = [column.field for column in columns]
    hidden = ["Time", "job", *(f"Value #{query.name}" for query in queries)]
    organize = {
        "excludeByName": {field: True for field in hidden if field not in fields},
        "indexByName": {field: index for index, field in enumerate(fields)},
        "renameByName": {column.field: column.heading for column in columns},
    }
    options = {
        "cellHeight": "sm",
        "showHeader": True,
        "sortBy": [{"displayName": sort, "desc": descending}],
    }
    return panel(
        "table",
        title,
        description,
        queries,
        unit="short",
        options=options,
        overrides=[override(each.heading, each.look) for each in columns if each.look],
        transformations=[
            {"id": "merge", "options": {}},
            {"id": "organize", "options": organize},
        ],
        noValue="",
        custom={"align": "auto", "filterable": True},
    )


@dataclasses.dataclass(frozen=True)
class Row:
    """Panels with their width and height, from left to right, line by line."""

    title: str
    panels: Sequence[tuple[int, int, Json]]
    collapsed: bool = False


def arrange(rows: Sequence[Row]) -> list[Json]:
    """Gives every panel its number and its place."""
    arranged: list[Json] = []
    number, y = 1, 0
    for row in rows:
        header = {
            "id": number,
            "type": "row",
            "title": row.title,
            "collapsed": row.collapsed,
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
            "panels": [],
        }
        placed, bottom = place(row.panels, number + 1, y + 1)
        if row.collapsed:
            header["panels"] = placed
            arranged.append(header)
            bottom = y + 1
        else:
            arranged += [header, *placed]
        number, y = number + 1 + len(placed), bottom
    return arranged


def place(panels: Sequence[tuple[int, int, Json]], number: int, y: int) -> tuple[list[Json], int]:
    """The panels, and the first line below them."""
    placed = []
    x, line_height = 0, 0
    for width, height, each in panels:
        if x + width > COLUMNS:
            x, y, line_height = 0, y + line_height, 0
        position = {"x": x, "y": y, "w": width, "h": height}
        placed.append({"id": number, **each, "gridPos": position})
        number, x, line_height = number + 1, x + width, max(line_height, height)
    return placed, y + line_height


def variable(name: str, label: str, of: str, all_value: str | None) -> Json:
    """A choice among the values that a label has on a metric; all_value None: exactly one."""
    query = f"label_values({of}, {name})"
    several = all_value is not None
    return {
        "type": "query",
        "name": name,
        "label": label,
        "datasource": DATA_SOURCE,
        "query": query,
        "refresh": 2,  # whenever the time range changes
        "sort": 1,
        "hide": 0,
        "multi": several,
        "includeAll": several,
        **({"allValue": all_value, "current": {"text": ["All"], "value": ["$__all"]}}
           if several else {}),
    }


def variables() -> list[Json]:
    """Those of every page."""
    build = "matrix_federation_exporter_build_info"
    data_source = {"type": "datasource", "name": "datasource", "label": "Data source",
                   "query": "prometheus", "hide": 0, "refresh": 1}  # fmt: skip
    return [
        data_source,
        variable("job", "Job", build, ".+"),
        variable("instance", "Instance", f'{build}{{job=~"$job"}}', ".+"),
    ]


def server_variable() -> Json:
    targets_of_exporter = f"matrix_federation_target_info{{{EXPORTER}}}"
    return variable("server_name", "Homeserver", targets_of_exporter, None)


def group_variable() -> Json:
    """Homeservers without a group have an empty one."""
    return variable("group", "Group", f"matrix_federation_target_info{{{EXPORTER}}}", ".*")


def page(uid: str, title: str, description: str, more_variables: Sequence[Json],
         rows: Sequence[Row], annotations: Sequence[Json] = ()) -> Json:  # fmt: skip
    links = {
        "type": "dashboards", "title": "Matrix federation", "tags": [TAG], "icon": "external link",
        "tooltip": "", "url": "", "asDropdown": False, "targetBlank": False, "includeVars": True,
        "keepTime": True,
    }  # fmt: skip
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": [TAG],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "browser",
        "time": {"from": "now-24h", "to": "now"},
        "refresh": "1m",
        "links": [links],
        "annotations": {"list": list(annotations)},
        "templating": {"list": [*variables(), *more_variables]},
        "panels": arrange(rows),
    }
