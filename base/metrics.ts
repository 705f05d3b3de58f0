/**
 * Numbers about the process, in Prometheus' text form. Counting is a map update here; prom-client, which knows the form
 * and the usual process metrics, is loaded by the first one who asks for the text.
 */
export interface Metrics {
  counter(name: string, help: string, labels: readonly string[]): Counter;
  gauge(name: string, help: string, labels: readonly string[]): Gauge;
  /** `buckets` are upper bounds in rising order. */
  histogram(name: string, help: string, labels: readonly string[], buckets: readonly number[]): Histogram;
  /** A gauge that is read when the text is asked for: values with their labels. */
  derived(name: string, help: string, labels: readonly string[], read: () => Iterable<DerivedSample>): void;
  /** The text and its content type. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
}
/** Label values come in the order of the labels. */
export interface Counter {
  add(amount: number, ...values: readonly string[]): void;
}
export type DerivedSample = readonly [value: number, ...labels: readonly string[]];
export interface Gauge extends Counter {
  set(value: number, ...values: readonly string[]): void;
}
export interface Histogram {
  observe(value: number, ...values: readonly string[]): void;
}

export function createMetrics(): Metrics {
  const families: Family[] = [];
  // Whoever defines a family again (a scheduler that leads for the second time) goes on counting in it.
  const define = <F extends Single | Buckets>(family: F): F => {
    const known = families.find(({ name }) => name === family.name);
    if (known) return known as F;
    families.push(family);
    return family;
  };
  let registered: Promise<{ contentType: string; metrics(): Promise<string> }> | undefined;
  let registeredCount = 0;
  const register = async () => {
    // A CommonJS package: its names are on `default` alone when it is part of a bundle.
    const { collectDefaultMetrics, Registry } = (await import("prom-client")).default;
    const registry = new Registry();
    const { user, system } = process.cpuUsage();
    collectDefaultMetrics({ register: registry });
    // It counts from here on; the time before belongs to the process, too.
    const used = { user, system, "": user + system };
    for (const [kind, micros] of Object.entries(used)) {
      const metric = registry.getSingleMetric(`process_cpu_${kind === "" ? "" : `${kind}_`}seconds_total`);
      if (metric && "inc" in metric) metric.inc(micros / 1e6);
    }
    return registry;
  };
  return {
    counter: (name, help, labels) => define(new Single(name, help, "counter", labels)),
    gauge: (name, help, labels) => define(new Single(name, help, "gauge", labels)),
    histogram: (name, help, labels, buckets) => define(new Buckets(name, help, labels, buckets)),
    derived: (name, help, labels, read) => void families.push(new Derived(name, help, labels, read)),
    async expose() {
      registered ??= register();
      const registry = await registered;
      for (; registeredCount < families.length; registeredCount++)
        Reflect.apply(Reflect.get(registry, "registerMetric"), registry, [families[registeredCount]]);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

type Labels = Record<string, string | number>;
interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}
/** What prom-client's registry asks of a metric. */
interface Family {
  readonly name: string;
  get(): Promise<unknown>;
}

/** Series beyond this many are dropped: a label value that a client chooses must not fill the memory. */
const seriesMax = 5_000;
const separator = "\u0000";
/** The text of all series is one string, which has an end of its own. */
const valueMaxCharacters = 128;

function keyOf(values: readonly string[]): string {
  const key = values.join(separator);
  if (key.length <= valueMaxCharacters) return key;
  return values.map((value) => value.slice(0, valueMaxCharacters)).join(separator);
}

class Single implements Gauge, Family {
  readonly name: string;
  readonly #help: string;
  readonly #type: "counter" | "gauge";
  readonly #labels: readonly string[];
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string, type: "counter" | "gauge", labels: readonly string[]) {
    this.name = name;
    this.#help = help;
    this.#type = type;
    this.#labels = labels;
  }

  add(amount: number, ...values: readonly string[]): void {
    const key = keyOf(values);
    this.#put(key, (this.#values.get(key) ?? 0) + amount);
  }

  set(value: number, ...values: readonly string[]): void {
    this.#put(keyOf(values), value);
  }

  #put(key: string, value: number): void {
    if (this.#values.size < seriesMax || this.#values.has(key)) this.#values.set(key, value);
  }

  async get(): Promise<unknown> {
    const values: Sample[] = [...this.#values].map(([key, value]) => ({ labels: labelled(this.#labels, key), value }));
    return { name: this.name, help: this.#help, type: this.#type, values, aggregator: "sum" };
  }
}

class Derived implements Family {
  readonly name: string;
  readonly #help: string;
  readonly #labels: readonly string[];
  readonly #read: () => Iterable<DerivedSample>;

  constructor(name: string, help: string, labels: readonly string[], read: () => Iterable<DerivedSample>) {
    this.name = name;
    this.#help = help;
    this.#labels = labels;
    this.#read = read;
  }

  async get(): Promise<unknown> {
    const values: Sample[] = [];
    for (const [value, ...labels] of this.#read())
      values.push({ labels: labelled(this.#labels, keyOf(labels)), value });
    return { name: this.name, help: this.#help, type: "gauge", values, aggregator: "sum" };
  }
}

class Buckets implements Histogram, Family {
  readonly name: string;
  readonly #help: string;
  readonly #labels: readonly string[];
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, { readonly counts: number[]; sum: number; total: number }>();

  constructor(name: string, help: string, labels: readonly string[], bounds: readonly number[]) {
    this.name = name;
    this.#help = help;
    this.#labels = labels;
    this.#bounds = bounds;
  }

  observe(value: number, ...values: readonly string[]): void {
    const key = keyOf(values);
    let series = this.#series.get(key);
    if (!series) {
      if (this.#series.size >= seriesMax) return;
      series = { counts: this.#bounds.map(() => 0), sum: 0, total: 0 };
      this.#series.set(key, series);
    }
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
    series.total++;
  }

  async get(): Promise<unknown> {
    const values: Sample[] = [];
    for (const [key, { counts, sum, total }] of this.#series) {
      const labels = labelled(this.#labels, key);
      let below = 0;
      for (const [index, bound] of this.#bounds.entries()) {
        below += counts[index] ?? 0;
        values.push({ labels: { ...labels, le: bound }, value: below, metricName: `${this.name}_bucket` });
      }
      values.push({ labels: { ...labels, le: "+Inf" }, value: total, metricName: `${this.name}_bucket` });
      values.push({ labels, value: sum, metricName: `${this.name}_sum` });
      values.push({ labels, value: total, metricName: `${this.name}_count` });
    }
    return { name: this.name, help: this.#help, type: "histogram", values, aggregator: "sum" };
  }
}

function labelled(labels: readonly string[], key: string): Labels {
  const values = key.split(separator);
  return Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ""]));
}
