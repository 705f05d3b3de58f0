import type { Renewals } from "../base/renewal.js";
import type { Identity } from "../base/tls.js";

export interface Holding {
  /** For the log: whose certificate it is. */
  readonly what: string;
  /** The certificate to use now: the same one as long as it is good. */
  readonly obtain: () => Promise<Identity>;
  /** Told of the first one and of each successor before it is answered. */
  readonly use?: (identity: Identity) => void | Promise<void>;
  /** Others renew it, `obtain` reads it. */
  readonly madeElsewhere?: boolean;
}

/** An identity that is renewed in time; the answer is the one to show from the next connection on. */
export async function holdIdentity(renewals: Renewals, holding: Holding): Promise<() => Identity> {
  const { what, obtain, use, madeElsewhere = false } = holding;
  let held = await obtain();
  await use?.(held);
  renewals.add({
    what,
    certificate: held.certificate,
    madeElsewhere,
    renew: async () => {
      const next = await obtain();
      if (next.certificate !== held.certificate) {
        await use?.(next);
        held = next;
      }
      return held.certificate;
    },
  });
  return () => held;
}
