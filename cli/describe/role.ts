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
  const rows = ((role.rules ?? []) as readonly Rule[]).flatMap((rule) => {
    const { apiGroups = [""], resources = [], nonResourceURLs = [], resourceNames, verbs } = rule;
    const named = resources.flatMap((resource) =>
      apiGroups.map((group) => (group === "" ? resource : `${resource}.${group}`)),
    );
    return [
      ...named.map((name) => ({ name, line: `${name}\t[]\t${show(resourceNames)}\t${show(verbs)}` })),
      ...nonResourceURLs.map((url) => ({ name: "", line: `\t${show([url])}\t[]\t${show(verbs)}` })),
    ];
  });
  const order = (name: string): string => (name === "" ? "\uffff" : name);
  for (const { line } of rows.sort((a, b) => (order(a.name) < order(b.name) ? -1 : 1))) layout.line(1, line);
};
