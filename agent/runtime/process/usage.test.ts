import { type ProcessUsage, processesOf, usageOf } from "./usage.js";

const line =
  "42 (a) b (c) S 7 42 42 0 -1 4194560 100 200 3 4 50 6 700 80 20 0 1 0 12345 1000000 250 18446744073709551615 1 1";

const process = (pid: number, parent: number, startTicks = String(pid)): ProcessUsage => ({
  pid,
  parent,
  startTicks,
  cpuTicks: 1,
  pageFaults: 0,
  majorPageFaults: 0,
  rssPages: 1,
});

const container = (id: string, pid: number, startTicks = String(pid)) => ({
  id,
  root: { pid, startTicks },
  mark: `ID=${id}`,
});

describe("a line of /proc/PID/stat", () => {
  it("tells CPU time with that of children waited for, faults and pages, whatever the program is called", () => {
    expect(usageOf(line)).toEqual({
      pid: 42,
      parent: 7,
      startTicks: "12345",
      cpuTicks: 50 + 6 + 700 + 80,
      pageFaults: 300,
      majorPageFaults: 7,
      rssPages: 250,
    });
  });

  it("that is none says nothing", () => {
    expect(usageOf("")).toBeUndefined();
  });
});

describe("the processes of a container", () => {
  const pids = (found: ReturnType<typeof processesOf>, id: string) => found.get(id)?.map(({ pid }) => pid);

  it("are all below its root and no others", () => {
    const all = [process(10, 1), process(11, 10), process(12, 11), process(20, 1), process(21, 20)];
    const found = processesOf([container("a", 10), container("b", 20)], all, () => []);
    expect(pids(found, "a")).toEqual([10, 11, 12]);
    expect(pids(found, "b")).toEqual([20, 21]);
  });

  it("are none when another process has the root's pid by now", () => {
    expect(
      pids(
        processesOf([container("a", 10, "9")], [process(10, 1)], () => []),
        "a",
      ),
    ).toEqual([]);
  });

  it("are also orphans that carry its mark, and what is below those", () => {
    const all = [process(10, 1), process(30, 1), process(31, 30), process(40, 1)];
    const found = processesOf([container("a", 10)], all, (pid) => (pid === 30 ? ["X=1", "ID=a"] : ["ID=other"]));
    expect(pids(found, "a")).toEqual([10, 30, 31]);
  });
});
