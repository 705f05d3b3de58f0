import fc from "fast-check";
import { pod } from "../../pod/pod.test-kit.js";
import { shutdownPhases } from "./phases.js";

const of = (name: string, priority?: number) => pod(priority === undefined ? {} : { priority }, { metadata: { name } });
const shown = (phases: ReturnType<typeof shutdownPhases>) =>
  phases.map(({ graceMs, pods }) => `${graceMs}: ${pods.map(({ metadata }) => metadata.name).join(" ")}`);

describe("a node that shuts down", () => {
  it("ends critical pods last, in the time kept for them", () => {
    const settings = { shutdownGraceMs: 30_000, shutdownGraceCriticalMs: 10_000, shutdownByPriority: [] };
    const pods = [of("dns", 2_000_000_000), of("web"), of("low", -10), of("vital", 2_000_001_000)];
    expect(shown(shutdownPhases(pods, settings))).toEqual(["20000: web low", "10000: dns vital"]);
    expect(shown(shutdownPhases([of("web", 5)], settings))).toEqual(["20000: web"]);
  });

  const byPriority = {
    shutdownGraceMs: 0,
    shutdownGraceCriticalMs: 0,
    shutdownByPriority: [
      { priority: 1000, graceMs: 3 },
      { priority: 0, graceMs: 1 },
      { priority: 100, graceMs: 2 },
    ],
  };

  it("goes by the classes that it is told", () => {
    const pods = [of("a", 99), of("b", 100), of("c", 5_000), of("d", -1)];
    expect(shown(shutdownPhases(pods, byPriority))).toEqual(["1: a d", "2: b", "3: c"]);
  });

  it("ends every pod once, none before a less important one's class", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 2000 }), { maxLength: 20 }), (priorities) => {
        const pods = priorities.map((priority, at) => of(`p${at}`, priority));
        const phases = shutdownPhases(pods, byPriority);
        expect(phases.flatMap((phase) => phase.pods)).toHaveLength(pods.length);
        const bounds = phases.map((phase) => phase.pods.map(({ spec }) => spec.priority ?? 0));
        for (const [at, group] of bounds.entries())
          for (const later of bounds.slice(at + 1)) expect(Math.max(...group)).toBeLessThan(Math.min(...later));
      }),
    );
  });
});
