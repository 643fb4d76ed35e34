import assert from "node:assert/strict";
import {
  parseSettings,
  SETTING_NAMES,
} from "../../../supabase/functions/semantic-analysis/settings.ts";
import {
  type Case,
  countCase,
  flagCase,
  NOT_WHOLE,
  orNone,
  usdCase,
} from "../../support/setting-cases.ts";
import { KEY, settingsOf } from "./settings-of.ts";

Deno.test("parseSettings() needs nothing but a key", () => {
  assert.deepEqual(settingsOf(), {
    isAnalysisEnabled: true,
    together: {
      apiKey: "tgp_v1_abc",
      baseUrl: "https://api.together.xyz/v1",
      models: [
        "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo",
        "Qwen/Qwen3.5-9B",
        "zai-org/GLM-5.3-Flash",
        "meta-models/Muse-Glimmer-30B",
      ],
      temperature: 0.1,
      capabilities: {},
      maxTokens: 4_096,
      timeoutMs: 60_000,
      slowAttemptMs: 20_000,
    },
    maxImageBytes: 6_291_456,
    allowedOrigins: "*",
    wrongOrigins: [],
    isAnonymousAllowed: true,
    customPrompts: "signed-in",
    isImageUrlAllowed: true,
    storage: { pass: "url", isTransformed: false },
    limits: {
      user: { perMinute: 20, burst: 20, perDay: 200, concurrent: 4, nanoUsdPerMonth: null },
      anonymous: { perMinute: 5, burst: 5, perDay: 50, concurrent: 1, nanoUsdPerMonth: null },
      projectNanoUsdPerMonth: 20_000_000_000,
      anonymousNanoUsdPerDay: 1_000_000_000,
    },
    cache: {
      ttlSeconds: { full: 86_400, unsure: 300, none: 0 },
      scope: "user",
      maxEntries: 100_000,
    },
  });
});

