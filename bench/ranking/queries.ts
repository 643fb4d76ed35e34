/**
 * What should be found in the catalogue of `supabase/seed.sql` and `catalogue.sql`, judged by hand:
 * each query with the names of the materials that are right for it.
 */

export interface LabelledQuery {
  kind: string;
  text?: string;
  /** One of `dev/samples`. */
  picture?: string;
  /** Matches the names of the materials that are right. */
  expected: RegExp;
}

const OAK =
  /^(White oak plank|European oak parquet|Smoked oak|Rustic oak beam|Oak cladding|Дуб|Madera de roble)/;
const ASH = /^(White ash|Ash |Thermo ash)/;
const WALNUT = /^(American walnut|Black walnut)/;
const MARBLE =
  /^(Carrara|Nero Marquina|Calacatta|Statuario|Emperador|Verde Guatemala|Rosso Levanto|Tumbled marble)/;
const WHITE_MARBLE = /^(Carrara|Calacatta|Statuario)/;
const QUARTZ = /^(White quartz worktop|Grey quartz|Starlight)/;
const GRANITE = /^(Grey granite|Rosa Porriño|Black absolute|Baltic brown|Blue pearl|Granite sett)/;
const LINEN = /^(Natural linen|Belgian linen|Heavy linen|Linen and cotton|Leinenstoff)/;
const COTTON = /^(Organic cotton|Cotton percale|Cotton velvet|Linen and cotton)/;
const BRASS = /^(Polished brass|Brushed brass|Antique brass)/;
const BRONZE = /^(Cast bronze|Phosphor bronze|Bronze window)/;
const COPPER = /^(Hammered copper|Verdigris|Rose gold copper)/;
const STAINLESS = /^(Brushed stainless|Stainless steel 1|Mirror polished stainless)/;
const ALUMINIUM = /^(Anodised alumini?um|Checker plate|Aluminium foam)/;
const BRICK =
  /^(Red clay|White glazed brick|Blue engineering|Reclaimed London|Long format|Klinker|Whitewashed)/;
const VELVET = /^(Green velvet|Cotton velvet)/;
const CONCRETE =
  /^(Polished concrete|Béton brut|Sichtbeton|Glass fibre concrete|Aerated|Exposed aggregate|Microcement)/;
const SLATE = /^(Welsh slate|Brazilian green slate|Fibre cement slate)/;
const TRAVERTINE = /^(Travertine|Travertino|Silver travertine)/;
const TERRACOTTA = /^(Terracotta|Saltillo)/;
const WOOD =
  /oak|ash |walnut|pine|bamboo|beech|birch|maple|cherry|teak|iroko|larch|spruce|cedar|wenge|zebrano|rosewood|olive|Дуб|roble|veneer/i;
const CLOTH =
  /linen|cotton|denim|tweed|felt|bouclé|silk|satin|upholstery|fabric|Leinen|corduroy|velvet/i;

const texts = (kind: string, ...queries: [text: string, expected: RegExp][]): LabelledQuery[] =>
  queries.map(([text, expected]) => ({ kind, text, expected }));

const pictures = (kind: string, ...queries: [picture: string, text: string, expected: RegExp][]) =>
  queries.map(([picture, text, expected]): LabelledQuery => ({
    kind,
    picture,
    ...(text && { text }),
    expected,
  }));

