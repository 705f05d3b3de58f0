import type { Endpoint } from "../../api/discovery/endpoint-slice.js";

/** Endpoints of one slice. */
export const sliceMaxEndpoints = 100;

export interface Distribution {
  /** What each existing slice holds from now on, in the order given; empty: the slice can go. */
  readonly filled: readonly (readonly Endpoint[])[];
  /** Further slices. */
  readonly extra: readonly (readonly Endpoint[])[];
}

/**
 * Spreads endpoints over slices with few slices touched: an endpoint stays in the slice that it is in, new ones go where
 * something changes anyway, then where there is room, the fullest first, then into new slices.
 */
export function distribute(slices: readonly (readonly Endpoint[])[], wanted: readonly Endpoint[]): Distribution {
  const left = new Map(wanted.map((endpoint) => [identityOf(endpoint), endpoint]));
  const states = slices.map((before, at) => {
    const endpoints: Endpoint[] = [];
    let touched = false;
    for (const endpoint of before) {
      const identity = identityOf(endpoint);
      const next = left.get(identity);
      if (next) endpoints.push(next);
      touched ||= next === undefined;
      left.delete(identity);
    }
    return { at, endpoints, touched };
  });
  const rest = [...left.values()];
  const withRoom = states
    .filter(({ endpoints }) => endpoints.length > 0 || rest.length > 0)
    .toSorted((a, b) => Number(b.touched) - Number(a.touched) || b.endpoints.length - a.endpoints.length);
  for (const { endpoints } of withRoom) {
    endpoints.push(...rest.splice(0, Math.max(0, sliceMaxEndpoints - endpoints.length)));
  }
  const extra: (readonly Endpoint[])[] = [];
  while (rest.length > 0) extra.push(rest.splice(0, sliceMaxEndpoints));
  return { filled: states.toSorted((a, b) => a.at - b.at).map(({ endpoints }) => endpoints), extra };
}

/** The address, and the pod behind it: what is kept by hand may name one pod under several addresses. */
const identityOf = ({ targetRef, addresses }: Endpoint): string => `${addresses.join()} ${targetRef?.uid ?? ""}`;
