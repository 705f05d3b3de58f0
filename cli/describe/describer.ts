import type { AnyObject, Api } from "../api.js";
import type { Layout } from "./layout.js";

export interface DescribeContext {
  readonly api: Api;
  readonly nowMs: number;
}

/** Writes what is special about a kind; events follow for every kind. */
export type Describer = (layout: Layout, object: AnyObject, context: DescribeContext) => void | Promise<void>;
