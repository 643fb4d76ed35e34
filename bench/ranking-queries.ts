/** What should be found in the catalogue of `supabase/seed.sql`, judged by hand. */

export interface LabelledQuery {
  group: "text" | "misspelt" | "picture" | "picture and text";
  text?: string;
  /** One of `dev/samples`. */
  picture?: string;
  /** Names of the materials that are right, in no order. */
  expected: string[];
}

const WOODS = [
  "White oak plank flooring",
  "American walnut veneer",
  "Pine lining board",
  "Bamboo worktop",
];
const GRANITES = ["Grey granite kerb", "Rosa Porriño granite worktop"];
const MARBLES = ["Carrara marble slab", "Nero Marquina marble tile"];
const BRICKS = ["Red clay facing brick", "White glazed brick slip"];
const CLOTHS = ["Blue woven upholstery", "Natural linen curtain fabric"];

export const LABELLED_QUERIES: LabelledQuery[] = [
  { group: "text", text: "white marble", expected: ["Carrara marble slab"] },
  { group: "text", text: "black stone with white veins", expected: ["Nero Marquina marble tile"] },
  { group: "text", text: "granite", expected: GRANITES },
  { group: "text", text: "dark wood for cabinets", expected: ["American walnut veneer"] },
  { group: "text", text: "curtains", expected: ["Natural linen curtain fabric", "Green velvet"] },
  { group: "text", text: "rusty steel facade", expected: ["Corten steel plate"] },
  { group: "text", text: "kitchen worktop", expected: ["Bamboo worktop", GRANITES[1]!] },
  { group: "text", text: "roof", expected: ["Welsh slate roofing"] },
  { group: "text", text: "brick", expected: BRICKS },
  {
    group: "text",
    text: "seamless grey industrial floor",
    expected: ["Polished concrete floor"],
  },
  { group: "misspelt", text: "marbel", expected: MARBLES },
  { group: "misspelt", text: "granit kerbe", expected: ["Grey granite kerb"] },
  { group: "misspelt", text: "alumnium", expected: ["Anodised aluminium panel"] },
  { group: "misspelt", text: "velvett", expected: ["Green velvet"] },
  { group: "misspelt", text: "terracota tile", expected: ["Terracotta hexagon tile"] },
  { group: "picture", picture: "wood.jpg", expected: WOODS },
  { group: "picture", picture: "granite.jpg", expected: GRANITES },
  { group: "picture", picture: "marble.jpg", expected: MARBLES },
  { group: "picture", picture: "brick.jpg", expected: BRICKS },
  {
    group: "picture",
    picture: "brushed-metal.jpg",
    expected: ["Brushed stainless steel sheet", "Anodised aluminium panel"],
  },
  { group: "picture", picture: "woven-cloth.jpg", expected: CLOTHS },
  {
    group: "picture and text",
    picture: "wood.jpg",
    text: "floor",
    expected: ["White oak plank flooring"],
  },
  {
    group: "picture and text",
    picture: "marble.jpg",
    text: "bathroom",
    expected: MARBLES,
  },
  {
    group: "picture and text",
    picture: "brushed-metal.jpg",
    text: "kitchen splashback",
    expected: ["Brushed stainless steel sheet"],
  },
  {
    group: "picture and text",
    picture: "woven-cloth.jpg",
    text: "sofa",
    expected: ["Blue woven upholstery"],
  },
];