const CASES: Record<string, Case> = {
  TOGETHER_API_KEY: {
    read: ({ together }) => together.apiKey,
    good: [["abc", "abc"], [" abc\n", "abc"]],
    bad: ["two words", "line\nbreak", "schlüssel", "tab\tbed", "\u{1f511}"],
  },
  TOGETHER_MODEL: {
    read: ({ together }) => together.models[0],
    good: [
      ["vendor/model", "vendor/model"],
      ["llava:13b", "llava:13b"],
      ["x".repeat(200), "x".repeat(200)],
    ],
    bad: ["two words", "a,b", 'model"', "x".repeat(201)],
  },
  TOGETHER_FALLBACK_MODELS: {
    read: ({ together }) => together.models.slice(1),
    good: [
      ["a/b", ["a/b"]],
      ["a/b, c/d ,,e/f,", ["a/b", "c/d", "e/f"]],
      ["none", []],
      ["None", []],
      ["NONE, none", []],
      [",", []],
      ["a/b,a/b,c/d,a/b", ["a/b", "c/d"]],
      ["meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo,a/b", ["a/b"]],
    ],
    bad: ["a b", "a/b;c/d", "a/b,two words"],
  },
  TOGETHER_BASE_URL: {
    read: ({ together }) => together.baseUrl,
    good: [
      ["http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"],
      ["https://api.together.ai/v1", "https://api.together.ai/v1"],
    ],
    bad: [
      ...["api.together.xyz/v1", "ftp://example.com", "localhost:11434", "https://", "file:///etc"],
      ...[
        "https://user:key@example.com/v1",
        "https://api.together.ai@example.com/v1",
        "https://a.example/v1?api-version=1",
        "https://a.b/v1#x",
      ],
    ],
  },
  TOGETHER_MODEL_CAPABILITIES: {
    read: ({ together }) => together.capabilities,
    good: [
      ["{}", {}],
      ['{"*":{"structured_output":"json_object"}}', { "*": { structuredOutput: "json_object" } }],
      ['{"a/b":{"input_usd_per_million":10000}}', { "a/b": { inputUsdPerMillion: 10_000 } }],
      ['{"a/b":{"context_tokens":1}}', { "a/b": { contextTokens: 1 } }],
      ['{"a/b":{"context_tokens":100000000}}', { "a/b": { contextTokens: 100_000_000 } }],
      [
        '{"qwen2.5vl:7b":{"input_usd_per_million":0,"output_usd_per_million":0.5,' +
        '"context_tokens":32768,"structured_output":"json_schema","logprobs":true,' +
        '"reasoning_switch":"template","thinking":"unopened","max_picture_tokens":16384}}',
        {
          "qwen2.5vl:7b": {
            inputUsdPerMillion: 0,
            outputUsdPerMillion: 0.5,
            contextTokens: 32_768,
            structuredOutput: "json_schema",
            hasLogprobs: true,
            reasoningSwitch: "template",
            thinking: "unopened",
            maxPictureTokens: 16_384,
          },
        },
      ],
    ],
    bad: [
      "json_schema",
      "[]",
      '"x"',
      "{",
      '{"two words":{}}',
      '{"a/b":{"logprobs":"yes"}}',
      '{"a/b":{"price":1}}',
      '{"a/b":{"input_usd_per_million":-1}}',
      '{"a/b":{"input_usd_per_million":10000.01}}',
      '{"a/b":{"context_tokens":0}}',
      '{"a/b":{"context_tokens":100000001}}',
      '{"a/b":{"structured_output":"xml"}}',
      '{"a/b":null}',
    ],
  },
  TOGETHER_MAX_TOKENS: countCase(({ together }) => together.maxTokens, 131_072),
  TOGETHER_TEMPERATURE: {
    read: ({ together }) => together.temperature,
    good: [["0", 0], ["0.7", 0.7], ["2", 2], ["2.0", 2]],
    bad: ["2.1", "-0.1", "hot", "NaN", ".5", "1e-1", "0,5"],
  },
  TOGETHER_TIMEOUT: {
    read: ({ together }) => together.timeoutMs,
    good: [["2", 2_000], ["60", 60_000], ["2.5", 2_500], ["65", 65_000], ["120", 65_000], [
      "3600",
      65_000,
    ]],
    bad: ["60000", "3601", "1", "0.5", "-1", "60s", "1m", "NaN", "Infinity"],
  },
  ANALYSIS_ENABLED: flagCase(({ isAnalysisEnabled }) => isAnalysisEnabled),
  MAX_IMAGE_BYTES: {
    read: ({ maxImageBytes }) => maxImageBytes,
    good: [["1024", 1_024], ["20971520", 20_971_520]],
    bad: [...NOT_WHOLE, "1023", "20971521", "6MiB"],
  },
  ALLOWED_ORIGINS: {
    read: ({ allowedOrigins }) => allowedOrigins,
    good: [
      ["*", "*"],
      ["https://a.example.com", ["https://a.example.com"]],
      ["https://a.example.com, http://localhost:3000", [
        "https://a.example.com",
        "http://localhost:3000",
      ]],
      ["https://a.example.com,*", "*"],
      ["https://*.example.com, capacitor://localhost", [
        "https://*.example.com",
        "capacitor://localhost",
      ]],
      ["https://a.example.com/, http://localhost:3000", ["http://localhost:3000"]],
      ["a.example.com", []],
    ],
    bad: [],
  },
  ALLOW_ANONYMOUS: flagCase(({ isAnonymousAllowed }) => isAnonymousAllowed),
  ALLOW_CUSTOM_PROMPT: {
    read: ({ customPrompts }) => customPrompts,
    good: [["signed-in", "signed-in"], ["true", "all"], ["false", "none"]],
    bad: ["yes", "no", "1", "signed_in", "all", "none"],
  },
  ALLOW_IMAGE_URLS: flagCase(({ isImageUrlAllowed }) => isImageUrlAllowed),
  STORAGE_PASS: {
    read: ({ storage }) => storage.pass,
    good: [["url", "url"], ["bytes", "bytes"]],
    bad: ["URL", "both", "true"],
  },
  STORAGE_TRANSFORM: flagCase(({ storage }) => storage.isTransformed),
  ANALYSIS_CACHE_TTL: {
    read: ({ cache }) => cache.ttlSeconds.full,
    good: [["0", 0], ["3600", 3_600], ["31536000", 31_536_000]],
    bad: ["-1", "1.5", "1h", "31536001"],
  },
  ANALYSIS_CACHE_TTL_UNSURE: {
    read: ({ cache }) => cache.ttlSeconds.unsure,
    good: [["0", 0], ["60", 60], ["86400", 86_400], ["31536000", 86_400]],
    bad: ["-1", "1.5", "1h", "31536001"],
  },
  ANALYSIS_CACHE_SCOPE: {
    read: ({ cache }) => cache.scope,
    good: [["user", "user"], ["project", "project"]],
    bad: ["all", "User", "users"],
  },
  ANALYSIS_CACHE_MAX_ENTRIES: countCase(({ cache }) => cache.maxEntries, 100_000_000),
  RATE_LIMIT_CONCURRENT: countCase(({ limits }) => limits.user.concurrent, 10_000),
  RATE_LIMIT_USD_PER_MONTH: usdCase(({ limits }) => limits.user.nanoUsdPerMonth),
  RATE_LIMIT_ANONYMOUS_CONCURRENT: countCase(({ limits }) => limits.anonymous.concurrent, 10_000),
  RATE_LIMIT_ANONYMOUS_USD_PER_MONTH: usdCase(({ limits }) => limits.anonymous.nanoUsdPerMonth),
  PROJECT_USD_PER_MONTH: orNone(usdCase(({ limits }) => limits.projectNanoUsdPerMonth)),
  ANONYMOUS_USD_PER_DAY: orNone(usdCase(({ limits }) => limits.anonymousNanoUsdPerDay)),
  RATE_LIMIT_PER_MINUTE: countCase(({ limits }) => limits.user.perMinute, 60_000),
  RATE_LIMIT_BURST: countCase(({ limits }) => limits.user.burst, 60_000),
  RATE_LIMIT_PER_DAY: countCase(({ limits }) => limits.user.perDay, 100_000_000),
  RATE_LIMIT_ANONYMOUS_PER_MINUTE: countCase(({ limits }) => limits.anonymous.perMinute, 60_000),
  RATE_LIMIT_ANONYMOUS_BURST: countCase(({ limits }) => limits.anonymous.burst, 60_000),
  RATE_LIMIT_ANONYMOUS_PER_DAY: countCase(({ limits }) => limits.anonymous.perDay, 100_000_000),
};

