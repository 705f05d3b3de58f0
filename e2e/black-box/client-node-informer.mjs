// An informer of @kubernetes/client-node over ConfigMaps of one namespace, as its users write it. Arguments: kubeconfig,
// namespace. Each line on stdin is a request; each answer is one line of JSON.
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, KubeConfig, makeInformer } from "@kubernetes/client-node";

const [file, namespace] = process.argv.slice(2);
const config = new KubeConfig();
config.loadFromFile(file);
const api = config.makeApiClient(CoreV1Api);

const events = [];
let errors = 0;
const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
  api.listNamespacedConfigMap({ namespace }),
);
for (const type of ["add", "update", "delete"])
  informer.on(type, ({ metadata }) =>
    events.push([type, metadata.name, metadata.uid, Number(metadata.resourceVersion)]),
  );
informer.on("error", () => {
  errors++;
  void sleep(200).then(() => informer.start());
});
await informer.start();

const answers = {
  size: () => informer.list().length,
  dump: () => ({
    objects: informer.list().map(({ metadata }) => [metadata.name, metadata.resourceVersion]),
    events,
    errors,
  }),
};
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(answers[line]())}\n`);
process.exit(0);
