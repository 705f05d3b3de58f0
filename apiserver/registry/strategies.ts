import { namespaceStrategy } from "./namespace-strategy.js";
import { type ServiceRanges, serviceStrategy } from "./service/strategy.js";
import type { Strategies, Strategy } from "./strategy.js";

/** DELETE of these answers the object, as their clients expect. */
const answersDeleted: Strategy = { answersDeleted: true };

/** What is special about resources. Here and nowhere else does the registry tell one from another. */
export const strategies = (ranges: ServiceRanges): Strategies => ({
  namespaces: namespaceStrategy as Strategy,
  services: serviceStrategy(ranges) as Strategy,
  pods: answersDeleted,
  serviceaccounts: answersDeleted,
});
