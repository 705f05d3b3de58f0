import { VirtualClock } from "../../base/virtual-clock.js";
import { Puller } from "./puller.js";

const clock = new VirtualClock();
const forever = new AbortController().signal;

/** Work that ends when the test says so. */
class Jobs {
  readonly begun: string[] = [];
  readonly signals = new Map<string, AbortSignal>();
  readonly #ends = new Map<string, (result: string | Error) => void>();

  work(name: string): (signal: AbortSignal) => Promise<string> {
    return (signal) => {
      this.begun.push(name);
      this.signals.set(name, signal);
      return new Promise((resolve, reject) => {
        this.#ends.set(name, (result) => (typeof result === "string" ? resolve(result) : reject(result)));
      });
    };
  }

  async end(name: string, result: string | Error = `${name} done`): Promise<void> {
    this.#ends.get(name)?.(result);
    await settled();
  }
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what several ask for at once is done once", async () => {
  const jobs = new Jobs();
  const puller = new Puller<string>(5, clock);
  const both = Promise.all([puller.pull("a", forever, jobs.work("a")), puller.pull("a", forever, jobs.work("again"))]);
  await settled();
  await jobs.end("a");
  expect(await both).toEqual(["a done", "a done"]);
  expect(jobs.begun).toEqual(["a"]);
  void puller.pull("a", forever, jobs.work("later"));
  expect(jobs.begun).toEqual(["a", "later"]);
});

test("no more than so many go on at once, in the order asked", async () => {
  const jobs = new Jobs();
  const puller = new Puller<string>(2, clock);
  const all = Promise.allSettled(["a", "b", "c", "d"].map((name) => puller.pull(name, forever, jobs.work(name))));
  expect(jobs.begun).toEqual(["a", "b"]);
  await jobs.end("b", new Error("no"));
  expect(jobs.begun).toEqual(["a", "b", "c"]);
  await jobs.end("a");
  await jobs.end("c");
  await jobs.end("d");
  expect(await all).toMatchObject([{ value: "a done" }, { reason: Error("no") }, {}, { value: "d done" }]);
});

test("who stops waiting lets go alone; when all have, the work ends, too", async () => {
  const jobs = new Jobs();
  const puller = new Puller<string>(1, clock);
  const [one, two] = [new AbortController(), new AbortController()];
  const first = puller.pull("a", one.signal, jobs.work("a"));
  const second = puller.pull("a", two.signal, jobs.work("a"));
  one.abort();
  await expect(first).rejects.toThrow("nobody waits");
  expect(jobs.signals.get("a")?.aborted).toBe(false);
  two.abort();
  await expect(second).rejects.toThrow("nobody waits");
  expect(jobs.signals.get("a")?.aborted).toBe(true);
});

test("what was given up before its turn is never begun, and holds up nobody", async () => {
  const jobs = new Jobs();
  const puller = new Puller<string>(1, clock);
  void puller.pull("a", forever, jobs.work("a"));
  const impatient = new AbortController();
  const given = puller.pull("b", impatient.signal, jobs.work("b"));
  void puller.pull("c", forever, jobs.work("c"));
  impatient.abort();
  await expect(given).rejects.toThrow();
  await jobs.end("a");
  await settled();
  expect(jobs.begun).toEqual(["a", "c"]);
});

test("what hangs gives its place up after a minute, once, and still ends as it ends", async () => {
  const jobs = new Jobs();
  const puller = new Puller<string>(1, clock);
  const hung = puller.pull("hung", forever, jobs.work("hung"));
  void puller.pull("b", forever, jobs.work("b"));
  void puller.pull("c", forever, jobs.work("c"));
  await clock.advance(59_000);
  expect(jobs.begun).toEqual(["hung"]);
  await clock.advance(2_000);
  expect(jobs.begun).toEqual(["hung", "b"]);
  await jobs.end("hung");
  expect(await hung).toBe("hung done");
  expect(jobs.begun).toEqual(["hung", "b"]);
  await jobs.end("b");
  expect(jobs.begun).toEqual(["hung", "b", "c"]);
});
