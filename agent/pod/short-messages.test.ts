import fc from "fast-check";
import type { ContainerStatus } from "../../api/core/pod/container-status.js";
import { withShortMessages } from "./short-messages.js";

const status = (message: string): ContainerStatus => ({
  ...{ name: "c", ready: false, restartCount: 1, image: "", imageID: "" },
  state: { terminated: { exitCode: 1, message } },
  lastState: { terminated: { exitCode: 2, message } },
});
const messages = (message: string, containers: number): readonly (string | undefined)[] => {
  const { state, lastState } = withShortMessages(containers)(status(message));
  return [state?.terminated?.message, lastState?.terminated?.message];
};

describe("last words of containers", () => {
  it("stay as they are while those of all find room", () => {
    const word = "x".repeat(4096);
    for (const containers of [1, 2, 3]) expect(messages(word, containers)).toEqual([word, word]);
    expect(withShortMessages(9)(status(""))).toEqual(status(""));
  });

  it("are cut to the part of each where there are many", () => {
    expect(messages("x".repeat(4096), 12)).toEqual(["x".repeat(1024), "x".repeat(1024)]);
    expect(messages("é".repeat(2048), 5)).toEqual(["é".repeat(1228), "é".repeat(1228)]);
  });

  it("never exceed it together, and begin as they were", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 3000 }),
        fc.integer({ min: 1, max: 60 }),
        (word, containers) => {
          const [told = ""] = messages(word, containers);
          expect(Buffer.byteLength(told) * containers).toBeLessThanOrEqual(12 * 1024);
          expect(Buffer.from(word).toString().startsWith(told)).toBe(true);
        },
      ),
    );
  });
});
