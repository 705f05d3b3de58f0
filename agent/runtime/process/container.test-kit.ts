import { systemClock } from "../../../base/clock.js";
import { silentLog } from "../../../base/log.js";
import { bootId } from "../proc.js";
import type { ContainerTools } from "./container.js";
import type { StoredContainer } from "./container-files.js";
import { MarkedProcesses } from "./marked-processes.js";

/** A container as an agent of this boot has noted it. */
export const storedContainer = (change: Partial<StoredContainer> = {}): StoredContainer => ({
  record: {
    ...{ id: "one", sandboxId: "s", pod: { uid: "u", namespace: "default", name: "p" }, name: "main", attempt: 0 },
    ...{ createdAtMs: 0, image: "busybox", imageId: "busybox", annotations: {} },
  },
  ...{ bootId: bootId(), namespaces: true, argv: ["true"], workingDir: "/", env: [], mounts: [] },
  ...change,
});

export const containerTools = (change: Partial<ContainerTools> = {}): ContainerTools => ({
  ...{ clock: systemClock, log: silentLog, marked: new MarkedProcesses(), supervisor: "" },
  ...{ changed: () => {}, warn: () => {} },
  ...change,
});
