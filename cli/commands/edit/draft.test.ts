import fc from "fast-check";
import { headingOf, readDraft, withoutHeading } from "./draft.js";

describe("what an editor left", () => {
  it.each([
    ["", { type: "empty" }],
    ["# a comment\n\n", { type: "empty" }],
    ["kind: A\napiVersion: v1\n", { type: "object", object: { kind: "A", apiVersion: "v1" } }],
    ["apiVersion: v1\n", { type: "broken", why: "kind not set" }],
    ["a: b\n", { type: "broken", why: "[apiVersion not set, kind not set]" }],
    ["apiVersion: 1\nkind: A\n", { type: "broken", why: "apiVersion isn't string type" }],
    ["hello\n", { type: "broken", why: "invalid object to validate" }],
    ["- a\n", { type: "broken", why: "invalid object to validate" }],
    ["a: 1\n---\nb: 2\n", { type: "broken", why: "there is more than one document" }],
    ["a: b\n c: d\n", { type: "broken", why: expect.stringMatching(/^yaml: line 2: /) }],
  ])("%j", (text, draft) => {
    expect(readDraft(text)).toEqual(draft);
  });
  it("comes back under a heading that is all comments, and off again without a trace", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "#", " ", "\n", "\r", ":") });
    fc.assert(
      fc.property(line, fc.array(line), (text, reasons) => {
        const heading = headingOf('configmaps "one"', reasons);
        expect(heading.split("\n").every((one) => one === "" || one.startsWith("#"))).toBe(true);
        expect(readDraft(heading)).toEqual({ type: "empty" });
        expect(withoutHeading(heading + withoutHeading(text))).toBe(withoutHeading(text));
      }),
    );
    expect(headingOf('configmaps "one"', ["a: bad\nworse"])).toContain(
      '# configmaps "one" was not valid:\n# * a: bad\n# worse\n#\n',
    );
  });
});
