import type { Lifecycle } from "../../base/lifecycle.js";
import type { Controller, ControllerContext } from "./controller.js";

/** Starts the controllers of a list; they share informers and end with the lifecycle. */
export function runControllers(
  controllers: readonly Controller[],
  context: ControllerContext,
  lifecycle: Lifecycle,
): void {
  for (const controller of controllers) controller.start(context, lifecycle);
}
