import { type Service, type ServicePort, type ServiceSpec, services } from "../../../api/core/service.js";
import type { FieldError } from "../../../apimachinery/schema/schema.js";
import { invalid, StatusError } from "../../../apimachinery/status.js";
import { formatIpv4, parseIpv4 } from "../../../base/ipv4.js";
import type { StorageAndCache } from "../core.js";
import type { Reservation, ReserveRequest, Strategy } from "../strategy.js";
import { addressClaims, type ClaimOwner, claim, freeClaim, portClaims } from "./claims.js";
import { isHeadless, needsClusterIP, needsHealthCheckPort, needsNodePorts, settleFields } from "./fields.js";
import { type Ipv4Range, inRange, parseIpv4Range } from "./ipv4-range.js";

export interface ServiceRanges {
  readonly serviceCidr: string;
  readonly nodePortRange: PortRange;
}
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Services get cluster addresses and node ports when they are stored, keep them over updates and give them back. */
export function serviceStrategy({ serviceCidr, nodePortRange }: ServiceRanges): Strategy<Service> {
  const addresses = parseIpv4Range(serviceCidr);
  return {
    prepare: (service, old) => ({
      ...service,
      spec: settleFields(service, old),
      status: { ...service.status, loadBalancer: service.status?.loadBalancer ?? {} },
    }),
    reserve: (write) => reserve(write, addresses, nodePortRange),
    async release({ spec, metadata: { uid } }, core) {
      for (const key of claimKeys(spec)) await freeClaim(core, key, uid);
    },
    answersDeleted: true,
  };
}

/** Keys of the records behind what a service has been given. */
export function claimKeys(spec: ServiceSpec): readonly string[] {
  const hasAddress = needsClusterIP(spec) && !isHeadless(spec) && spec.clusterIP;
  const ports = new Set([...(spec.ports ?? []).map(({ nodePort }) => nodePort), spec.healthCheckNodePort]);
  return [
    ...(hasAddress ? [addressClaims + spec.clusterIP] : []),
    ...[...ports].filter((port) => port !== undefined && port !== 0).map((port) => `${portClaims}${port}`),
  ];
}

async function reserve(
  { object, old, dryRun, core }: ReserveRequest<Service>,
  addresses: Ipv4Range,
  ports: PortRange,
): Promise<Reservation<Service>> {
  const { name, namespace = "", uid } = object.metadata;
  const errors = fieldErrors(object.spec, old?.spec);
  if (errors.length > 0) throw invalid(services, name, errors);
  const held = new Set(old ? claimKeys(old.spec) : []);
  const taking = new Taking(core, { namespace, name, uid }, held, dryRun);
  try {
    const addressed = await takeAddress(object, addresses, taking);
    const spec = await takePorts(name, addressed, ports, taking);
    const kept = new Set(claimKeys(spec));
    return {
      object: { ...object, spec },
      async settle(stored) {
        if (!stored) return taking.giveBack();
        for (const key of held) if (!kept.has(key)) await freeClaim(core, key, uid);
      },
    };
  } catch (error) {
    await taking.giveBack();
    throw error;
  }
}

/** What one write takes. A dry run looks whether it could and takes nothing. */
class Taking {
  readonly core: StorageAndCache;
  readonly #owner: ClaimOwner;
  readonly #held: ReadonlySet<string>;
  readonly #dryRun: boolean;
  readonly #taken = new Set<string>();

  constructor(core: StorageAndCache, owner: ClaimOwner, held: ReadonlySet<string>, dryRun: boolean) {
    this.core = core;
    this.#owner = owner;
    this.#held = held;
    this.#dryRun = dryRun;
  }