Deno.test("parseSettings() has a test here for each of its variables", () => {
  assert.deepEqual(Object.keys(CASES).sort(), [...SETTING_NAMES].sort());
});

for (const [name, { read, good, bad }] of Object.entries(CASES)) {
  for (const [value, result] of good) {
    Deno.test(`parseSettings() takes ${name}=${JSON.stringify(value)}`, () => {
      assert.deepEqual(read(settingsOf({ [name]: value })), result);
    });
  }

  Deno.test(`parseSettings() refuses other values of ${name}, naming it and what is wanted`, () => {
    for (const value of bad) {
      const { settings, problems } = parseSettings({ ...KEY, [name]: value });
      assert.equal(settings, null, `took "${value}"`);
      assert.equal(problems!.length, 1);
      const [problem] = problems!;
      assert.equal(problem!.variable, name);
      const isSecret = name === "TOGETHER_API_KEY" ||
        name === "TOGETHER_BASE_URL" && /[@?#]/.test(value);
      assert.equal(problem!.value, isSecret ? null : value);
      assert.ok(problem!.wanted.length > 3);
    }
  });

  Deno.test(`parseSettings() takes an empty ${name} for one that is not set`, () => {
    for (const value of ["", "  ", "\n"]) {
      assert.deepEqual(
        parseSettings({ ...KEY, [name]: value }),
        parseSettings({ ...KEY, [name]: undefined }),
      );
    }
  });
}
