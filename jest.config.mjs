// Source is ES modules with .js endings; jest does not honour require(esm), so everything becomes CommonJS here.
export const esmOnly = [
  "@kubernetes/client-node",
  "jose",
  "@peculiar",
  "js-yaml",
  "openid-client",
  "oauth4webapi",
  "jsep",
  "@jsep-plugin",
  "jsonpath-plus",
];

/** Tools written in Go live for a moment: their memory need not be looked through. */
process.env.GOGC ??= "400";

export default {
  testEnvironment: "node",
  globals: { NAVARCH_VERSION: "test" },
  roots: ["<rootDir>"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/dist/"],
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  extensionsToTreatAsEsm: [],
  transform: {
    "^.+\\.(ts|js|mjs)$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript", decorators: true }, target: "es2022", keepClassNames: true },
        module: { type: "commonjs" },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join("|")})/)`],
  testSequencer: "<rootDir>/scripts/test-sequencer.mjs",
  // More than the cores of a small machine: suites of whole clusters wait for half of their time.
  maxWorkers: 3,
  testTimeout: 120_000,
};
