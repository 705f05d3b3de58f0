import { decodeOutcome, withoutPreamble } from "./streams.js";

describe("the end of a conversation", () => {
  it.each([
    ['{"metadata":{},"status":"Success"}', { ok: true, exitCode: undefined }],
    [
      '{"status":"Failure","message":"m","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"9"}]}}',
      { ok: false, exitCode: 9, message: "m" },
    ],
    [
      '{"status":"Failure","message":"no such program"}',
      { ok: false, exitCode: undefined, message: "no such program" },
    ],
    [
      '{"status":"Failure","reason":"InternalError","message":"Internal error occurred: no such program"}',
      { ok: false, exitCode: undefined, message: "no such program" },
    ],
    ["null", { ok: false, exitCode: undefined }],
    ["garbage", { ok: false, exitCode: undefined, message: expect.stringContaining("garbage") }],
  ])("%s", (text, expected) => {
    expect(decodeOutcome(text)).toMatchObject(expected);
  });
});

it("a failed connection tells why, not of which sandbox", () => {
  expect(withoutPreamble("error forwarding port 81 to pod 4ee4e01, uid : dial tcp4 127.0.0.1:81: refused")).toBe(
    "dial tcp4 127.0.0.1:81: refused",
  );
  expect(withoutPreamble("broken")).toBe("broken");
});
