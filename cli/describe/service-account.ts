import type { Describer } from "./describer.js";

type Names = readonly { readonly name?: string }[] | undefined;

export const describeServiceAccount: Describer = (layout, account) => {
  layout.line(0, `Name:\t${account.metadata.name}`);
  layout.line(0, `Namespace:\t${account.metadata.namespace}`);
  layout.map(0, "Labels", account.metadata.labels);
  layout.annotations(0, account);
  const names = (list: Names): string[] => (list ?? []).map(({ name }) => name ?? "");
  layout.lines(0, "Image pull secrets", names(account.imagePullSecrets as Names));
  layout.lines(0, "Mountable secrets", names(account.secrets as Names));
  layout.lines(0, "Tokens", []);
};
