import type { Service } from "../../api/core/service.js";
import type { EnvVar } from "../runtime/runtime.js";

/**
 * What a container's environment says of the services in its namespace that have an address.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function serviceLinks(services: readonly Service[]): readonly EnvVar[] {
  return services.flatMap(({ metadata, spec: { clusterIP = "None", ports = [] } }) => {
    const [first] = ports;
    if (clusterIP === "None" || clusterIP === "" || !first) return [];
    const name = variable(metadata.name);
    const host = clusterIP.includes(":") ? `[${clusterIP}]` : clusterIP;
    const urlOf = (protocol: string, port: number): string => `${protocol.toLowerCase()}://${host}:${port}`;
    return [
      { name: `${name}_SERVICE_HOST`, value: clusterIP },
      { name: `${name}_SERVICE_PORT`, value: String(first.port) },
      ...ports.flatMap((port) =>
        port.name ? [{ name: `${name}_SERVICE_PORT_${variable(port.name)}`, value: String(port.port) }] : [],
      ),
      { name: `${name}_PORT`, value: urlOf(first.protocol ?? "TCP", first.port) },
      ...ports.flatMap(({ port, protocol = "TCP" }) => {
        const prefix = `${name}_PORT_${port}_${protocol.toUpperCase()}`;
        return [
          { name: prefix, value: urlOf(protocol, port) },
          { name: `${prefix}_PROTO`, value: protocol.toLowerCase() },
          { name: `${prefix}_PORT`, value: String(port) },
          { name: `${prefix}_ADDR`, value: clusterIP },
        ];
      }),
    ];
  });
}

const variable = (name: string): string => name.toUpperCase().replaceAll("-", "_");
