import { subresourcesOf, verbOf } from "./access.js";

describe("what a path at a node takes", () => {
  it.each<[string, string, string, readonly string[]]>([
    ["GET", "pods", "get", ["pods", "proxy"]],
    ["GET", "runningpods/", "get", ["pods", "proxy"]],
    ["GET", "stats/summary", "get", ["stats"]],
    ["GET", "metrics/resource", "get", ["metrics"]],
    ["GET", "logs/syslog", "get", ["log"]],
    ["GET", "containerLogs/a/b/c", "get", ["proxy"]],
    ["GET", "exec/a/b/c", "create", ["proxy"]],
    ["POST", "exec/a/b/c", "create", ["proxy"]],
    ["GET", "attach/a/b/c", "create", ["proxy"]],
    ["GET", "portForward/a/b", "create", ["proxy"]],
    ["GET", "run/a/b/c", "create", ["proxy"]],
    ["DELETE", "anything", "delete", ["proxy"]],
    ["GET", "", "get", ["proxy"]],
    ["GET", "__proto__", "get", ["proxy"]],
    ["GET", "constructor", "get", ["proxy"]],
  ])("%s /%s: %s %s", (method, path, verb, subresources) => {
    const segments = path.split("/");
    expect(verbOf(method, segments)).toBe(verb);
    expect(subresourcesOf(segments)).toEqual(subresources);
  });
});
