declare const NAVARCH_VERSION: string;

/** Our own version, as package.json has it; put in by the build. */
export const version = NAVARCH_VERSION;