/** By kind, such as one word or a picture. */
export const LABELLED_QUERIES: LabelledQuery[] = [
  ...texts(
    "one word",
    ["granite", GRANITE],
    ["marble", MARBLE],
    ["brick", BRICK],
    ["velvet", VELVET],
    ["brass", BRASS],
    ["bronze", BRONZE],
    ["copper", COPPER],
    ["oak", OAK],
    ["ash", ASH],
    ["walnut", WALNUT],
    ["linen", LINEN],
    ["cotton", COTTON],
    ["travertine", TRAVERTINE],
    ["slate", SLATE],
    ["concrete", CONCRETE],
    ["terracotta", TERRACOTTA],
    ["onyx", /^Honey onyx/],
    ["terrazzo", /^Terrazzo/],
    ["cork", /^Cork floor/],
    ["linoleum", /^Linoleum/],
    ["denim", /^Indigo denim/],
    ["tadelakt", /^Tadelakt/],
    ["zellige", /^Zellige/],
    [
      "roof",
      /^(Welsh slate|Pre-weathered|Lead flashing|Western red|Verdigris|Roof tile|Fibre cement)/,
    ],
  ),
  ...texts(
    "two words",
    ["white marble", WHITE_MARBLE],
    ["black granite", /^Black absolute/],
    ["green marble", /^Verde/],
    ["brown marble", /^Emperador/],
    ["white quartz", /^White quartz (worktop|\b)|^White quartzite/],
    ["quartz worktop", QUARTZ],
    ["smoked oak", /^Smoked oak/],
    ["oak flooring", /^(White oak plank|European oak|Smoked oak|Дуб|Madera)/],
    ["ash veneer", /^Ash veneer/],
    ["kitchen worktop", /worktop/i],
    ["blue velvet", /^Cotton velvet/],
    ["frosted glass", /^Frosted/],
    ["antique brass", /^Antique brass/],
    ["bronze mesh", /^Phosphor/],
    ["linen curtain", /^(Natural linen|Belgian linen|Leinenstoff)/],
    ["cotton canvas", /^(Organic cotton|Linen and cotton)/],
    ["glass block", /^Glass block/],
    ["carbon fibre", /^Carbon/],
    ["wool felt", /^Wool felt/],
    ["metro tile", /^White metro/],
    ["black leather", /^Black nappa/],
    ["hammered copper", /^Hammered/],
  ),
  ...texts(
    "sentence",
    ["black stone with white veins", /^Nero Marquina/],
    ["dark wood for cabinets", /^(American walnut|Wenge|Smoked oak)/],
    ["rusty steel facade", /^Corten/],
    ["seamless grey industrial floor", /^(Polished concrete|Epoxy|Microcement)/],
    ["a pale wood that looks like oak but isn't", ASH],
    ["engineered stone that looks like carrara marble", /^White quartz worktop/],
    ["natural fibre rug braided by hand", /^Jute/],
    ["translucent stone lit from behind", /^(Honey onyx|Rose quartz|Alabaster)/],
    ["floor tile that imitates wood planks", /^Porcelain tile wood/],
    ["panel that absorbs sound made from bottles", /^PET felt/],
    ["tiles for a swimming pool", /^Glass mosaic/],
    ["golden metal for door handles", /^(Brushed brass|Polished brass|Antique brass)/],
    ["burnt wood for the facade", /^Charred/],
    ["something soft and white for a sofa", /^(Bouclé|Faux leather)/],
    ["green roof metal with patina", /^Verdigris/],
    ["waterproof lime plaster for bathrooms", /^Tadelakt/],
  ),
  ...texts(
    "plural",
    ["curtains", /^(Natural linen curtain|Green velvet|Belgian|Leinen|Silk|Lace)/],
    ["bricks", BRICK],
    ["marbles", MARBLE],
    ["granites", GRANITE],
    ["veneers", /veneer/i],
    ["handles", /^(Ash tool|Aniline|Polished brass|Brushed brass|Cognac|Brown)|leather/i],
    ["shingles", /^Western red/],
    ["rugs", /rug|^Kilim|carpet/i],
    ["mosaics", /mosaic/i],
    ["cushions", /^(Green velvet|Leinenstoff|Wool felt)/],
  ),
  ...texts(
    "misspelt",
    ["marbel", MARBLE],
    ["granit kerbe", /^Grey granite/],
    ["alumnium", ALUMINIUM],
    ["velvett", VELVET],
    ["terracota tile", TERRACOTTA],
    ["travertyne", TRAVERTINE],
    ["walnutt veneer", /^American walnut/],
    ["stainles steel", STAINLESS],
    ["limestome", /limestone/i],
    ["porcelin", /^Porcelain/],
    ["corduroi", /^Corduroy/],
    ["terazzo", /^Terrazzo/],
    ["linolium", /^Linoleum/],
    ["brushd brass", /^Brushed brass/],
    ["herringbon", /^(European oak|Harris)/],
    ["zelige", /^Zellige/],
  ),
  ...texts(
    "right words",
    ["gray", /grey|concrete|zinc|basalt|granite|slate|felt|steel|silver|lead/i],
    ["gold", /gold|brass/i],
    ["steel", /steel/i],
    ["cane", /^Rattan/],
    ["lead", /^Lead/],
    ["lace", /^Lace/],
    ["board", /board|OSB|plank/i],
    ["wire", /^(Wired glass|Phosphor)/],
  ),
  ...texts(
    "synonym",
    ["grey granite", /^(Grey granite|Granite sett|Baltic)/],
    ["gray granite", /^(Grey granite|Granite sett|Baltic)/],
    ["aluminum panel", /^Anodised|^Aluminium foam/],
    ["aluminium profile", /^Anodised aluminum/],
    ["gray slate", SLATE],
    ["fiber cement", /^Fibre cement/],
    ["carbon fiber", /^Carbon/],
    ["grey felt", /felt/i],
    ["galvanized steel", /^Galvanised/],
    ["anodized aluminum", /^Anodised/],
    ["gray concrete", CONCRETE],
    ["colored glass", /^(Stained|Glass mosaic)/],
  ),
  ...texts(
    "norm",
    ["1.4301", /^Stainless steel 1\.4301/],
    ["EN 1.4301", /^Stainless steel 1\.4301/],
    ["304/1.4301", /^Stainless steel 1\.4301/],
    ["AISI304", /^Stainless steel 1\.4301/],
    ["aisi 304", /^Stainless steel 1\.4301/],
    ["316L", /^Stainless steel 1\.4404/],
    ["1.4404", /^Stainless steel 1\.4404/],
    ["RAL7035", /RAL 7035/],
    ["RAL 7035", /RAL 7035/],
    ["ral-9005", /RAL 9005/],
    ["RAL9005", /RAL 9005/],
    ["OSB/3", /^Oriented/],
    ["osb3", /^Oriented/],
    ["S235", /^Raw hot rolled/],
    ["GJL-200", /^Cast iron/],
    ["12.5 mm plasterboard", /^Gypsum/],
  ),
  ...texts(
    "hyphen",
    ["board marked concrete", /^Béton brut/],
    ["board-marked concrete", /^Béton brut/],
    ["hair on cowhide", /^Cowhide rug/],
    ["fair faced concrete", /^Sichtbeton/],
    ["birds eye maple", /^Bird's-eye/],
    ["preweathered zinc", /^Pre-weathered/],
    ["pre weathered zinc", /^Pre-weathered/],
    ["stone-ware", /^Porcelain stoneware/],
    ["wood-look", /wood look/i],
    ["marble-look", /marble look/i],
  ),
  ...texts(
    "unicode",
    ["Be\u0301ton", /^Béton/],
    ["Béton", /^Béton/],
    ["beton", /^(Béton|Sichtbeton)/],
    ["BÉTON", /^Béton/],
    ["ｖｅｌｖｅｔ", VELVET],
    ["Ｏａｋ", OAK],
    ["Bouclé", /^Bouclé/],
    ["boucle", /^Bouclé/],
    ["Porrino", /^Rosa Porriño/],
    ["Porrin\u0303o", /^Rosa Porriño/],
    ["дуб", /^Дуб/],
    ["ДУБ", /^Дуб/],
    ["паркетная доска", /^Дуб/],
    ["ﬂoat glass", /^Float glass/],
  ),
  ...texts(
    "other language",
    ["Eiche", /^Oak cladding/],
    ["Eichenbretter", /^Oak cladding/],
    ["Eichenbrett", /^Oak cladding/],
    ["Fassade", /^(Oak cladding|Klinker)/],
    ["Leinen", /^Leinenstoff/],
    ["Vorhang", /^Leinenstoff/],
    ["Kissen", /^Leinenstoff/],
    ["Sichtbeton", /^Sichtbeton/],
    ["Fertigteil", /^Sichtbeton/],
    ["Ziegel", /^Klinker/],
    ["roble", /^Madera/],
    ["tablón de roble", /^Madera/],
    ["madera maciza", /^Madera/],
    ["aceite", /^Madera/],
    ["travertino", TRAVERTINE],
  ),
  ...texts(
    "stop word",
    ["It", /^IT office/],
    ["it carpet", /^IT office/],
    ["IT", /^IT office/],
  ),
  ...pictures(
    "picture",
    ["wood.jpg", "", WOOD],
    ["granite.jpg", "", GRANITE],
    ["marble.jpg", "", MARBLE],
    ["brick.jpg", "", BRICK],
    ["brushed-metal.jpg", "", /stainless|alumini?um|brushed|steel/i],
    ["woven-cloth.jpg", "", CLOTH],
  ),
  ...pictures(
    "picture and text",
    ["wood.jpg", "floor", /^(White oak|European oak|Smoked oak|Дуб|White ash|Scots pine|Madera)/],
    ["wood.jpg", "worktop", /^(Bamboo|Iroko|Hard maple)/],
    ["wood.jpg", "veneer", /veneer/i],
    ["wood.jpg", "terrace", /decking/i],
    ["marble.jpg", "bathroom", /^(Carrara|Nero|Calacatta|Statuario|Emperador|Tumbled)/],
    ["marble.jpg", "gold veins", /^Calacatta/],
    ["granite.jpg", "paving", /^(Grey granite|Granite sett)/],
    ["brick.jpg", "facade", /^(Red clay|Reclaimed|Long format|Klinker)/],
    ["brushed-metal.jpg", "kitchen splashback", /^(Brushed stainless|Stainless steel 1\.4301)/],
    ["brushed-metal.jpg", "railing", /^Stainless steel 1\.4404/],
    ["woven-cloth.jpg", "sofa", /upholstery|velvet|corduroy|tweed|bouclé|denim|canvas/i],
    ["woven-cloth.jpg", "curtain", /curtain|sheer|velvet|Leinen|silk/i],
  ),
];
