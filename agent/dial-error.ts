/** A connection that could not be made, as Kubernetes' own components word it. */
export const dialError = (host: string, port: number, { code = "", message }: NodeJS.ErrnoException): string =>
  `dial tcp ${host}:${port}: connect: ${systemWords[code] ?? message}`;

const systemWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "connection timed out",
};
