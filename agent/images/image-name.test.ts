import { assert, constantFrom, option, property, record, string, stringMatching } from "fast-check";
import { fullName, parseImageName, withDefaultTag } from "./image-name.js";

const hex = "0123456789abcdef".repeat(4);
const read = (text: string): string => {
  const parsed = parseImageName(text);
  return parsed.ok ? fullName(parsed.name) : `! ${parsed.problem}`;
};

test.each([
  ["busybox", "docker.io/library/busybox"],
  ["team/app:v1", "docker.io/team/app:v1"],
  ["index.docker.io/busybox", "docker.io/library/busybox"],
  ["docker.io/busybox:1", "docker.io/library/busybox:1"],
  ["localhost/app", "localhost/app"],
  ["localhost:5000/app:5000", "localhost:5000/app:5000"],
  ["127.0.0.1:5000/a/b__c.d-e--f:Tag_1.2", "127.0.0.1:5000/a/b__c.d-e--f:Tag_1.2"],
  ["[::1]:5000/app", "[::1]:5000/app"],
  ["Registry/app", "Registry/app"],
  [`busybox@sha256:${hex}`, `docker.io/library/busybox@sha256:${hex}`],
  [`r.example/a:v1@sha256:${hex}`, `r.example/a:v1@sha256:${hex}`],
])("%s is %s", (text, full) => {
  expect(read(text)).toBe(full);
});

test.each([
  ["", "invalid reference format"],
  ["nginx:", "invalid reference format"],
  ["nginx:a b", "invalid reference format"],
  [" nginx", "invalid reference format"],
  ["a//b", "invalid reference format"],
  ["a/../b", "invalid reference format"],
  ["-a/b", "invalid reference format"],
  ["registry.example:port/b", "invalid reference format"],
  ["https://registry.example/b", "invalid reference format"],
  [`a:${"t".repeat(129)}`, "invalid reference format"],
  ["a@sha256:abc", "invalid reference format"],
  [`a@sha256:${hex.slice(1)}`, "invalid checksum digest length"],
  [`a@sha256:${hex.toUpperCase()}`, "invalid checksum digest format"],
  [`a@md5:${hex.slice(32)}`, "unsupported digest algorithm"],
  ["My-App", "invalid reference format: repository name (library/My-App) must be lowercase"],
  ["r.example/Foo:1", "invalid reference format: repository name (Foo) must be lowercase"],
  ["a".repeat(300), "repository name must not be more than 255 characters"],
  ["a".repeat(100_000), "repository name must not be more than 255 characters"],
  [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
])("%s is refused", (text, problem) => {
  expect(read(text)).toBe(`! ${problem}`);
});

test.each([
  ["busybox", "busybox:latest"],
  ["busybox:1", "busybox:1"],
  ["r.example:5000/a", "r.example:5000/a:latest"],
  [`a@sha256:${hex}`, `a@sha256:${hex}`],
])("%s is pulled as %s", (text, wanted) => {
  const parsed = parseImageName(text);
  expect(parsed.ok && withDefaultTag(text, parsed.name)).toBe(wanted);
});

test("a full name reads as itself", () => {
  assert(
    property(
      record({
        domain: constantFrom("r.example", "127.0.0.1:80", "localhost", "a-b.c:1"),
        path: stringMatching(/^[a-z0-9]{1,9}([._-][a-z0-9]{1,9}){0,3}(\/[a-z0-9]{1,9}){0,3}$/),
        tag: option(stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined }),
        digest: constantFrom(undefined, `sha256:${hex}`),
      }),
      (name) => {
        expect(parseImageName(fullName(name))).toEqual({ ok: true, name });
      },
    ),
  );
});

test("whatever is read, reads the same in full", () => {
  assert(
    property(string({ maxLength: 40 }), (text) => {
      const parsed = parseImageName(text);
      if (parsed.ok) expect(parseImageName(fullName(parsed.name))).toEqual(parsed);
    }),
  );
});
