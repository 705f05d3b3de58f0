import { StatusError } from "../../../apimachinery/status.js";
import type { Answer, RequestContext } from "../../request.js";

/** Refuses a subresource that this server knows by name alone. */
export async function notBuilt({ info }: RequestContext): Promise<Answer> {
  const { plural, subresource } = info.resource ?? { plural: "", subresource: "" };
  const message = `the subresource ${plural}/${subresource} is not implemented by this server yet`;
  throw new StatusError("MethodNotAllowed", message, { kind: plural }, 501);
}
