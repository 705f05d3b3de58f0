import fc from "fast-check";
import { StatusError } from "../../apimachinery/status.js";
import { serverSubresources } from "../endpoints/subresource-catalogue.js";
import { connectionOf, isLongRunning, requestInfo } from "./request-info.js";

const infoOf = (method: string, url: string) => {
  const [path = "", query = ""] = url.split("?");
  return requestInfo(method, path, new URLSearchParams(query));
};
const asked = (method: string, url: string): string => {
  const { verb, resource } = infoOf(method, url);
  if (!resource) return verb;
  const { group, version, namespace, plural, name, subresource, tail } = resource;
  return `${verb} ${group}/${version} ${namespace}:${plural}/${name}/${subresource}/${tail}`;
};

describe("what a request asks for", () => {
  it.each([
    ["GET", "/api/v1/pods", "list /v1 :pods///"],
    ["GET", "/api/v1/pods?watch=true", "watch /v1 :pods///"],
    ["GET", "/api/v1/pods?watch=1", "watch /v1 :pods///"],
    ["GET", "/api/v1/pods?watch=0", "list /v1 :pods///"],
    ["GET", "/api/v1/pods?watch=false", "list /v1 :pods///"],
    ["GET", "/api/v1/namespaces/a/pods", "list /v1 a:pods///"],
    ["GET", "/api/v1/namespaces/a/pods/b", "get /v1 a:pods/b//"],
    ["GET", "/api/v1/namespaces/a/pods/b?watch=true", "get /v1 a:pods/b//"],
    ["GET", "/api/v1/namespaces/a/pods/b/log", "get /v1 a:pods/b/log/"],
    ["POST", "/api/v1/namespaces/a/pods/b/exec", "create /v1 a:pods/b/exec/"],
    ["GET", "/api/v1/namespaces/a/services/b/proxy/c/d", "get /v1 a:services/b/proxy/c/d"],
    ["POST", "/api/v1/namespaces", "create /v1 :namespaces///"],
    ["GET", "/api/v1/namespaces/a", "get /v1 :namespaces/a//"],
    ["PUT", "/api/v1/namespaces/a/finalize", "update /v1 :namespaces/a/finalize/"],
    ["PATCH", "/api/v1/namespaces/a/status", "patch /v1 :namespaces/a/status/"],
    ["DELETE", "/apis/apps/v1/namespaces/a/deployments", "deletecollection apps/v1 a:deployments///"],
    ["DELETE", "/apis/apps/v1/namespaces/a/deployments/b", "delete apps/v1 a:deployments/b//"],
    [
      "GET",
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
      "get rbac.authorization.k8s.io/v1 :clusterroles/system:node//",
    ],
    [
      "GET",
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode/",
      "get rbac.authorization.k8s.io/v1 :clusterroles/system:node//",
    ],
    ["GET", "/api/v1/watch/pods", "watch /v1 :pods///"],
    ["GET", "/api/v1/watch/namespaces", "watch /v1 :namespaces///"],
    ["GET", "/api/v1/watch/namespaces/a", "watch /v1 :namespaces/a//"],
    ["GET", "/api/v1/watch/namespaces/a/pods", "watch /v1 a:pods///"],
    ["GET", "/apis/apps/v1/watch/namespaces/a/deployments/b", "watch apps/v1 a:deployments/b//"],
    ["POST", "/api/v1/watch/namespaces/a/pods", "watch /v1 a:pods///"],
    ["DELETE", "/api/v1/watch/namespaces/a/pods/b", "watch /v1 a:pods/b//"],
    ["GET", "/api/v1/watch/namespaces/a/pods/b/exec", "get"],
    ["POST", "/api/v1/watch/namespaces/a/pods/b/eviction", "post"],
    ["GET", "/api/v1/watch", "list /v1 :watch///"],
    ["HEAD", "/api/v1/pods", "list /v1 :pods///"],
    ["OPTIONS", "/api/v1/pods", "options /v1 :pods///"],
    ["GET", "/api", "get"],
    ["GET", "/api/v1", "get"],
    ["GET", "/api/v1/", "get"],
    ["GET", "/apis/apps", "get"],
    ["GET", "/apis/apps/v1", "get"],
    ["POST", "/version", "post"],
    ["GET", "/", "get"],
    ["GET", "/api/v1/namespaces/a/__proto__/constructor", "get /v1 a:__proto__/constructor//"],
  ])("%s %s is %s", (method, url, expected) => {
    expect(asked(method, url)).toBe(expected);
  });

  it.each([
    "/api/v1/namespaces/../pods",
    "/api/v1/namespaces/%2e%2e/pods",
    "/api/v1/namespaces/.%2E/pods",
    "/../api/v1/pods",
    "/api/..",
    "/api/v1//pods",
    "//api/v1/pods",
    "/api/v1/pods//",
    "/api/v1/namespaces/a%2Fb/pods",
    "/api/v1/namespaces/a%5cb/pods",
    "/api/v1/namespaces/a%00/pods",
    "/api/v1/namespaces/%/pods",
    "/api/v1/namespaces/%ff/pods",
    "/api/v1/./pods",
    "",
    "api/v1/pods",
    `/${"a/".repeat(100)}a`,
  ])("refuses the path %s", (path) => {
    expect(() => infoOf("GET", path)).toThrow(StatusError);
  });

  it("answers any path at all with an info free of path tricks, or BadRequest", () => {
    const piece = fc.oneof(
      fc.constantFrom("..", ".", "%2e%2e", "%2F", "%00", "", "api", "apis", "v1", "namespaces", "pods"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          const { resource } = requestInfo("GET", `/${pieces.join("/")}`, new URLSearchParams());
          for (const part of [resource?.namespace, resource?.name, resource?.plural, resource?.subresource]) {
            expect(part ?? "").not.toMatch(/[/\\\0]/);
            expect([".", ".."]).not.toContain(part);
          }
        } catch (error) {
          expect(error).toMatchObject({ reason: "BadRequest", code: 400 });
        }
      }),
    );
  });

  it("knows which requests may last", () => {
    expect(isLongRunning(infoOf("GET", "/api/v1/pods?watch=true"))).toBe(true);
    expect(isLongRunning(infoOf("GET", "/api/v1/namespaces/a/pods/b/log"))).toBe(true);
    expect(isLongRunning(infoOf("GET", "/api/v1/namespaces/a/pods/b/status"))).toBe(false);
    expect(isLongRunning(infoOf("GET", "/version"))).toBe(false);
  });

  it.each([
    "/api/v1/namespaces/a/configmaps/b/log",
    "/api/v1/namespaces/a/services/b/exec",
    "/apis/apps/v1/namespaces/a/pods/b/exec",
    "/api/v1/namespaces/a/pods/b/log2",
  ])("gives no endless time by a name alone: %s", (path) => {
    expect(isLongRunning(infoOf("GET", path))).toBe(false);
  });

  it("knows each subresource that leads out of this server, and which of them into pods", () => {
    const leading = serverSubresources({} as never)
      .filter(({ name }) => name !== "token")
      .map(({ resource, name }) => ({ resource, name }));
    const known = leading.map(({ resource, name }) => {
      const connection = connectionOf({
        ...{ group: "", version: "v1", plural: resource, subresource: name, namespace: "", name: "x", tail: "" },
      });
      return `${resource}/${name} ${connection?.intoPod}`;
    });
    expect(known.sort()).toEqual([
      ...["nodes/proxy true", "pods/attach true", "pods/exec true", "pods/log false", "pods/portforward true"],
      ...["pods/proxy false", "services/proxy false"],
    ]);
  });
});
