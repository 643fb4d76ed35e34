-- A small public catalogue to search in: `deno task demo`, and the labelled queries of
-- `deno task bench ranking`. What an analysis could not tell is null.
--
-- May run again: what is there stays as it is.

insert into public.materials_catalog (id, name, category, description, properties)
values
  (
    '11000001-0000-4000-8000-000000000000',
    'White oak plank flooring', 'flooring',
    'Engineered planks with a matte lacquer, brushed along the grain.',
    '{"thickness_mm": 14, "width_mm": 190, "species": "oak"}'
  ),
  (
    '11000002-0000-4000-8000-000000000000',
    'American walnut veneer', 'veneer',
    'Sliced veneer on a fleece back, for cabinets and doors.',
    '{"thickness_mm": 0.6, "species": "walnut"}'
  ),
  (
    '11000003-0000-4000-8000-000000000000',
    'Pine lining board', 'cladding',
    'Tongue and groove boards for walls and ceilings.',
    '{"thickness_mm": 12.5, "species": "pine"}'
  ),
  (
    '11000004-0000-4000-8000-000000000000',
    'Bamboo worktop', 'worktops',
    'Pressed strands, harder than oak.',
    '{"thickness_mm": 38}'
  ),
  (
    '11000005-0000-4000-8000-000000000000',
    'Carrara marble slab', 'stone',
    'Polished slabs from Tuscany.',
    '{"thickness_mm": 20, "origin": "Italy"}'
  ),
  (
    '11000006-0000-4000-8000-000000000000',
    'Nero Marquina marble tile', 'tiles',
    'Black marble with white veins.',
    '{"thickness_mm": 10, "origin": "Spain"}'
  ),
  (
    '11000007-0000-4000-8000-000000000000',
    'Grey granite kerb', 'stone',
    'Flamed blocks for streets and gardens.',
    '{"thickness_mm": 150, "origin": "Portugal"}'
  ),
  (
    '11000008-0000-4000-8000-000000000000',
    'Rosa Porriño granite worktop', 'worktops',
    'Pink granite, polished.',
    '{"thickness_mm": 30, "origin": "Spain"}'
  ),
  (
    '11000009-0000-4000-8000-000000000000',
    'Welsh slate roofing', 'roofing',
    'Natural slates, split by hand.',
    '{"thickness_mm": 7, "origin": "Wales"}'
  ),
  (
    '1100000a-0000-4000-8000-000000000000',
    'Travertine wall tile', 'tiles',
    'Honed and filled limestone.',
    '{"thickness_mm": 12, "origin": "Turkey"}'
  ),
  (
    '1100000b-0000-4000-8000-000000000000',
    'Red clay facing brick', 'masonry',
    'Wire-cut bricks in stretcher bond.',
    '{"height_mm": 65, "frost_resistant": true}'
  ),
  (
    '1100000c-0000-4000-8000-000000000000',
    'White glazed brick slip', 'masonry',
    'Thin bricks for interior walls.',
    '{"height_mm": 65, "frost_resistant": false}'
  ),
  (
    '1100000d-0000-4000-8000-000000000000',
    'Brushed stainless steel sheet', 'metal',
    'Grade 304, grain 240.',
    '{"thickness_mm": 1.5, "grade": "304"}'
  ),
  (
    '1100000e-0000-4000-8000-000000000000',
    'Anodised aluminium panel', 'metal',
    'Facade cassettes, natural colour.',
    '{"thickness_mm": 3, "grade": "5005"}'
  ),
  (
    '1100000f-0000-4000-8000-000000000000',
    'Hammered copper sheet', 'metal',
    'Worked by hand, darkens with age.',
    '{"thickness_mm": 1}'
  ),
  (
    '11000010-0000-4000-8000-000000000000',
    'Corten steel plate', 'metal',
    'Weathering steel with a stable rust layer.',
    '{"thickness_mm": 4}'
  ),
  (
    '11000011-0000-4000-8000-000000000000',
    'Blue woven upholstery', 'textiles',
    'Wool blend for chairs and sofas.',
    '{"weight_gsm": 420, "washable": false}'
  ),
  (
    '11000012-0000-4000-8000-000000000000',
    'Natural linen curtain fabric', 'textiles',
    'Washed linen, loosely woven.',
    '{"weight_gsm": 180, "washable": true}'
  ),
  (
    '11000013-0000-4000-8000-000000000000',
    'Green velvet', 'textiles',
    'Cotton velvet with a dense pile.',
    '{"weight_gsm": 310, "washable": false}'
  ),
  (
    '11000014-0000-4000-8000-000000000000',
    'Cognac saddle leather', 'leather',
    'Full grain, vegetable tanned.',
    '{"thickness_mm": 3.5}'
  ),
  (
    '11000015-0000-4000-8000-000000000000',
    'Terracotta hexagon tile', 'tiles',
    'Unglazed, made by hand.',
    '{"thickness_mm": 20}'
  ),
  (
    '11000016-0000-4000-8000-000000000000',
    'Polished concrete floor', 'concrete',
    'Power floated and sealed.',
    '{"thickness_mm": 100}'
  ),
  (
    '11000017-0000-4000-8000-000000000000',
    'Fluted glass', 'glass',
    'Toughened, vertical flutes.',
    '{"thickness_mm": 6}'
  ),
  (
    '11000018-0000-4000-8000-000000000000',
    'Lime plaster', 'wall finishes',
    'Breathable render, hand trowelled.',
    '{"coats": 2}'
  )
