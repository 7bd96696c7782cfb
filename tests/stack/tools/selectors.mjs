// Reads PromQL expressions (a JSON list) and prints, for each of them, the series that it selects:
// name, matchers, and the functions around it, the innermost first. Prometheus' own grammar.
import { readFileSync } from "node:fs";
import { parser } from "@prometheus-io/lezer-promql";

const AROUND = ["FunctionCall", "AggregateExpr"];

function named(node, text) {
  const name = node.getChild("FunctionIdentifier") ?? node.getChild("AggregateOp");
  return text.slice(name.from, name.to);
}

function matcher(node, text) {
  const [label, operation, value] = ["LabelName", "MatchOp", "StringLiteral"].map((kind) => {
    const part = node.getChild(kind);
    return text.slice(part.from, part.to);
  });
  return [label, operation, JSON.parse(value)];
}

function selector(node, text) {
  const functions = [];
  for (let up = node.parent; up; up = up.parent) {
    if (AROUND.includes(up.name)) functions.push(named(up, text));
  }
  const name = node.getChild("Identifier");
  const matchers = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
  return {
    metric: name ? text.slice(name.from, name.to) : "",
    matchers: matchers.map((each) => matcher(each, text)),
    functions,
  };
}

function selectors(text) {
  const found = [];
  parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`no PromQL at character ${node.from}: ${text}`);
      if (node.name === "VectorSelector") found.push(selector(node.node, text));
    },
  });
  return found;
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(selectors)));
