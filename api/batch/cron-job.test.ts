import { cells, errorsOf, read } from "../kind.test-kit.js";
import { cronJobs } from "./cron-job.js";
import { scheduleError } from "./cron-schedule.js";

const template = { spec: { containers: [{ name: "a", image: "b:1" }], restartPolicy: "Never" } };
const cronJob = (spec: object = {}): object => ({
  spec: { schedule: "*/5 * * * *", jobTemplate: { spec: { template } }, ...spec },
});

describe("cron jobs", () => {
  it("have Kubernetes' defaults and leave those of jobs to the jobs", () => {
    const { spec } = read(cronJobs, cronJob());
    expect(spec).toMatchObject({
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    expect(Object.keys(spec.jobTemplate.spec)).toEqual(["template"]);
  });

  it.each<[string, object, readonly string[]]>([
    ["a good one", cronJob({ timeZone: "Europe/Berlin" }), []],
    [
      "too few fields",
      cronJob({ schedule: "* * *" }),
      ['spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]'],
    ],
    [
      "a zone in the schedule",
      cronJob({ schedule: "TZ=UTC * * * * *" }),
      [
        'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      ],
    ],
    [
      "an unknown zone",
      cronJob({ timeZone: "Moon/Base" }),
      ['spec.timeZone: Invalid value: "Moon/Base": unknown time zone Moon/Base'],
    ],
    [
      "an unknown policy",
      cronJob({ concurrencyPolicy: "Maybe" }),
      ['spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"'],
    ],
    [
      "pods that always start again",
      cronJob({ jobTemplate: { spec: { template: { spec: { containers: [{ name: "a", image: "b" }] } } } } }),
      ['spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [
      "a selector",
      cronJob({ jobTemplate: { spec: { template, selector: { matchLabels: { a: "b" } } } } }),
      ['spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated'],
    ],
    [
      "a name too long for its jobs",
      { metadata: { name: "x".repeat(53), namespace: "default" }, ...cronJob() },
      [`metadata.name: Invalid value: "${"x".repeat(53)}": must be no more than 52 characters`],
    ],
  ])("%s", (_, draft, expected) => {
    expect(errorsOf(cronJobs, draft)).toEqual(expected);
  });

  it("show schedule, zone and when they last ran", () => {
    const status = { active: [{ name: "x" }], lastScheduleTime: "2026-01-01T00:01:00Z" };
    expect(cells(cronJobs, { ...cronJob(), status })).toMatchObject({
      Schedule: "*/5 * * * *",
      Timezone: undefined,
      Suspend: "False",
      Active: 1,
      "Last Schedule": "63s",
    });
    expect(cells(cronJobs, cronJob({ suspend: true }))).toMatchObject({ Suspend: "True", "Last Schedule": undefined });
  });
});

describe("schedules", () => {
  it.each(["* * * * *", "0 9-17/2 * * mon-fri", "@daily", "@every 1h30m", "0 0 1 jan,jul ?", "5/10 * * * 0"])(
    "%s",
    (text) => {
      expect(scheduleError(text)).toBeUndefined();
    },
  );

  it.each([
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["@often", "unrecognized descriptor: @often"],
    ["", "empty spec string"],
  ])("%s", (text, expected) => {
    expect(scheduleError(text)).toBe(expected);
  });
});
