import assert from "node:assert/strict";
import {
  isDeclining,
  isNoise,
} from "../../../../../supabase/functions/semantic-analysis/model/reading/no-answer.ts";

const DECLINING = [
  "I'm sorry, but I can't assist with that.",
  "I need an image in order to help you. Please upload one.",
  "There doesn't appear to be an image attached.",
  "It looks like the image didn't come through.",
  "It seems that no image was provided.",
  "Sure, I can help with that! However, I don't see any image.",
  "There is no image to describe.",
  "No image.",
  "The image could not be loaded.",
  "Error: image could not be processed",
  "Es tut mir leid, aber ich kann dieses Bild nicht analysieren.",
  "抱歉，我无法查看图片。",
];
for (const text of DECLINING) {
  Deno.test(`isDeclining() knows a no: ${text}`, () => assert.ok(isDeclining(text)));
}

const DESCRIPTIONS = [
  "Sure, here is a description of the image provided: a wall of red bricks.",
  "It seems the image provided shows a wall of red bricks.",
  "The image shows a wall that cannot be mistaken for anything but brick.",
  "There is no visible grain; the finish cannot be told from this distance.",
  "Unfortunately the finish of this oak board is worn, with scratches along the grain.",
  "No image noise is visible; the picture shows a wall of red bricks.",
  "Please note the red bricks and the white mortar between them.",
  "I can't tell the species, but it looks like oak.",
];
for (const text of DESCRIPTIONS) {
  Deno.test(`isDeclining() takes a description for one: ${text}`, () => {
    assert.equal(isDeclining(text), false);
  });
}

Deno.test("isNoise() knows a sentence again and again, but no long description", () => {
  assert.ok(isNoise("The surface is smooth and shiny. ".repeat(40)));
  const words = Array.from({ length: 200 }, (_, index) => `the${index % 30}`);
  assert.equal(isNoise(words.join(" ")), false);
});

Deno.test("isNoise() knows texts of symbols, and takes letters of any script for a text", () => {
  for (const text of ["", "…", "12 345", "--- a ---", "-- ж --", "** =>> a1 <<= **"]) {
    assert.ok(isNoise(text), text);
  }
  for (const text of ["Oak.", "дуб", "橡木。", "سنديان", "ओक की लकड़ी", "a – ж"]) {
    assert.equal(isNoise(text), false, text);
  }
});