on conflict do nothing;

insert into public.material_visual_analysis (
  material_id, material_type, surface_texture, color_description, finish_type, pattern_grain,
  reflectivity, visual_characteristics, structural_properties, llama_model_version,
  llama_confidence_score, analysis_confidence, processing_status, source_image_hash
)
select
  seed.material_id::uuid, seed.type, seed.texture, seed.colors, seed.finish, seed.pattern,
  seed.reflectivity, seed.prose, seed.structure::jsonb, 'seed', seed.confidence, seed.confidence,
  'completed', 'seed'
from (
  values
    (
      '11000001-0000-4000-8000-000000000000', 'white oak', 'fine', 'light brown, beige', 'matte',
      'grain', 'low', 0.86,
      'Light brown oak with straight, even grain and a few small knots. A fine, matte surface for floors, wall panels and table tops.',
      '{"family": "wood", "transparency": "opaque", "applications": ["flooring", "wall panels", "furniture"], "style": ["scandinavian", "natural"], "lookalikes": ["ash"]}'
    ),
    (
      '11000002-0000-4000-8000-000000000000', 'walnut', 'fine', 'dark brown, warm brown', 'satin',
      'grain', 'low', 0.88,
      'Dark brown walnut with flowing grain and purple undertones, satin to the touch. Used for cabinets, doors and interior panels.',
      '{"family": "wood", "transparency": "opaque", "applications": ["furniture", "doors"], "style": ["mid-century"], "lookalikes": ["rosewood"]}'
    ),
    (
      '11000003-0000-4000-8000-000000000000', 'pine', 'fine', 'warm brown, yellow', 'oiled',
      'grain', 'low', 0.81,
      'Warm yellowish brown softwood with wide grain and round knots. Lining of walls and ceilings.',
      '{"family": "wood", "transparency": "opaque", "applications": ["wall panels", "ceilings"], "style": ["rustic"], "lookalikes": ["larch"]}'
    ),
    (
      '11000004-0000-4000-8000-000000000000', 'bamboo', 'fine', 'warm brown, beige', 'oiled',
      'striped', 'low', 0.72,
      'Narrow strands of warm brown and beige side by side, a regular striped grain. Kitchen worktops and stair treads.',
      '{"family": "wood", "transparency": "opaque", "applications": ["worktops", "stairs"], "style": ["modern"], "lookalikes": ["oak"]}'
    ),
    (
      '11000005-0000-4000-8000-000000000000', 'carrara marble', 'smooth', 'white, light grey', 'polished',
      'veined', 'high', 0.9,
      'White marble with soft grey veins, polished to a shine. Bathrooms, worktops and floors.',
      '{"family": "stone", "transparency": "opaque", "applications": ["worktops", "bathrooms", "flooring"], "style": ["classic"], "lookalikes": ["quartz composite"]}'
    ),
    (
      '11000006-0000-4000-8000-000000000000', 'black marble', 'smooth', 'black, white', 'polished',
      'veined', 'high', 0.89,
      'Deep black marble crossed by sharp white veins, polished. Feature walls and bathrooms.',
      '{"family": "stone", "transparency": "opaque", "applications": ["wall tiles", "bathrooms"], "style": ["luxury"], "lookalikes": ["slate"]}'
    ),
    (
      '11000007-0000-4000-8000-000000000000', 'granite', 'coarse', 'grey, dark grey', 'raw',
      'speckled', 'low', 0.87,
      'Coarse grey granite with black and white speckles, flamed and slip resistant. Kerbs, steps and paving.',
      '{"family": "stone", "transparency": "opaque", "applications": ["paving", "steps"], "style": ["industrial"], "lookalikes": ["terrazzo"]}'
    ),
    (
      '11000008-0000-4000-8000-000000000000', 'pink granite', 'smooth', 'pink, warm grey', 'polished',
      'speckled', 'high', 0.83,
      'Pink and warm grey crystals with dark specks under a polished surface. Worktops and window sills.',
      '{"family": "stone", "transparency": "opaque", "applications": ["worktops", "window sills"], "style": ["classic"], "lookalikes": ["terrazzo"]}'
    ),
    (
      '11000009-0000-4000-8000-000000000000', 'slate', 'rough', 'dark grey, blue', 'raw',
      'plain', 'low', 0.78,
      'Dark blue grey slate with a rough, split face. Roofs and facades.',
      '{"family": "stone", "transparency": "opaque", "applications": ["roofing", "facades"], "style": ["traditional"], "lookalikes": ["fibre cement"]}'
    ),
    (
      '1100000a-0000-4000-8000-000000000000', 'travertine', 'pitted', 'beige, cream', 'honed',
      'irregular', 'low', 0.8,
      'Beige limestone with pits and soft bands, honed. Walls, fireplaces and spas.',
      '{"family": "stone", "transparency": "opaque", "applications": ["wall tiles", "bathrooms"], "style": ["mediterranean"], "lookalikes": ["limestone"]}'
    ),
    (
      '1100000b-0000-4000-8000-000000000000', 'clay brick', 'rough', 'reddish brown, warm grey', 'raw',
      'bond', 'low', 0.91,
      'Reddish brown bricks with warm grey mortar joints in a regular bond. Facades and garden walls.',
      '{"family": "brick", "transparency": "opaque", "applications": ["facades", "garden walls"], "style": ["industrial", "traditional"], "lookalikes": ["terracotta tile"]}'
    ),
    (
      '1100000c-0000-4000-8000-000000000000', 'glazed brick', 'smooth', 'white, light grey', 'glazed',
      'bond', 'high', 0.76,
      'White glazed brick slips with light grey joints, shining. Kitchens and shop fronts.',
      '{"family": "brick", "transparency": "opaque", "applications": ["wall tiles", "kitchens"], "style": ["metro"], "lookalikes": ["ceramic tile"]}'
    ),
    (
      '1100000d-0000-4000-8000-000000000000', 'stainless steel', 'smooth', 'grey, light grey', 'brushed',
      'grain', 'medium', 0.88,
      'Cool grey stainless steel brushed in one direction. Kitchens, lifts and splashbacks.',
      '{"family": "metal", "transparency": "opaque", "applications": ["kitchens", "lifts"], "style": ["industrial"], "lookalikes": ["aluminium"]}'
    ),
    (
      '1100000e-0000-4000-8000-000000000000', 'aluminium', 'smooth', 'light grey', 'satin',
      'plain', 'medium', 0.79,
      'Even light grey aluminium with a satin, anodised finish. Facades and window frames.',
      '{"family": "metal", "transparency": "opaque", "applications": ["facades", "window frames"], "style": ["modern"], "lookalikes": ["stainless steel"]}'
    ),
    (
      '1100000f-0000-4000-8000-000000000000', 'copper', 'rough', 'orange, brown', 'hammered',
      'irregular', 'high', 0.84,
      'Orange copper with a hammered, shining surface. Basins, bars and lamps.',
      '{"family": "metal", "transparency": "opaque", "applications": ["basins", "lighting"], "style": ["artisan"], "lookalikes": ["bronze"]}'
    ),
    (
      '11000010-0000-4000-8000-000000000000', 'weathering steel', 'rough', 'orange, dark brown', 'raw',
      'irregular', 'none', 0.77,
      'Rust orange and dark brown steel, rough and matt. Facades, planters and sculptures.',
      '{"family": "metal", "transparency": "opaque", "applications": ["facades", "planters"], "style": ["industrial"], "lookalikes": ["rusted iron"]}'
    ),
    (
      '11000011-0000-4000-8000-000000000000', 'wool blend', 'coarse', 'blue, dark blue', 'matte',
      'weave', 'none', 0.85,
      'Muted blue cloth in a coarse basket weave. Upholstery for chairs and sofas.',
      '{"family": "textile", "transparency": "opaque", "applications": ["upholstery"], "style": ["contemporary"], "lookalikes": ["denim"]}'
    ),
    (
      '11000012-0000-4000-8000-000000000000', 'linen', 'woven', 'beige, cream', 'matte',
      'weave', 'none', 0.82,
      'Cream linen with an open, irregular weave that lets light through. Curtains and table cloths.',
      '{"family": "textile", "transparency": "translucent", "applications": ["curtains"], "style": ["natural"], "lookalikes": ["cotton"]}'
    ),
    (
      '11000013-0000-4000-8000-000000000000', 'velvet', 'fine', 'green, dark green', 'satin',
      'plain', 'low', null::real,
      'Deep green velvet with a soft, dense pile that catches the light. Curtains and cushions.',
      '{"family": "textile", "transparency": "opaque", "applications": ["upholstery", "curtains"], "style": ["luxury"], "lookalikes": ["velour"]}'
    ),
    (
      '11000014-0000-4000-8000-000000000000', 'cowhide', 'fine', 'warm brown, orange', 'satin',
      'plain', 'low', 0.83,
      'Warm brown full grain leather with small natural marks. Seats, straps and handles.',
      '{"family": "leather", "transparency": "opaque", "applications": ["upholstery", "handles"], "style": ["classic"], "lookalikes": ["faux leather"]}'
    ),
    (
      '11000015-0000-4000-8000-000000000000', 'terracotta', 'rough', 'orange, reddish brown', 'raw',
      'geometric', 'none', 0.86,
      'Unglazed orange clay tiles in hexagons, each a little different. Floors of kitchens and terraces.',
      '{"family": "ceramic", "transparency": "opaque", "applications": ["flooring"], "style": ["mediterranean"], "lookalikes": ["brick"]}'
    ),
    (
      '11000016-0000-4000-8000-000000000000', 'concrete', 'smooth', 'grey', 'polished',
      'plain', 'medium', null::real,
      'Even grey concrete with faint clouds, sealed to a soft shine. Floors of lofts and halls.',
      '{"family": "concrete", "transparency": "opaque", "applications": ["flooring"], "style": ["industrial"], "lookalikes": ["microcement"]}'
    ),
    (
      '11000017-0000-4000-8000-000000000000', 'fluted glass', 'ribbed', 'clear', 'glossy',
      'striped', 'high', 0.81,
      'Clear glass with vertical ribs that blur what is behind. Doors and partitions.',
      '{"family": "glass", "transparency": "translucent", "applications": ["partitions", "doors"], "style": ["art deco"], "lookalikes": ["acrylic"]}'
    ),
    (
      '11000018-0000-4000-8000-000000000000', 'lime plaster', 'smooth', 'off-white, cream', 'matte',
      'plain', 'none', 0.74,
      'Off-white lime plaster with soft trowel marks. Interior walls of old and new houses.',
      '{"family": "plaster", "transparency": "opaque", "applications": ["interior walls"], "style": ["traditional"], "lookalikes": ["clay plaster"]}'
    )
) seed (
  material_id, type, texture, colors, finish, pattern, reflectivity, confidence, prose, structure
)
-- By hand, because an older table may lack the unique constraint that "on conflict" would need.
where not exists (
  select from public.material_visual_analysis present
  where present.material_id = seed.material_id::uuid and present.source_image_hash = 'seed'
);
