import { type Call, defineCommand } from "../../command.js";
import { CliError } from "../../errors.js";
import { parseResourceArguments } from "../../resources/arguments.js";
import { nothingNamed } from "../../resources/select.js";
import type { ContainerView, PodSpecView } from "../../workload.js";
import { changeFlags, changePodSpecs } from "./change.js";

export const setImage = defineCommand({
  name: "image",
  usage: "(-f FILE | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ...",
  summary: "Change the images of containers; * stands for all containers.",
  examples: ["navctl set image deployment/web web=my-app:v2"],
  flags: changeFlags,
  async run(call: Call<typeof changeFlags>) {
    const pairs = call.args.filter((argument) => argument.includes("="));
    const objects = call.args.filter(isObject);
    const late = call.args.slice(call.args.findIndex((argument) => argument.includes("="))).find(isObject);
    if (pairs.length > 0 && late !== undefined)
      throw new CliError(`all resources must be specified before image changes: ${late}`);
    if (objects.length === 0 && call.flags.filename.length === 0) throw nothingNamed();
    if (pairs.length === 0) {
      // What is wrong with the objects' names comes first: an image without its `=` reads as one of them.
      if (objects.length > 0) await parseResourceArguments(objects, await call.session.discovery());
      throw new CliError("at least one image update is required");
    }
    const images = new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
    return changePodSpecs(call, objects, "image updated", (spec) => withImages(spec, images));
  },
});

const isObject = (argument: string): boolean => !argument.includes("=");

export function withImages(spec: PodSpecView, images: ReadonlyMap<string, string>): PodSpecView {
  const names = [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name);
  const unknown = [...images.keys()].find((name) => name !== "*" && !names.includes(name));
  if (unknown !== undefined) throw new CliError(`unable to find container named ${JSON.stringify(unknown)}`);
  const change = (container: ContainerView): ContainerView => {
    const image = images.get(container.name) ?? images.get("*");
    return image === undefined || image === container.image ? container : { ...container, image };
  };
  return {
    ...spec,
    containers: spec.containers.map(change),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(change) } : {}),
  };
}
