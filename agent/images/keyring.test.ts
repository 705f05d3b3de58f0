import { assert, property, string, stringMatching } from "fast-check";
import type { Secret } from "../../api/core/secret.js";
import { parseImageName } from "./image-name.js";
import { BadPullSecret, keyringOf } from "./keyring.js";

const secret = (type: string, key: string, content: unknown, name = "pull"): Secret => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "1", creationTimestamp: "" },
  type,
  data: { [key]: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)).toString("base64") },
});
const config = (auths: unknown, name?: string): Secret =>
  secret("kubernetes.io/dockerconfigjson", ".dockerconfigjson", { auths }, name);
const login = (username: string, password = "secret"): object => ({ username, password });

const usersFor = (image: string, ...secrets: readonly Secret[]): readonly string[] => {
  const parsed = parseImageName(image);
  if (!parsed.ok) throw new Error(parsed.problem);
  return keyringOf(secrets)
    .lookup(parsed.name)
    .map(({ auth }) => auth.username);
};

test.each([
  ["r.example", "r.example/app", true],
  ["https://r.example/v1/", "r.example/app", true],
  ["http://r.example/v2/team", "r.example/team/app", true],
  ["r.example:5000", "r.example:5000/app", true],
  ["r.example", "r.example:5000/app", false],
  ["r.example:5000", "r.example/app", false],
  ["r.example/team", "r.example/team/app", true],
  ["r.example/team", "r.example/other/app", false],
  ["*.example.org", "r.example.org/app", true],
  ["*.example.org", "example.org/app", false],
  ["*.example.org", "a.b.example.org/app", false],
  ["*.*.example.org", "a.b.example.org/app", true],
  ["*-good.example.org", "very-good.example.org/app", true],
  ["*-good.example.org", "bad.example.org/app", false],
  ["r*e.ex*.org:80", "registry-here.example.org:80/app", true],
  ["*", "r.example/app", false],
  ["index.docker.io", "busybox", true],
  ["https://index.docker.io/v1/", "team/app", true],
  ["docker.io", "busybox", true],
  ["https://index.docker.io/v1/", "r.example/app", false],
  ["", "r.example/app", false],
  ["user@r.example", "r.example/app", false],
])("a key %p for %s: %p", (key, image, matches) => {
  expect(usersFor(image, config({ [key]: login("u") }))).toEqual(matches ? ["u"] : []);
});

test("the key with more to it is tried first, and all that match are tried", () => {
  const keys = config({
    "r.example": login("all"),
    "r.example/team/app": login("app"),
    "r.example/team": login("team"),
  });
  expect(usersFor("r.example/team/app:1", keys)).toEqual(["app", "team", "all"]);
});

test("secrets are asked in their order, and the same login of one secret once", () => {
  const one = config({ "r.example": login("one"), "https://r.example/": login("one") }, "one");
  const two = config({ "r.example": login("two") }, "two");
  expect(usersFor("r.example/app", two, one)).toEqual(["two", "one"]);
});

test("dockercfg has no auths around it; auth stands for both fields", () => {
  const auth = Buffer.from("me:pass:word").toString("base64");
  const parsed = parseImageName("r.example/app");
  const legacy = secret("kubernetes.io/dockercfg", ".dockercfg", { "r.example": { auth, username: "x" } });
  expect(parsed.ok && keyringOf([legacy]).lookup(parsed.name)[0]?.auth).toEqual({
    username: "me",
    password: "pass:word",
  });
});

test("secrets of other types say nothing", () => {
  expect(
    usersFor("r.example/app", secret("Opaque", ".dockerconfigjson", { auths: { "r.example": login("u") } })),
  ).toEqual([]);
});

test.each([
  ["no JSON", "hush-hush {", "not a JSON object"],
  ["a list", [], "not a JSON object"],
  ["no entry", { auths: { "r.example": "hush-hush" } }, "an entry is not a JSON object"],
  ["no colon", { auths: { "r.example": { auth: "aHVzaC1odXNo" } } }, "must be formatted as base64(username:password)"],
  ["no base64", { auths: { "r.example": { auth: "hush-hush!" } } }, "not base64"],
])("%s: refused without a word of what it holds", (_, content, problem) => {
  const bad = secret("kubernetes.io/dockerconfigjson", ".dockerconfigjson", content);
  expect(() => keyringOf([bad])).toThrow(BadPullSecret);
  expect(() => keyringOf([bad])).toThrow(problem);
  expect(() => keyringOf([bad])).not.toThrow(/hush|aHVza/);
});

test("not every one of thousands of keys costs the registry a request", () => {
  const auths = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, index) => [`r.example/${"a".repeat(index % 50)}`, login(`u${index}`)]),
  );
  expect(usersFor(`r.example/${"a".repeat(60)}`, config(auths)).length).toBeLessThanOrEqual(16);
});

test("stars that would lead astray are answered at once", () => {
  const key = `${"*a".repeat(2_000)}.example`;
  const startedMs = performance.now();
  expect(usersFor(`${"a".repeat(200)}b.example/app`, config({ [key]: login("u") }))).toEqual([]);
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});

test("a star stands for any part of a label", () => {
  assert(
    property(
      stringMatching(/^[a-z0-9]{1,8}$/),
      stringMatching(/^[a-z0-9]{1,8}$/),
      stringMatching(/^[a-z0-9]{0,8}$/),
      (a, b, c) => {
        expect(usersFor(`${a}${c}${b}.example/app`, config({ [`${a}*${b}.example`]: login("u") }))).toEqual(["u"]);
      },
    ),
  );
});

test("whatever a secret holds, it is read or refused", () => {
  assert(
    property(string(), string(), (key, value) => {
      expect(() => usersFor("r.example/app", config({ [key]: { auth: value } }))).not.toThrow(TypeError);
    }),
  );
});
