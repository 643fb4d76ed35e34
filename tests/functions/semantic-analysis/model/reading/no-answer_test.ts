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
  "I must respectfully decline to describe this.",
  "I'm not comfortable describing this image.",
  "My guidelines don't allow me to assist with this.",
  "That's something I can't help with.",
  "I see you've mentioned an image, but I don't see one attached.",
  "I'd be glad to help, but there is no image attached to your message.",
  "It looks like your message didn't include an image.",
  "Thanks for sharing! However, no image came through.",
  "Great question! Unfortunately I can't view images.",
  "Image not found.",
  "No image detected.",
  "The image you uploaded could not be processed.",
  "Error: image could not be decoded",
  "Your request was blocked by our content policy.",
  "This content violates our usage policies.",
  "I am just a language model and cannot see images.",
  "My capabilities do not include viewing images.",
  "It is not possible for me to view the image.",
  "You have not provided an image.",
  "I notice that no image has been attached.",
  "To help you, I need the picture. Please upload it.",
  "Error: failed to load image.",
  "Could you share the picture?",
  "Hello! I'd be happy to help. Please share the image you'd like me to describe.",
  "Hi there! Please upload an image of the marble or granite and I will name it.",
  "Content blocked.",
  "It's against my guidelines to describe this.",
  "Es tut mir leid, aber ich kann keine Bilder sehen.",
  "Leider kann ich das Bild nicht sehen.",
  "Lo siento, pero no veo ninguna imagen.",
  "Je suis désolé, mais je ne vois pas d'image.",
  "Mi dispiace, ma non vedo alcuna immagine.",
  "Desculpe, não consigo ver a imagem.",
  "Przepraszam, ale nie mogę pomóc.",
  "Üzgünüm, bu konuda yardımcı olamıyorum.",
  "Tyvärr kan jag inte se bilden.",
  "Beklager, jeg kan ikke hjelpe.",
  "Valitettavasti en voi auttaa.",
  "Omlouvám se, ale nemohu pomoci.",
  "Вибачте, я не можу допомогти.",
  "Извините, но я не вижу изображения.",
  "Λυπάμαι, αλλά δεν μπορώ να βοηθήσω.",
  "عذرًا، لا أستطيع المساعدة في ذلك.",
  "मुझे खेद है, मैं मदद नहीं कर सकता।",
  "Xin lỗi, tôi không thể giúp.",
  "Maaf, saya tidak dapat membantu.",
  "对不起，我没有看到任何图片。",
  "作为一个AI语言模型，我无法查看图片。",
  "画像が見えません。",
  "죄송하지만 이미지를 볼 수 없습니다.",
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
  "Great slabs of travertine, filled and honed, laid in a running bond.",
  "Image of a wall of red bricks with white mortar.",
  "The image you see here is of a wall of red bricks.",
  "I must say that this is a fine piece of oak.",
  "The image appears to be of oak, not of ash.",
  "No picture could show the veins of this marble better.",
  "The picture is not sharp, but shows bricks.",
  "Leider etwas unscharf: eine Wand aus roten Ziegeln.",
  "Ich kann eine Wand aus roten Ziegeln erkennen.",
  "没有涂层的橡木板，纹理清晰。",
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
