import { cells } from "../kind.test-kit.js";
import { customResourceDefinitions } from "./custom-resource-definition.js";
import { freshStatus } from "./custom-resource-definition-rules.js";

describe("a new definition's status", () => {
  const version = (name: string, storage: boolean) => ({ name, storage, served: true });

  it("names the version in which objects would be stored", () => {
    expect(freshStatus({ versions: [version("v1", false), version("v2", true)] }).storedVersions).toEqual(["v2"]);
  });

  it("says that nothing is served, so that nobody waits for it", () => {
    const { conditions = [] } = freshStatus({ versions: [version("v1", true)] });
    expect(conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      "NamesAccepted False NotServed",
      "Established False NotServed",
    ]);
    for (const { message } of conditions) expect(message).toBe("this cluster serves no custom resources yet");
  });
});

it("is shown with the time of its creation", () => {
  expect(cells(customResourceDefinitions, {})["Created At"]).toBe("2026-01-01T00:00:00Z");
});