  /** False when another service has it. */
  async take(key: string): Promise<boolean> {
    if (this.#held.has(key) || this.#taken.has(key)) return true;
    const free = this.#dryRun
      ? (await this.core.storage.get(key)) === undefined
      : await claim(this.core, key, this.#owner);
    if (free) this.#taken.add(key);
    return free;
  }

  has(key: string): boolean {
    return this.#held.has(key) || this.#taken.has(key);
  }

  async giveBack(): Promise<void> {
    if (this.#dryRun) return;
    for (const key of this.#taken) await freeClaim(this.core, key, this.#owner.uid);
  }
}

async function takeAddress({ spec, metadata }: Service, range: Ipv4Range, taking: Taking): Promise<ServiceSpec> {
  if (!needsClusterIP(spec) || isHeadless(spec)) return spec;
  const { clusterIP } = spec;
  if (clusterIP) {
    if (taking.has(addressClaims + clusterIP)) return spec;
    const address = parseIpv4(clusterIP);
    if (address === undefined || !inRange(range, address)) {
      const why = `the provided IP (${clusterIP}) is not in the valid range. The range of valid IPs is ${range.cidr}`;
      throw addressError(metadata.name, spec, `failed to allocate IP ${clusterIP}: ${why}`);
    }
    if (!(await taking.take(addressClaims + clusterIP)))
      throw addressError(metadata.name, spec, `failed to allocate IP ${clusterIP}: provided IP is already allocated`);
    return spec;
  }
  const picked = await pick(
    taking,
    range.first,
    range.last,
    range.reservedBelow,
    (at) => addressClaims + formatIpv4(at),
  );
  if (picked === undefined) throw rangeFull("failed to allocate a serviceIP: range is full");
  const chosen = formatIpv4(picked);
  return { ...spec, clusterIP: chosen, clusterIPs: [chosen] };
}

async function takePorts(name: string, spec: ServiceSpec, range: PortRange, taking: Taking): Promise<ServiceSpec> {
  const given = new Map<number, number>();
  const ports: ServicePort[] = [];
  // Numbers that were asked for come first, so that no random choice is in their way.
  for (const [index, port] of (spec.ports ?? []).entries())
    if (port.nodePort) await takePort(name, `spec.ports[${index}].nodePort`, port.nodePort, range, taking);
  for (const port of spec.ports ?? []) {
    if (port.nodePort || !needsNodePorts(spec)) {
      ports.push(port);
      continue;
    }
    // TCP and UDP of one port share a number.
    const nodePort = given.get(port.port) ?? (await pickPort(range, taking));
    given.set(port.port, nodePort);
    ports.push({ ...port, nodePort });
  }
  const next = spec.ports ? { ...spec, ports } : spec;
  if (!needsHealthCheckPort(spec)) return next;
  const { healthCheckNodePort } = spec;
  if (!healthCheckNodePort) return { ...next, healthCheckNodePort: await pickPort(range, taking) };
  await takePort(name, "spec.healthCheckNodePort", healthCheckNodePort, range, taking);
  return next;
}

async function takePort(name: string, path: string, port: number, range: PortRange, taking: Taking): Promise<void> {
  const refuse = (message: string): Error =>
    invalid(services, name, [{ path, reason: "Invalid", value: port, message }]);
  if (taking.has(`${portClaims}${port}`)) return;
  if (port < range.first || port > range.last)
    throw refuse(`provided port is not in the valid range. The range of valid ports is ${range.first}-${range.last}`);
  if (!(await taking.take(`${portClaims}${port}`))) throw refuse("provided port is already allocated");
}

async function pickPort({ first, last }: PortRange, taking: Taking): Promise<number> {
  const port = await pick(taking, first, last, first, (at) => `${portClaims}${at}`);
  if (port === undefined) throw rangeFull("failed to allocate a nodePort: range is full");
  return port;
}

/** Guesses before the range is gone through in order. */
const randomGuesses = 16;

/** A free number of the range: at random from `preferred` on, then the next free one, then those below. */
async function pick(
  taking: Taking,
  first: number,
  last: number,
  preferred: number,
  keyOf: (at: number) => string,
): Promise<number | undefined> {
  const size = last - preferred + 1;
  const random = (): number => preferred + Math.floor(taking.core.random.next() * size);
  for (let guess = 0; guess < randomGuesses; guess++) {
    const at = random();
    if (!taking.has(keyOf(at)) && (await taking.take(keyOf(at)))) return at;
  }
  const start = random();
  for (let step = 0; step < size; step++) {
    const at = preferred + ((start - preferred + step) % size);
    if (!taking.has(keyOf(at)) && (await taking.take(keyOf(at)))) return at;
  }
  for (let at = preferred - 1; at >= first; at--)
    if (!taking.has(keyOf(at)) && (await taking.take(keyOf(at)))) return at;
  return undefined;
}

function fieldErrors(spec: ServiceSpec, old: ServiceSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (path: string, value: unknown, message: string): void =>
    void errors.push({ path, reason: "Invalid", value, message });
  if (!needsClusterIP(spec)) return errors;
  const { clusterIP, clusterIPs = [] } = spec;
  if (clusterIPs.length > 0 && clusterIPs[0] !== (clusterIP ?? ""))
    refuse("spec.clusterIPs[0]", clusterIPs, "first value must match `clusterIP`");
  if (clusterIPs.length > 1)
    refuse("spec.clusterIPs", clusterIPs, "may only hold one value on a cluster with one IP family");
  if (old && needsClusterIP(old) && old.clusterIP && clusterIP !== old.clusterIP)
    refuse("spec.clusterIPs[0]", clusterIPs, "may not change once set");
  if (spec.ipFamilyPolicy === "RequireDualStack")
    refuse("spec.ipFamilyPolicy", spec.ipFamilyPolicy, "this cluster is not configured for dual-stack services");
  for (const [index, family] of (spec.ipFamilies ?? []).entries())
    if (family !== "IPv4") refuse(`spec.ipFamilies[${index}]`, family, "not configured on this cluster");
  return errors;
}

const addressError = (name: string, { clusterIPs }: ServiceSpec, message: string): StatusError =>
  invalid(services, name, [{ path: "spec.clusterIPs", reason: "Invalid", value: clusterIPs, message }]);

const rangeFull = (message: string): StatusError =>
  new StatusError("InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
