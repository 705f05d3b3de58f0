import { buildVersion } from "../apimachinery/version.js";

declare const NAVARCH_VERSION: string;

/** Our own version, as package.json has it; put in by the build. */
export const version = NAVARCH_VERSION;

/** The API's version with our own behind it. */
export const { gitVersion } = buildVersion(version);
