import fc from "fast-check";
import { printTemplate } from "./go-template.js";

const pod = {
  kind: "Pod",
  metadata: { name: "web", labels: { app: "web", tier: "front" } },
  spec: { replicas: 3, containers: [{ name: "a", ports: [80, 443] }, { name: "b" }], node: null },
  data: { key: "dmFsdWU=" },
  big: 1000000,
};

it.each([
  ["{{.kind}}", "Pod"],
  ["{{.metadata.name}}/{{.spec.replicas}}", "web/3"],
  ["{{.nothing}}", "<no value>"],
  ["{{.nothing.at.all}}", "<no value>"],
  ["{{.spec.node}}", "<no value>"],
  ["{{.metadata.labels}}", "map[app:web tier:front]"],
  ["{{.big}}", "1e+06"],
  ["{{range .spec.containers}}{{.name}} {{end}}", "a b "],
  ["{{range $i, $c := .spec.containers}}{{$i}}={{$c.name}};{{end}}", "0=a;1=b;"],
  ["{{range $k, $v := .metadata.labels}}{{$k}}:{{$v}},{{end}}", "app:web,tier:front,"],
  ["{{range .none}}x{{else}}nothing{{end}}", "nothing"],
  ['{{range .spec.containers}}{{if eq .name "b"}}{{break}}{{end}}{{.name}}{{end}}', "a"],
  ["{{if .none}}a{{else if .kind}}b{{else}}c{{end}}", "b"],
  ["{{with .metadata}}{{.name}}{{end}}", "web"],
  ["{{with .none}}x{{else}}y{{end}}", "y"],
  ['{{index .metadata.labels "app"}}{{(index .spec.containers 1).name}}', "webb"],
  ['{{index .spec.containers 0 "ports" 1}}', "443"],
  ["{{len .spec.containers}}", "2"],
  ['{{printf "%-5s|%5s|%q|%v" .kind "x" .kind .spec.replicas}}', 'Pod  |    x|"Pod"|3'],
  ['{{printf "%d %d" 3 .spec.replicas}}', "3 %!d(float64=3)"],
  ["{{.data.key | base64decode}}", "value"],
  ['{{.kind | printf "%s-%s" "a"}}', "a-Pod"],
  ["{{if and .kind (not .none)}}yes{{end}}", "yes"],
  ["{{or .none .kind}}", "Pod"],
  ['{{if and (eq .kind "Pod" "Job") (ne .kind "Job")}}yes{{end}}', "yes"],
  ["{{if lt 1 2}}{{if ge .spec.replicas 3.0}}yes{{end}}{{end}}", "yes"],
  ['{{if exists . "spec" "containers" 0 "name"}}yes{{end}}{{if exists . "spec" "x"}}no{{end}}', "yes"],
  ["a {{- .kind -}} b", "aPodb"],
  ['{{/* a note */}}{{ $x := .kind }}{{$x}}{{$x = "other"}}{{$x}}', "Podother"],
  ["{{range .spec.containers}}{{$.kind}}{{end}}", "PodPod"],
  ['{{"a\\n"}}{{`raw\\n`}}', "a\nraw\\n"],
  ['{{print 1 2 "a" "b" 3}}', "1 2ab3"],
  ["{{.constructor}}{{.__proto__}}", "<no value><no value>"],
  ['{{define "T"}}[{{.}}]{{end}}{{template "T" .kind}}{{template "T"}}', "[Pod][<no value>]"],
  ['{{template "late" .spec}}{{define "late"}}{{.replicas}}{{end}}', "3"],
  ['{{block "b" .metadata}}{{.name}}{{$.name}}{{end}}', "webweb"],
  ['{{range .spec.containers}}{{template "n" .}}{{end}}{{define "n"}}<{{.name}}>{{end}}', "<a><b>"],
])("%s is %j", (template, text) => {
  expect(printTemplate(template, pod)).toBe(text);
});

it.each([
  ["{{.kind", "unclosed action"],
  ["{{if .kind}}", "unexpected EOF"],
  ["{{end}}", "unexpected {{end}}"],
  ["{{nothing .}}", 'function "nothing" not defined'],
  ["{{$x}}", 'undefined variable "$x"'],
  ["{{eq .spec.replicas 3}}", "incompatible types for comparison"],
  ["{{.kind.name}}", "can't evaluate field name"],
  ["{{.spec.node.name}}", "nil pointer evaluating interface {}.name"],
  ["{{index .spec.containers 5}}", "index out of range: 5"],
  ['{{template "x"}}', 'template "x" not defined'],
  ["{{template x}}", 'unexpected "x" in template clause'],
  ['{{define "x"}}', "unexpected EOF"],
  ['{{if .kind}}{{define "x"}}{{end}}{{end}}', "unexpected {{define}}"],
  ['{{$x := 1}}{{define "x"}}{{$x}}{{end}}{{template "x"}}', 'undefined variable "$x"'],
  ['{{define "x"}}{{template "x"}}{{end}}{{template "x"}}', "exceeded maximum template depth"],
  ["{{.kind | base64decode}}", "illegal base64 data"],
  ["{{constructor}}", 'function "constructor" not defined'],
  [`${"{{if .kind}}".repeat(200)}${"{{end}}".repeat(200)}`, "nested too deep"],
])("%s is refused: %s", (template, message) => {
  expect(() => printTemplate(template, pod)).toThrow(message);
});

it("ends, whatever is written", () => {
  const piece = fc.constantFrom(
    "{{",
    "}}",
    ".",
    "$x",
    ":=",
    "range",
    "end",
    "if",
    "(",
    ")",
    "|",
    " ",
    '"a"',
    "kind",
    "-",
    "1",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        return typeof printTemplate(pieces.join(""), pod) === "string";
      } catch (error) {
        return error instanceof Error && error.name === "TemplateError";
      }
    }),
  );
});

it("is bounded in its steps", () => {
  const items = Array.from({ length: 3000 }, () => 1);
  expect(() => printTemplate("{{range $.items}}{{range $.items}}.{{end}}{{end}}", { items })).toThrow("steps");
});
