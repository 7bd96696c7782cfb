// What a page of deploy/grafana may consist of: Grafana's own types of a dashboard and of the
// panels that the pages use. Grafana names words by enumerations; JSON has the words themselves.
import type {
  Dashboard, FieldConfig, Panel as AnyPanel, RowPanel, TableFieldOptions,
} from "@grafana/schema";
import type * as bargauge from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen";
import type * as piechart from "@grafana/schema/dist/esm/raw/composable/piechart/panelcfg/x/PieChartPanelCfg_types.gen";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as timeline from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

type Plain<T> =
  T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : T extends Array<infer Item> ? Array<Plain<Item>>
  : T extends object ? { [Key in keyof T]: Plain<T[Key]> }
  : T;

interface Target {
  refId: string;
  datasource: { type: "prometheus"; uid: string };
  editorMode: "code" | "builder";
  expr: string;
  format: "time_series" | "table" | "heatmap";
  instant: boolean;
  range: boolean;
  legendFormat: string;
}

type Defaults<Custom> = Omit<Plain<FieldConfig>, "custom"> & { custom?: Partial<Plain<Custom>> };

type Panel<Type, Options, Custom> =
  Omit<Plain<AnyPanel>, "type" | "options" | "targets" | "fieldConfig"> & {
    type: Type;
    options: Partial<Plain<Options>>;
    targets: Target[];
    fieldConfig: {
      defaults: Defaults<Custom>;
      overrides: Array<{
        matcher: { id: string; options: string };
        properties: Array<{ id: string; value: unknown }>;
      }>;
    };
  };

type Shown =
  | Panel<"stat", stat.Options, {}>
  | Panel<"bargauge", bargauge.Options, {}>
  | Panel<"piechart", piechart.Options, piechart.FieldConfig>
  | Panel<"state-timeline", timeline.Options, timeline.FieldConfig>
  | Panel<"table", table.Options, TableFieldOptions>
  | Panel<"timeseries", timeseries.Options, timeseries.FieldConfig>;

type Row = Omit<Plain<RowPanel>, "panels"> & { panels: Shown[] };

// The query of an annotation is Prometheus' own: Grafana's types leave it open.
interface Annotation {
  name: string;
  datasource: { type: "prometheus"; uid: string };
  enable: boolean;
  hide: boolean;
  iconColor: string;
  expr: string;
  step: string;
  titleFormat: string;
  textFormat: string;
  useValueForTime: boolean;
}

export type Page = Omit<Plain<Dashboard>, "panels" | "annotations"> & {
  panels: Array<Shown | Row>;
  annotations: { list: Annotation[] };
};
