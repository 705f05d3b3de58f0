import { type FlowSchema, flowSchemas } from "../../api/flowcontrol/flow-schema.js";
import { priorityLevelConfigurations } from "../../api/flowcontrol/priority-level-configuration.js";
import { systemClock } from "../../base/clock.js";
import { type ApiKit, openApiKit } from "../endpoints/api.test-kit.js";
import { ensureFlowControl, tellDangling } from "./flow-control-objects.js";

describe("the objects of flow control", () => {
  let kit: ApiKit;
  beforeEach(async () => {
    kit = await openApiKit();
  });
  afterEach(() => kit.close());

  const options = () => ({ registry: kit.api.registry, clock: systemClock });
  const schemas = (): readonly FlowSchema[] => [...kit.api.registry.reads.list(flowSchemas, "")];
  const dangling = (name: string) =>
    schemas()
      .find(({ metadata }) => metadata.name === name)
      ?.status?.conditions?.map(({ type, status, message }) => `${type} ${status}: ${message}`);

  it("are written where they are missing, and left as they were changed", async () => {
    await ensureFlowControl(options());
    expect(schemas()).toHaveLength(11);
    const path = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas";
    await kit.json("DELETE", `${path}/probes`);
    const headers = { "content-type": "application/merge-patch+json" };
    await kit.json("PATCH", `${path}/exempt`, { body: { spec: { matchingPrecedence: 7 } }, headers });
    await ensureFlowControl(options());
    const precedence = new Map(schemas().map(({ metadata, spec }) => [metadata.name, spec.matchingPrecedence]));
    expect([precedence.get("probes"), precedence.get("exempt")]).toEqual([2, 7]);
  });

  it("tell whether the level that a schema names is there, once", async () => {
    await ensureFlowControl(options());
    await tellDangling(options());
    const found = 'This FlowSchema references the PriorityLevelConfiguration object named "system"';
    expect(dangling("system-nodes")).toEqual([`Dangling False: ${found} and it exists`]);
    const before = await kit.storage.currentRevision();
    await tellDangling(options());
    expect(await kit.storage.currentRevision()).toBe(before);
    await kit.json("DELETE", "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/system");
    expect(kit.api.registry.reads.get(priorityLevelConfigurations, "", "system")).toBe(undefined);
    await tellDangling(options());
    expect(dangling("system-nodes")).toEqual([`Dangling True: ${found} but there is no such object`]);
  });
});
