import { deploymentController } from "./deployment/deployment.js";
import type { Controller } from "./framework/controller.js";
import { replicaSetController } from "./replicaset.js";

/** Every controller, in the order in which they start. */
export const controllers: readonly Controller[] = [replicaSetController, deploymentController];
