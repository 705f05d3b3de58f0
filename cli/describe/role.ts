import type { Describer } from "./describer.js";

interface Rule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

const show = (values: readonly string[] = []): string => `[${values.join(" ")}]`;

/** Roles and cluster roles: a line a resource. */
export const describeRole: Describer = (layout, role) => {
  layout.line(0, `Name:\t${role.metadata.name}`);
  layout.map(0, "Labels", role.metadata.labels);
  layout.annotations(0, role);
  layout.line(0, "PolicyRule:");
  layout.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
  layout.line(1, "---------\t-----------------\t--------------\t-----");
  for (const { group, resource, urls, names, verbs } of compacted((role.rules ?? []) as readonly Rule[])) {
    const named = group === "" ? resource : resource.replace(/^[^/]*/, `$&.${group}`);
    layout.line(1, `${named}\t${show(urls)}\t${show(names)}\t${show(verbs)}`);
  }
};

interface Row {
  readonly group: string;
  readonly resource: string;
  readonly urls: readonly string[];
  readonly names: readonly string[];
  readonly verbs: readonly string[];
}

/** One row a resource: what several rules allow of it, without naming objects, is one row; by verbs, then by group and resource. */
function compacted(rules: readonly Rule[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const { apiGroups = [""], resources = [], nonResourceURLs = [], resourceNames = [], verbs = [] } of rules) {
    const pieces = [
      ...apiGroups.flatMap((group) =>
        resources.map((resource) => ({ group, resource, urls: [], names: resourceNames })),
      ),
      ...nonResourceURLs.map((url) => ({ group: "", resource: "", urls: [url], names: [] })),
    ];
    for (const piece of pieces) {
      const joins = piece.urls.length === 0 && piece.names.length === 0;
      const key = joins ? `${piece.group}/${piece.resource}` : `#${rows.size}`;
      rows.set(key, { ...piece, verbs: [...(rows.get(key)?.verbs ?? []), ...verbs] });
    }
  }
  const order = ({ group, resource, names, urls, verbs }: Row): string =>
    [verbs, [group], [resource], names, urls].map(show).join(",");
  return [...rows.values()].toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}
