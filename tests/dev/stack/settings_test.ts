import assert from "node:assert/strict";
import {
  chooseTogether,
  exportStackSettings,
  readFunctionSettings,
} from "../../../dev/stack/settings.ts";

Deno.test("readFunctionSettings() reads the files, then the shell for the listed names", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/supabase/functions`, { recursive: true });
    await Deno.writeTextFile(
      `${folder}/.env.example`,
      "SETTINGS_TEST_SHELL=\n# SETTINGS_TEST_B=1\n",
    );
    await Deno.writeTextFile(
      `${folder}/.env`,
      "A=file\nB=file\nSUPABASE_URL=x\nEMPTY=\nDEV_GATEWAY_PORT=1\n",
    );
    await Deno.writeTextFile(`${folder}/supabase/functions/.env`, 'B="functions file"\n');
    Deno.env.set("SETTINGS_TEST_SHELL", "shell");
    Deno.env.set("SETTINGS_TEST_UNLISTED", "shell");
    assert.deepEqual(await readFunctionSettings(folder), {
      A: "file",
      B: "functions file",
      SETTINGS_TEST_SHELL: "shell",
    });
  } finally {
    Deno.env.delete("SETTINGS_TEST_SHELL");
    Deno.env.delete("SETTINGS_TEST_UNLISTED");
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("exportStackSettings() exports what the stack reads, unless the shell has it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = "DEV_SETTINGS_TEST=file\nDEV_SETTINGS_TEST_SHELL=file\nSETTINGS_TEST=file\n";
    await Deno.writeTextFile(`${folder}/.env`, file);
    Deno.env.set("DEV_SETTINGS_TEST_SHELL", "shell");
    await exportStackSettings(folder);
    assert.equal(Deno.env.get("DEV_SETTINGS_TEST"), "file");
    assert.equal(Deno.env.get("DEV_SETTINGS_TEST_SHELL"), "shell");
    assert.equal(Deno.env.get("SETTINGS_TEST"), undefined);
  } finally {
    Deno.env.delete("DEV_SETTINGS_TEST");
    Deno.env.delete("DEV_SETTINGS_TEST_SHELL");
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("chooseTogether() takes the stand-in unless a key or a server is named", () => {
  assert.deepEqual(chooseTogether({ A: "1" }), { standIn: true, functionEnvironment: { A: "1" } });
  const withKey = { TOGETHER_API_KEY: "key" };
  assert.deepEqual(chooseTogether(withKey), { standIn: false, functionEnvironment: withKey });
  assert.deepEqual(chooseTogether({ TOGETHER_BASE_URL: "http://127.0.0.1:11434/v1" }), {
    standIn: false,
    functionEnvironment: {
      TOGETHER_BASE_URL: "http://127.0.0.1:11434/v1",
      TOGETHER_API_KEY: "none",
    },
  });
});
