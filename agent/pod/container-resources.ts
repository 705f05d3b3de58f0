import type { Container } from "../../api/core/pod/container.js";
import { bytesOf, cpuMilli } from "../../apimachinery/quantity.js";
import type { ContainerResources } from "../runtime/runtime.js";

/** What the runtime holds a container to. */
export function resourcesOf({ resources: { limits, requests } }: Pick<Container, "resources">): ContainerResources {
  return {
    ...(requests?.cpu === undefined ? {} : { cpuRequestMilli: cpuMilli(requests.cpu) }),
    ...(limits?.cpu === undefined ? {} : { cpuLimitMilli: cpuMilli(limits.cpu) }),
    ...(limits?.memory === undefined ? {} : { memoryLimitBytes: bytesOf(limits.memory) }),
  };
}

/** Where a run notes with which resources it was made. */
export const resourcesAnnotation = "navarch.dev/resources";
