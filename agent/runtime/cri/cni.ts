import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface PodNetwork {
  /** Stands for this node's agent: what it makes is told apart by it. */
  readonly owner: string;
  readonly podCidr: string;
  /** Where the addresses that were given out are noted. */
  readonly dataDir: string;
}

/**
 * The network that pods get where the machine's administrator has set up none: a pair of interfaces for each pod,
 * addresses from the node's range, the host's address towards the outside, ports of the host led to pods.
 * https://www.cni.dev/docs/spec/
 */
export const defaultNetwork = ({ owner, podCidr, dataDir }: PodNetwork): object => ({
  cniVersion: "0.4.0",
  name: `navarch-${owner.slice(0, 8)}`,
  plugins: [
    {
      type: "ptp",
      ipMasq: true,
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: podCidr }]],
        routes: [{ dst: "0.0.0.0/0" }],
        dataDir,
      },
    },
    { type: "portmap", capabilities: { portMappings: true }, snat: true },
  ],
});

/** Whether the folder holds a network of somebody else: then ours stays out of the way. */
export const hasOtherNetwork = (names: readonly string[]): boolean =>
  names.some((name) => /\.(conf|conflist|json)$/.test(name) && name !== networkFile);

/** Puts our network into the runtime's folder unless there is another; answers whether it is ours that counts. */
export function ensureNetwork(confDir: string, network: PodNetwork): boolean {
  mkdirSync(confDir, { recursive: true, mode: 0o755 });
  const file = join(confDir, networkFile);
  if (hasOtherNetwork(readdirSync(confDir))) {
    rmSync(file, { force: true });
    return false;
  }
  const text = `${JSON.stringify(defaultNetwork(network), undefined, 2)}\n`;
  if (readText(file) === text) return true;
  writeFileSync(`${file}.new`, text, { mode: 0o644 });
  renameSync(`${file}.new`, file);
  return true;
}

export const networkFile = "90-navarch.conflist";

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
