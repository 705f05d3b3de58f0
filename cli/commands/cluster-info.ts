import { services } from "../../api/core/service.js";
import { coloursOf } from "../colour.js";
import { defineCommand } from "../command.js";
import { dump } from "./cluster-info/dump.js";

export const clusterInfo = defineCommand({
  name: "cluster-info",
  summary: "Show where the control plane and the cluster's own services answer.",
  flags: {},
  subcommands: [dump],
  async run({ session, args, usageError }) {
    if (args.length > 0) throw usageError(`unknown command ${JSON.stringify(args[0])}`);
    const api = await session.api();
    const { server } = await session.connection();
    const { items } = await api.list(services, "kube-system", { labelSelector: "kubernetes.io/cluster-service=true" });
    const colours = coloursOf(session.io);
    const say = (what: string, address: string): void =>
      session.print(`${colours.green(what)} is running at ${colours.yellow(address)}`);
    say("Kubernetes control plane", server);
    for (const { metadata } of items) {
      const name = metadata.labels?.["kubernetes.io/name"] ?? metadata.name ?? "";
      say(name, `${server}/api/v1/namespaces/${metadata.namespace}/services/${metadata.name}/proxy`);
    }
    session.print("");
    session.print("To look further into problems: navctl get events -A, navctl describe nodes");
    return 0;
  },
});
