import type { User } from "../request.js";
import { createPlaces } from "./long-running.js";

const user = (name: string, groups: readonly string[] = []): User => ({ name, uid: "", groups, extra: {} });

describe("long requests", () => {
  it("of one user are bounded, whatever others have open", () => {
    const take = createPlaces(2);
    take(user("alice"));
    take(user("alice"));
    expect(() => take(user("alice"))).toThrow(/too many watches.*"alice"/);
    expect(() => take(user("alice"))).toThrow(expect.objectContaining({ code: 429 }));
    take(user("bob"));
  });

  it("make room once each when they end", () => {
    const take = createPlaces(2);
    const leave = take(user("alice"));
    take(user("alice"));
    leave();
    leave();
    take(user("alice"));
    expect(() => take(user("alice"))).toThrow("too many");
  });

  it.each([
    user("kubernetes-admin", ["system:masters"]),
    user("system:kube-scheduler"),
    user("system:kube-controller-manager"),
    user("system:node:n1", ["system:nodes"]),
    user("system:serviceaccount:kube-system:coredns", ["system:serviceaccounts:kube-system"]),
  ])("of the cluster's own $name are not counted", (component) => {
    const take = createPlaces(0);
    take(component);
  });

  it.each(["system:serviceaccount:default:operator", "system:anonymous"])("of %s are", (name) => {
    expect(() => createPlaces(0)(user(name))).toThrow("too many");
  });
});
