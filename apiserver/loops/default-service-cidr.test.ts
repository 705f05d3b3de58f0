import { serviceCIDRs } from "../../api/networking/service-cidr.js";
import { VirtualClock } from "../../base/virtual-clock.js";
import { type ApiKit, openApiKit } from "../endpoints/api.test-kit.js";
import { ensureServiceCidr } from "./default-service-cidr.js";

describe("the ServiceCIDR of the cluster", () => {
  let kit: ApiKit;
  const clock = new VirtualClock();
  beforeEach(async () => {
    kit = await openApiKit();
  });
  afterEach(() => kit.close());

  const ensured = (serviceCidr = "10.96.0.0/16") =>
    ensureServiceCidr({ registry: kit.api.registry, serviceCidr, clock });
  const found = () => kit.api.registry.reads.get(serviceCIDRs, "", "kubernetes");

  it("names the range that addresses come from, and is ready", async () => {
    expect(await ensured()).toBe(undefined);
    expect(found()?.spec.cidrs).toEqual(["10.96.0.0/16"]);
    expect(found()?.status?.conditions).toEqual([
      expect.objectContaining({ type: "Ready", status: "True", reason: "Ready", message: expect.any(String) }),
    ]);
  });

  it("is written once", async () => {
    await ensured();
    const before = await kit.storage.currentRevision();
    expect(await ensured()).toBe(undefined);
    expect(await kit.storage.currentRevision()).toBe(before);
  });

  it("is ready again where someone said otherwise, and keeps what else is said of it", async () => {
    await ensured();
    const lastTransitionTime = "2026-01-01T00:00:00Z";
    const condition = { lastTransitionTime, reason: "X", message: "x" };
    const conditions = [
      { ...condition, type: "Ready", status: "False" },
      { ...condition, type: "Other", status: "True" },
    ];
    const path = "/apis/networking.k8s.io/v1/servicecidrs/kubernetes";
    const body = { ...(await kit.json("GET", path)).body, status: { conditions } };
    expect((await kit.json("PUT", `${path}/status`, { body })).status).toBe(200);
    await ensured();
    const states = (found()?.status?.conditions ?? []).map(({ type, status }) => `${type} ${status}`).sort();
    expect(states).toEqual(["Other True", "Ready True"]);
  });

  it("is left alone, and told of, where it names another range", async () => {
    await ensured();
    const before = await kit.storage.currentRevision();
    expect(await ensured("10.97.0.0/16")).toEqual(["10.96.0.0/16"]);
    expect(await kit.storage.currentRevision()).toBe(before);
  });
});
