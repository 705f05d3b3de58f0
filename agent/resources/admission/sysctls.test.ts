import type { PodSpec } from "../../../api/core/pod/spec.js";
import { pod } from "../../pod/pod.test-kit.js";
import { forbiddenSysctl, sharedSysctls } from "./sysctls.js";

const asking = (names: readonly string[], spec: Partial<PodSpec> = {}) =>
  pod({ securityContext: { sysctls: names.map((name) => ({ name, value: "1" })) }, ...spec });
const refusal = (names: readonly string[], allowed: readonly string[] = [], spec: Partial<PodSpec> = {}) =>
  forbiddenSysctl(asking(names, spec), allowed)?.message;

test("settings that harm nobody are let in, with either separator", () => {
  expect(refusal(["kernel.shm_rmid_forced", "net.ipv4.tcp_syncookies", "net/ipv4/tcp_rmem"])).toBeUndefined();
  expect(forbiddenSysctl(pod(), [])).toBeUndefined();
});

test("others are not", () => {
  expect(forbiddenSysctl(asking(["net.ipv4.tcp_syncookies", "kernel.msgmax"]), [])).toEqual({
    reason: "SysctlForbidden",
    message: 'forbidden sysctl: "kernel.msgmax" not allowlisted',
  });
});

test("unless the node lets them in, by name or by pattern", () => {
  expect(refusal(["kernel.msgmax", "net.core.somaxconn"], ["kernel.msg*", "net.core.somaxconn"])).toBeUndefined();
  expect(refusal(["net.core.somaxconn2"], ["net.core.somaxconn"])).toMatch(/not allowlisted/);
});

test("nothing of the whole node, whatever is let in", () => {
  expect(refusal(["kernel.panic"], ["*", "kernel.panic"])).toMatch(/"kernel.panic" not allowlisted/);
  expect(sharedSysctls(["kernel.msg*", "net.*", "kernel.*", "*", "vm.swappiness"])).toEqual([
    ...["kernel.*", "*", "vm.swappiness"],
  ]);
});

test("nothing of a namespace that the pod shares with the host", () => {
  expect(refusal(["net.ipv4.tcp_syncookies"], [], { hostNetwork: true })).toBe(
    'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
  );
  expect(refusal(["kernel.shm_rmid_forced"], [], { hostIPC: true })).toMatch(/not allowed with host ipc enabled/);
});
